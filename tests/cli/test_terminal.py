"""What a workbook says is shown, not obeyed: no escape sequence, markup or endless line out of a file."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from rich.console import Console

from sheetsim.checking import recalc
from sheetsim.checking.outcome import BlockOutcome, Difference, JudgeOutcome, Outcome
from sheetsim.checking.report import outcome_report, recalculation_lines
from sheetsim.cli import main
from sheetsim.cli.output import print_json
from sheetsim.errors import printable
from tests.xlsx.packages import write_package

EVIL = "\x1b]0;owned\x07\x1b[31m\x9b1m\u202e\r\n[bold red]hi[/] [link=http://x]y"
ESCAPED = "_x001B_]0;owned_x0007__x001B_[31m&#x9b;1m&#x202e;_x000D__x000A_[bold red]hi[/] [link=http://x]y"


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    rows = (
        f'<row r="1"><c r="A1" t="str"><f>"{ESCAPED}"&amp;1</f><v>{ESCAPED}</v></c>'
        f'<c r="B1"><f>FOO("{ESCAPED}")</f><v>1</v></c>'
        f'<c r="C1"><f>{"1+" * 90_000}1</f><v>1</v></c></row>'
    )
    return write_package(tmp_path / "evil.xlsx", rows)


def test_recalc_shows_formulas_and_texts_as_they_are(evil: Path) -> None:
    found = recalc.recalculate(evil)
    assert any("\x1b" in one.formula for one in found.unsupported)  # else this tests nothing
    lines = list(recalculation_lines(found, 20))
    assert all(line.isprintable() and len(line) <= 1000 for line in lines)
    assert any("[bold red]hi[/]" in line for line in lines)


def test_json_is_ascii_and_says_all(evil: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = recalc.recalculate(evil)
    print_json(found.as_json())
    out = capsys.readouterr().out
    assert out.isascii()
    assert all(line.isprintable() for line in out.splitlines())
    assert json.loads(out)["mismatches"][0]["formula"] == f'="{EVIL}"&1'.replace("\n", "\n")


def test_check_shows_names_and_reasons_as_they_are() -> None:
    block = BlockOutcome(EVIL, EVIL, None)
    judge = JudgeOutcome("recalc", EVIL, blocks=[block])
    wrong = Difference(EVIL, 0, 0, EVIL, EVIL, EVIL, EVIL, EVIL, "recalc", 1.0, 1, EVIL)
    found = Outcome(EVIL, "adam", [judge], [wrong], notes=[EVIL])
    console = Console(force_terminal=False, width=200)
    with console.capture() as captured:
        console.print(outcome_report(found))
    lines = captured.get().split("\n")
    assert all(line.isprintable() for line in lines)
    assert any("[bold red]hi[/]" in line for line in lines)


def test_lists_end_somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recalc, "MOST_LISTED", 10)
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:C50">1</f><v>2</v></c><c r="F1">'
        '<f t="array" ref="F1:H50">FOO(1)</f></c></row>'
    ) + "".join(
        f'<row r="{row}">' + "".join(f'<c r="{c}{row}"><v>2</v></c>' for c in "ABC") + "</row>"
        for row in range(2, 51)
    )
    found = recalc.recalculate(write_package(tmp_path / "many.xlsx", rows))
    assert found.cells == 300
    assert len(found.mismatches) == len(found.unsupported) == 10
    report = found.as_json()
    assert report["left_out"] == {"unsupported": 140, "mismatches": 138}
    assert found.without_value == 2
    lines = list(recalculation_lines(found, 5))
    assert "... and 138 cells more (mismatches) that are counted only" in lines
    assert "10 cells, first one!F1: =FOO(1) cannot be computed: the function FOO is not known" in lines
    assert (
        sum(line.startswith("10 cells differ (no function), first one!A1: =1 gives 1") for line in lines) == 1
    )


def test_cells_that_only_the_calculation_shows_are_circular_are_not_said_to_agree(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>OFFSET(A1,B1,0)</f><v>5</v></c><c r="B1"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f>OFFSET(A2,B2,0)</f><v>6</v></c><c r="B2"><v>-1</v></c></row>'
        '<row r="3"><c r="A3"><f>A1+1</f><v>6</v></c></row>'
    )
    found = recalc.recalculate(write_package(tmp_path / "circle.xlsx", rows))
    assert [one.cell for one in found.unsupported] == ["one!A1", "one!A2"]
    assert (found.cells, found.agree, found.passed) == (3, 1, False)


def test_printable() -> None:
    assert printable("a\tb\x1b[0m") == "a?b?[0m"
    assert printable("abcdef", 5) == "ab..."


def test_a_stop_from_outside_is_as_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that children end and temporary folders go."""
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(main.commands, "main", lambda **_: signal.raise_signal(signal.SIGTERM))
    try:
        with pytest.raises(SystemExit) as caught:
            main.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert caught.value.code == 130
