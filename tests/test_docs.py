"""The site: it builds without a warning, has a page for each lesson, and cuts the code of each block out."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from sheetsim.lessons.kit.catalogue import NAMES

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def slices() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_slices", ROOT / "docs" / "site" / "slices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


IMPLEMENTATION = """
def twice(x):
    return 2 * x

def other(x):
    return x

def compute(inputs):
    a = inputs["a"]
    b = inputs["b"]
    total = 0
    for value in a:
        total = total + twice(value)
    blocks = {"sum": total, "plain": other(b)}
    blocks["last"] = b[-1]
    return blocks
"""


@pytest.mark.parametrize(
    ("block", "has", "has_not"),
    [
        ("sum", ["def twice", "for value in a:", 'a = inputs["a"]'], ["def other", 'inputs["b"]']),
        ("plain", ["def other", "other(b)"], ["def twice", "for value"]),
        ("last", ["b[-1]", 'b = inputs["b"]'], ["twice", "total"]),
    ],
)
def test_the_lines_that_a_block_comes_from(
    slices: ModuleType, block: str, has: list[str], has_not: list[str]
) -> None:
    code = slices.python_slice(IMPLEMENTATION, block)
    assert [text for text in has if text not in code] == []
    assert [text for text in has_not if text in code] == []


FAMILY = """
def convolve(image):
    return image

def layers(inputs):
    found = {}
    for n in (1, 2):
        found[f"conv_{n}"] = convolve(inputs)
    return found | channels("pool", found) | {f"{a}_{b}": 0 for a in "xy" for b in "z"}
"""


def test_what_a_family_says_of_a_block(slices: ModuleType) -> None:
    """Names that are put together, and the name of a layer; the lesson's own file comes first."""
    own = 'def compute(inputs):\n    return layers(inputs) | {"out": convolve(1)}\n'
    assert "def convolve" in slices.python_slice([own, FAMILY], "out")
    assert "convolve(inputs)" in slices.python_slice([own, FAMILY], "conv_2")
    assert 'channels("pool", found)' in slices.python_slice([own, FAMILY], "pool_1")
    assert slices.python_slice([own, FAMILY], "x_z") is None  # a name made of names could be any
    assert slices.python_slice(own, "conv_2") is None


def test_the_kernels_that_are_launched_for_a_block(slices: ModuleType) -> None:
    source = (
        "// Twice.\n__global__ void twice(double *a) {\n    a[0] *= 2;\n}\n\n__global__ void other() {}\n"
    )
    found = slices.launched(source, 'kernels.launch("twice", 1, a)')
    assert found == "__global__ void twice(double *a) {\n    a[0] *= 2;\n}\n"
    assert slices.launched(source, "nothing") is None


def test_a_block_that_the_code_does_not_name(slices: ModuleType) -> None:
    assert slices.python_slice(IMPLEMENTATION, "none") is None
    assert slices.kernel_slice("__global__ void f(double *rule) {}\n", "size") is None
    assert "rule" in slices.kernel_slice("__global__ void f(double *rule) {}\n", "lesson.rule")


def test_a_rule_that_is_shown_whole(slices: ModuleType) -> None:
    source = '"""What it is."""\n\nimport math\nfrom os import path\n\nRULE = 1\n\ndef f():\n    pass\n'
    assert slices.rules(source) == "RULE = 1\n\ndef f():\n    pass\n"
    kernel = '#include "host.h"\n__device__ int f() {\n    return 1;\n}\n\nstruct S {};\n'
    assert slices.kernels(kernel) == "__device__ int f() {\n    return 1;\n}\n"


@pytest.mark.xdist_group("docs")
def test_the_site_builds_with_a_page_for_each_lesson(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install 'sheetsim[docs]'")
    pytest.importorskip("mkdocstrings", reason="mkdocstrings is not installed: pip install 'sheetsim[docs]'")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in NAMES:
        page = (tmp_path / "lessons" / name / "index.html").read_text(encoding="utf-8")
        assert f"{name}.xlsx" in page
        for title in ("Excel", "NumPy", "PyTorch", "CUDA"):
            assert title in page, f"{name}: no {title}"
    size = (tmp_path / "lessons" / "embedding_size" / "index.html").read_text(encoding="utf-8")
    assert "MIN($B$4,ROUND(C7,0))" in size
    assert "half_up" in size
