"""Make the pictures of the README and of the lessons' pages anew: real workbooks, drawn by LibreOffice.

    python docs/pictures.py                 all of them
    python docs/pictures.py conv dropout    the pages of these lessons

Needs sheetsim, LibreOffice (`soffice`), poppler-utils (`pdftoppm`, `pdftotext`) and Pillow, and, for letters
as wide as Calibri's, the font Carlito (Debian: fonts-crosextra-carlito). Each workbook is printed to a PDF;
a page is found by the sheet's name in its footer, drawn, and cut to what is on it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageChops

from sheetsim.lessons.kit.catalogue import NAMES, lesson
from sheetsim.lessons.kit.export import export, make_book

FOLDER = Path(__file__).parent / "pictures"

# file name, lesson, settings, sheet, dots per inch
PICTURES: list[tuple[str, str, dict[str, float], str, int]] = [
    ("adam.png", "adam", {}, "adam", 190),
    ("adam_summary.png", "adam", {"epochs": 30}, "adam summary", 190),
    ("adam_about.png", "adam", {}, "adam about", 130),
]

# The sheet on a lesson's page, where it is not the lesson's first after the one that explains.
SHOWN = {
    "activations": "activations charts",
    "one_cycle": "one_cycle summary",
    "lr_finder": "lr_finder suggestion",
    "logistic": "logistic pictures",
    "mlp": "mlp picture",
    "collab_nn": "collab_nn found",
    "entity_embeddings": "entity_embeddings summary",
}
WIDEST = 1500  # pixels of a picture on a lesson's page
TALLEST = 1100

MARGIN = 12  # pixels left around the content
FOOTER = 0.92  # the share of a page's height that is above its footer


def printed(name: str, settings: dict[str, float], folder: Path) -> Path:
    """The PDF of a lesson's workbook."""
    file = export(lesson(name), folder / f"{name}.xlsx", settings=settings, force=True)
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", folder, file], check=True, capture_output=True
    )
    return file.with_suffix(".pdf")


def page_of(pdf: Path, sheet: str) -> int:
    """The number of the first page of a sheet, by the page's footer. LookupError where there is none."""
    text = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True
    ).stdout
    for number, page in enumerate(text.split("\f"), 1):
        if any(line.split("page ")[0].strip() == sheet for line in page.splitlines() if "page " in line):
            return number
    raise LookupError(f"{pdf.name} has no page of the sheet {sheet}")


def drawn(pdf: Path, page: int, dpi: int) -> Image.Image:
    """A page without its footer and empty margins."""
    stem = pdf.with_name("page")
    place = ["-f", str(page), "-l", str(page), "-r", str(dpi), "-singlefile"]
    subprocess.run(["pdftoppm", "-png", *place, pdf, stem], check=True)
    image = Image.open(stem.with_suffix(".png")).convert("RGB")
    image = image.crop((0, 0, image.width, int(image.height * FOOTER)))
    left, top, right, bottom = ImageChops.invert(image).getbbox() or (0, 0, image.width, image.height)
    return image.crop((left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN))


def save(picture: Image.Image, file: str) -> None:
    few = picture.quantize(256, dither=Image.Dither.NONE)  # a spreadsheet has few colours
    few.save(FOLDER / file, optimize=True)
    sys.stdout.write(f"{file}: {picture.width} x {picture.height}\n")


def main(names: list[str]) -> None:
    (FOLDER / "lessons").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for file, name, settings, sheet, dpi in PICTURES if not names else ():
            pdf = printed(name, settings, Path(folder))
            save(drawn(pdf, page_of(pdf, sheet), dpi), file)
        for name in names or NAMES:
            pdf = printed(name, {}, Path(folder))
            sheet = SHOWN.get(name) or make_book(lesson(name)).sheets[1].name
            picture = drawn(pdf, page_of(pdf, sheet), 190)
            picture.thumbnail((WIDEST, TALLEST), Image.Resampling.LANCZOS)
            save(picture, f"lessons/{name}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
