"""The report as a page: what it says, that nothing of the file gets into its markup, what a browser shows."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from sheetsim.address import Rect
from sheetsim.checking.compare import Level
from sheetsim.checking.html import COLOURS, _squares, html_report, write_report
from sheetsim.checking.outcome import Difference, Outcome
from sheetsim.checking.run import check
from sheetsim.errors import SheetsimError
from sheetsim.lessons.kit.catalogue import lesson
from sheetsim.lessons.kit.export import export
from tests.checking.packages import edit_cell

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
INK = {level: ink for level, (ink, _) in COLOURS.items()}


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("html")
    good = export(lesson("embedding_size"), folder / "good.xlsx")
    return edit_cell(good, folder / "changed.xlsx", "embedding_size", "C9", value="7")


def test_the_changed_cell_is_the_only_red_square(changed: Path) -> None:
    page = html_report([check(changed, against=["recalc", "arrays"])])
    assert "embedding_size!C9" in page
    reds = re.findall(rf'fill="{INK[Level.DIFFERS]}"><title>([^:<]*):', page)
    assert set(reds) == {"C9"}
    assert INK[Level.IDENTICAL] in page


def test_nothing_of_the_file_gets_into_the_markup() -> None:
    bad = "<script>alert(1)</script>"
    difference = Difference(bad, 0, 0, bad, bad, None, bad, 1.0, "arrays", 1.0, 1, bad)
    page = html_report([Outcome(f"{bad}.xlsx", "adam", [], [difference], notes=[bad])])
    assert bad not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page


def test_the_map_of_a_large_block_shows_its_worst_cell() -> None:
    cells = np.full((5000, 90), Level.IDENTICAL, np.uint8)
    cells[4321, 77] = Level.DIFFERS
    drawing = _squares(cells, Rect(3, 2, 5003, 92))
    assert drawing.count("<rect") < 200
    (place,) = re.findall(rf'fill="{INK[Level.DIFFERS]}"><title>([^<]*): differs', drawing)
    assert Rect.parse(place).contains(4324, 79)


def test_an_odd_block_has_every_cell_on_its_map_once() -> None:
    draw = np.random.default_rng(1)
    for shape in ((1, 1), (7, 3), (61, 7), (3, 61), (100, 100)):
        cells = draw.choice(list(Level), size=shape).astype(np.uint8)
        rect = Rect(5, 4, 5 + shape[0], 4 + shape[1])
        covered = np.zeros(shape, int)
        for place in re.findall(r"<title>([A-Z0-9:]*): ", _squares(cells, rect)):
            part = Rect.parse(place).shift(-5, -4)
            covered[part.top : part.bottom, part.left : part.right] += 1
        assert (covered == 1).all()


def test_a_report_that_cannot_be_written(changed: Path, tmp_path: Path) -> None:
    found = [check(changed, against="arrays")]
    with pytest.raises(SheetsimError, match="its name ends in"):
        write_report(found, tmp_path / "report.txt")
    write_report(found, tmp_path / "report.html")
    with pytest.raises(SheetsimError, match="is there already"):
        write_report(found, tmp_path / "report.html")
    write_report(found, tmp_path / "report.html", force=True)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium to show the page")
def test_a_browser_shows_it(changed: Path, tmp_path: Path) -> None:
    from PIL import Image

    write_report([check(changed, against=["recalc", "arrays"])], tmp_path / "report.html")
    picture = tmp_path / "page.png"
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    command += ["--window-size=1200,1600", f"--screenshot={picture}", (tmp_path / "report.html").as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    seen = np.asarray(Image.open(picture).convert("RGB")).reshape(-1, 3)
    for level in (Level.IDENTICAL, Level.DIFFERS):
        ink = [int(INK[level][place : place + 2], 16) for place in (1, 3, 5)]
        assert (np.abs(seen.astype(int) - ink).max(axis=1) < 3).sum() >= 40, f"no {level.name} square"
