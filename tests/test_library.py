"""The library's front door: `import sheetsim as ss` and what its users write."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sheetsim as ss

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def adam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ss.lesson("adam").export(tmp_path_factory.mktemp("library") / "adam.xlsx", lr=0.2, epochs=2)


def test_every_public_name_is_there() -> None:
    assert all(getattr(ss, name) is not None for name in ss.__all__)
    assert set(ss.__all__) <= set(dir(ss))
    assert ss.__version__
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        _ = ss.chek  # type: ignore[attr-defined]


def test_check_can_be_called_before_and_after_its_package_is_imported(adam: Path) -> None:
    code = (
        "import sheetsim as ss\n"
        f"path = {str(adam)!r}\n"
        "assert ss.check(path, against='arrays').passed\n"
        "import sheetsim.checking.compare\n"
        "assert ss.check(path, against='arrays')['arrays'].cells > 0\n"
        "from sheetsim.checking.run import check\n"
        "assert check(path, against='arrays').passed\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=120)


def test_check_and_its_report(adam: Path) -> None:
    found = ss.check(adam, against="recalc,arrays")
    assert found.passed
    assert "arrays passed" in str(found)
    with pytest.raises(KeyError):
        found["torch"]
    with pytest.raises(ss.SheetsimError):
        ss.check("none.xlsx")


def test_lessons() -> None:
    assert "adam" in ss.LESSONS
    assert ss.lesson("adam").title == "Adam"
    with pytest.raises(ss.SheetsimError, match="did you mean 'adam'"):
        ss.lesson("adan")
    with pytest.raises(ss.SheetsimError, match="lr must be above 0"):
        ss.lesson("adam").export("never.xlsx", lr=-1)
    assert not Path("never.xlsx").exists()


def test_a_block_is_an_array(adam: Path) -> None:
    book = ss.read(adam)
    block = book["adam"]["E4:E32"]
    assert isinstance(block, np.ndarray)
    assert (block.shape, block.dtype) == ((29, 1), np.float64)
    x, y, b, a = (book["ADAM"][f"{column}4:{column}32"] for column in "ABCD")
    np.testing.assert_array_equal(block, b + a * x)
    assert type(block + 1) is np.ndarray
    assert type(block[0]) is np.ndarray
    assert float(y.sum()) == sum(row[0] for row in y.cells())
    assert book["adam"]["D2"][0, 0] == 0.2
    assert book["adam"]["A:A"].shape[0] < 100  # clipped to the cells in use
    assert book["adam"]["A3:B4"].cells() == [["x", "y"], [x[0, 0], y[0, 0]]]


def test_calculated_values_replace_stored_ones(adam: Path, tmp_path: Path) -> None:
    from tests.checking.packages import edit_cell

    book = ss.read(edit_cell(adam, tmp_path / "changed.xlsx", "adam", "E4", value="0.5"))
    assert book["adam"]["E4"][0, 0] == 0.5
    assert "stored values" in repr(book)
    assert book.calculate() is book
    assert book["adam"]["E4"][0, 0] == ss.read(adam)["adam"]["E4"][0, 0] != 0.5
    assert "calculated" in repr(book)


def test_a_book_is_saved_with_its_computed_values(adam: Path, tmp_path: Path) -> None:
    from tests.checking.packages import edit_cell

    stale = edit_cell(adam, tmp_path / "stale.xlsx", "adam", "E20", value="0.5")
    book = ss.read(stale)
    book.save(tmp_path / "same.xlsx")
    assert (tmp_path / "same.xlsx").read_bytes() == stale.read_bytes()
    book.calculate().save(tmp_path / "fresh.xlsx")
    assert ss.read(tmp_path / "fresh.xlsx")["adam"]["E20"] == ss.read(adam)["adam"]["E20"]
    with pytest.raises(ss.SheetsimError, match="is there already"):
        book.save(tmp_path / "fresh.xlsx")
    book.save(str(tmp_path / "fresh.xlsx"), force=True)
    book.add_sheet("another")
    with pytest.raises(ss.SheetsimError, match="has got sheets that its file has not"):
        book.save(tmp_path / "more.xlsx")


def test_html_of_a_block(adam: Path) -> None:
    book = ss.read(adam)
    html = book["adam"]["A3:B5"]._repr_html_()
    assert html is not None
    assert "<th>A</th><th>B</th>" in html
    assert "<tr><th>3</th><td>x</td><td>y</td></tr>" in html
    long = book["adam epochs"]["A1:Z1000"]._repr_html_()
    assert long is not None
    assert long.count("<tr>") < 70
    assert "... to Z1000" in long
    assert book["adam"]["A3:B5"].T._repr_html_() is None


def test_html_is_escaped() -> None:
    workbook = ss.Workbook()
    workbook.add_sheet("<b>").set("A1", "<script>")
    html = ss.Book(workbook)["<b>"]["A1"]._repr_html_()
    assert html is not None
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "<caption>&lt;b&gt;" in html


def test_frame(adam: Path) -> None:
    pytest.importorskip("pandas")
    frame = ss.read(adam)["adam"].frame("A3:M32")
    assert frame.shape == (29, 13)
    assert list(frame.columns[:3]) == ["x", "y", "b"]
    assert (frame.index[0], frame.index[-1]) == (4, 32)
    assert frame["y"].dtype == np.float64


def test_frame_without_pandas(adam: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ss.MissingExtra, match=r"frame\(\) needs pandas: pip install 'sheetsim\[pandas\]'"):
        ss.read(adam)["adam"].frame("A3:M32")


def test_wrong_addresses(adam: Path) -> None:
    book = ss.read(adam)
    with pytest.raises(KeyError, match="no sheet 'adan'"):
        book["adan"]
    with pytest.raises(ss.SheetsimError, match="'E4-E5' is not a range"):
        book["adam"]["E4-E5"]
    for inputs, said in (
        (["D2"], "give the sheet"),
        (["adam!D"], "is not a range"),
        (["no!D2"], "give the sheet"),
    ):
        with pytest.raises(ss.SheetsimError, match=said):
            book.function(inputs, ["adam!I32"])
    with pytest.raises(ss.SheetsimError, match="backend 'jax'"):
        book.function(["adam!D2"], ["adam!I32"], backend="jax")


def test_the_numpy_function_recalculates(adam: Path, tmp_path: Path) -> None:
    book = ss.read(adam)
    run = book.function(inputs=["adam!D2"], outputs=["adam!I32"])
    assert run(0.2) == book["adam"]["I32"][0, 0]
    other = ss.lesson("adam").export(tmp_path / "other.xlsx", lr=0.05, epochs=2)
    assert run(0.05) == ss.read(other)["adam"]["I32"][0, 0]
    assert run(0.2) == book["adam"]["I32"][0, 0]  # nothing is left behind
    with pytest.raises(ss.SheetsimError, match="takes 1 inputs, not 2"):
        run(0.1, 0.2)


def test_an_input_may_stand_instead_of_a_formula(adam: Path) -> None:
    book = ss.read(adam)
    gradients = book["adam"]["F4:F32"]
    run = book.function(inputs=["adam!F10"], outputs=["adam!F4:F32", "adam!G9:G11"])
    column, beside = run(7.0)
    assert column[6, 0] == 7.0
    np.testing.assert_array_equal(column[:6], gradients[:6])  # the rows above keep their formula
    assert column[7, 0] != gradients[7, 0]  # and those below follow
    assert beside[1, 0] == 7.0 * book["adam"]["A10"][0, 0]


def test_the_torch_function_has_gradients(adam: Path) -> None:
    torch = pytest.importorskip("torch")
    book = ss.read(adam)
    run = book.function(inputs=["adam!D2"], outputs=["adam!I32"], backend="torch")
    lr = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)
    value = run(lr)
    value.sum().backward()
    plain = book.function(inputs=["adam!D2"], outputs=["adam!I32"])
    assert float(value.detach().sum()) == pytest.approx(plain(0.2), rel=1e-14)
    slope = (plain(0.2 + 1e-6) - plain(0.2 - 1e-6)) / 2e-6
    assert float(lr.grad) == pytest.approx(slope, rel=1e-6)


def test_the_torch_function_without_torch(adam: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr("sheetsim.book.find_spec", lambda name: None if name == "torch" else find(name))
    with pytest.raises(ss.MissingExtra, match=r"PyTorch: pip install 'sheetsim\[torch\]'"):
        ss.read(adam).function(["adam!D2"], ["adam!I32"], backend="torch")
