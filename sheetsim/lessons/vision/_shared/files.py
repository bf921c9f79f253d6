"""Pictures from files: PNG and JPEG, and MNIST's own IDX files (plain or gzipped).

An IDX file (yann.lecun.com/exdb/mnist, "the IDX file format") begins with two zero bytes, the type (8: whole
numbers from 0 to 255) and how many dimensions there are, then each dimension's size in four bytes, the
highest first; the numbers follow, row by row. Pictures have three dimensions, labels one.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import warnings
import zlib
from collections.abc import Mapping
from io import BufferedIOBase
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sheetsim.errors import MissingExtra, SheetsimError
from sheetsim.lessons.vision._shared.images import SIZE

Array = NDArray[np.float64]

MOST_BYTES = 50_000_000  # of a PNG or JPEG file
MOST_PIXELS = 50_000_000
BYTES = 8  # IDX's type of whole numbers from 0 to 255
GZIP = b"\x1f\x8b"
SOURCES = ("image", "idx", "index")


def choose_image(sources: Mapping[str, str]) -> tuple[Array | None, list[str]]:
    """The picture [28, 28], from 0 to 1, that the options --image, or --idx with --index, ask for; None
    without them; and what the user should know. SheetsimError, one line, when something is wrong."""
    if "image" in sources and "idx" in sources:
        raise SheetsimError("--image and --idx: give one of them")
    if "index" in sources and "idx" not in sources:
        raise SheetsimError(f"--index {sources['index']}: it says which picture of --idx FILE; give that too")
    if "image" in sources:
        return read_image(sources["image"])
    if "idx" not in sources:
        return None, []
    text = sources.get("index", "0").strip()
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise SheetsimError(f"--index {text}: it is a whole number from 0 (the first picture) up")
    return read_idx(sources["idx"], int(text))[0], []


def read_image(path: str | os.PathLike[str]) -> tuple[Array, list[str]]:
    """A PNG or JPEG file as a picture [28, 28] from 0 to 1, grey, in full (with a border where it is not
    square), and notes. A picture whose border is bright is ink on paper: it is turned into MNIST's white on
    black."""
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise MissingExtra("Pillow", "images", "reading a PNG or JPEG file") from None
    file = Path(path)
    try:
        if file.stat().st_size > MOST_BYTES:
            raise SheetsimError(f"{file}: has more than {MOST_BYTES / 1e6:.0f} MB; make the picture smaller")
        with warnings.catch_warnings(), Image.open(file, formats=("PNG", "JPEG")) as opened:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the size is judged here
            if opened.width * opened.height > MOST_PIXELS:
                raise SheetsimError(
                    f"{file}: {opened.width} x {opened.height} pixels are too many; make the picture smaller"
                )
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
            paper = Image.new("RGBA", upright.size, "white")
            grey = Image.alpha_composite(paper, upright).convert("L")
            edge = np.asarray(grey)
            border = np.concatenate([edge[0], edge[-1], edge[:, 0], edge[:, -1]])
            ground = int(np.median(border))
            square = ImageOps.pad(grey, (SIZE, SIZE), Image.Resampling.BOX, color=ground)
    except Image.DecompressionBombError:
        raise SheetsimError(f"{file}: has too many pixels; make the picture smaller") from None
    except OSError as error:
        said = f"cannot be read: {error.strerror}" if error.strerror else "is no PNG or JPEG, or is damaged"
        raise SheetsimError(f"{file}: {said}") from None
    except (SyntaxError, ValueError, zlib.error):  # what Pillow raises for broken and hostile files
        raise SheetsimError(f"{file}: is no PNG or JPEG, or is damaged") from None
    levels = np.asarray(square, np.float64)
    if ground < 128:
        return levels / 255, []
    return (255 - levels) / 255, [f"{file}: dark on light, turned into light on dark (ink is 1, paper 0)"]


def read_idx(path: str | os.PathLike[str], first: int = 0, count: int = 1) -> Array:
    """`count` pictures [count, 28, 28], from 0 to 1, of an IDX file, beginning with number `first`."""
    return _read(Path(path), "pictures", (SIZE, SIZE), first, count) / 255


def read_labels(path: str | os.PathLike[str], first: int = 0, count: int = 1) -> NDArray[np.int64]:
    """`count` labels of an IDX file, beginning with number `first`."""
    return _read(Path(path), "labels", (), first, count).astype(np.int64)


def labels_beside(path: str | os.PathLike[str]) -> Path:
    """The file of labels that belongs to a file of pictures, by MNIST's names: train-images-idx3-ubyte.gz
    has its labels in train-labels-idx1-ubyte.gz. SheetsimError when the name is another or there is none."""
    file = Path(path)
    name = file.name.replace("images", "labels").replace("idx3", "idx1")
    for found in (
        file.with_name(name),
        file.with_name(name.removesuffix(".gz")),
        file.with_name(f"{name}.gz"),
    ):
        if name != file.name and found.is_file():
            return found
    raise SheetsimError(
        f"{file}: no file of labels beside it; MNIST's names are train-images-idx3-ubyte and "
        f"train-labels-idx1-ubyte"
    )


def _read(file: Path, what: str, shape: tuple[int, ...], first: int, count: int) -> NDArray[np.uint8]:
    """`count` items of that shape, from number `first` on."""
    try:
        with file.open("rb") as raw:
            packed = raw.read(2) == GZIP
            raw.seek(0)
            if packed:
                return _items(file, gzip.GzipFile(fileobj=raw), what, shape, first, count)
            return _items(file, raw, what, shape, first, count)
    except gzip.BadGzipFile:
        raise SheetsimError(f"{file}: is damaged (its gzip check fails)") from None
    except (EOFError, zlib.error):
        raise SheetsimError(f"{file}: ends too early, or is damaged") from None
    except OSError as error:
        raise SheetsimError(f"{file}: cannot be read: {error.strerror}") from None


def _items(
    file: Path, data: BufferedIOBase, what: str, shape: tuple[int, ...], first: int, count: int
) -> NDArray[np.uint8]:
    head, dimensions = data.read(4), 1 + len(shape)
    if len(head) < 4 or head[:2] != b"\0\0":
        raise SheetsimError(f"{file}: is no IDX file (MNIST's format)")
    if head[2] != BYTES or head[3] != dimensions:
        raise SheetsimError(
            f"{file}: holds type {head[2]} in {head[3]} dimensions; a file of {what} has type {BYTES} in "
            f"{dimensions}"
        )
    total, *found = struct.unpack(f">{dimensions}I", _exactly(data, 4 * dimensions))
    if tuple(found) != shape:
        is_, wanted = (" x ".join(str(size) for size in sizes) for sizes in (found, shape))
        raise SheetsimError(f"{file}: its {what} are {is_}; {wanted} are needed")
    if first + count > total:
        raise SheetsimError(
            f"{file}: has {total} {what}, of which the first is number 0; there is no number "
            f"{first + count - 1}"
        )
    each = math.prod(shape)
    data.seek(first * each, os.SEEK_CUR)
    return np.frombuffer(_exactly(data, count * each), np.uint8).reshape(count, *shape)


def _exactly(data: BufferedIOBase, size: int) -> bytes:
    found = data.read(size)
    if len(found) < size:
        raise EOFError
    return found
