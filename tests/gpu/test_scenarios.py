"""Scenarios as a CUDA kernel: the same source on a GPU, or as C++, against NumPy's engine."""

import numpy as np
import pytest

from sheetsim.backends.kernels import ENTRY, SliceKernel
from sheetsim.backends.scenarios import Scenarios
from sheetsim.errors import SheetsimError
from sheetsim.gpu.compile import compile_device, find_compiler
from sheetsim.gpu.scenarios import ScenarioKernel
from sheetsim.ir.lower import Unsuited
from sheetsim.plan.schedule import make_plan
from sheetsim.run.batches import NumberFunction
from sheetsim.run.inputs import places
from sheetsim.workbook import Workbook
from tests.engine.test_loops import adam
from tests.engine.test_scenarios import CASES, grades

pytestmark = pytest.mark.skipif(find_compiler() is None, reason="no C++ compiler")


def kernel_of(book: Workbook, inputs: list[str], outputs: list[str]) -> SliceKernel:
    return SliceKernel.of(book, make_plan(book), places(book, inputs), places(book, outputs))


@pytest.mark.parametrize("name", CASES)
def test_the_kernel_gives_what_the_engine_gives(name):
    make, inputs, outputs, values = CASES[name]
    if values is None:
        values = np.random.default_rng(2).normal(size=(5, 150, 1))
    kernel = ScenarioKernel(kernel_of(make(), inputs, outputs), "host")
    blocks, failed = kernel([values.reshape(len(values), *kernel.kernel.inputs[0][1].shape)])
    alone = NumberFunction(make(), places(make(), inputs), places(make(), outputs))
    for number, value in enumerate(values):
        wanted = [np.atleast_2d(block) for block in alone(value)]
        assert bool(failed[number]) == any(np.isnan(block).any() for block in wanted)
        for block, one in zip(blocks, wanted, strict=True):
            if not failed[number]:
                np.testing.assert_array_equal(block[number], one)


def test_functions_of_the_library_are_within_their_units():
    book = Workbook()
    sheet = book.add_sheet("s")
    sheet.set("A1", 0.5)
    sheet.fill("B1", "EXP(A1)+LN(1+A1^2)+TANH(A1)*SIN(A1)-LOG10(2+A1^0.3)")
    kernel = ScenarioKernel(kernel_of(book, ["s!A1"], ["s!B1"]), "host")
    xs = np.linspace(0.01, 3, 200)
    (block,), failed = kernel([xs[:, None, None]])
    assert not failed.any()
    run = NumberFunction(book, places(book, ["s!A1"]), places(book, ["s!B1"]))
    np.testing.assert_allclose(block[:, 0, 0], [run(x) for x in xs], rtol=4e-15)


@pytest.mark.parametrize("name", CASES)
def test_the_kernel_compiles_for_a_gpu(name, tmp_path):
    pytest.importorskip("cuda.core")
    make, inputs, outputs, _ = CASES[name]
    source = tmp_path / "kernel.cu"
    source.write_text(kernel_of(make(), inputs, outputs).source, encoding="utf-8")
    assert ENTRY.encode() in compile_device(source, "sm_90")
    source.with_name("broken.cu").write_text(source.read_text().replace("bool fine", "bool fin"))
    with pytest.raises(SheetsimError, match="does not compile"):
        compile_device(source.with_name("broken.cu"), "sm_90")


def test_what_is_no_loop_of_numbers_is_refused():
    with pytest.raises(Unsuited, match="text"):
        kernel_of(grades(), ["s!D1"], ["s!F1"])


def test_threads_share_the_scenarios():
    """More workers than one, each with memory of its own."""
    book = adam(10)
    kernel = kernel_of(book, ["adam!D2"], ["adam!I13"])
    many = ScenarioKernel(kernel, "host")
    rates = np.linspace(0.01, 0.5, 23)
    found, failed = np.empty((23, 1)), np.zeros(23, np.uint8)
    memory = many.kernels.upload(np.full(5 * len(kernel.base), np.nan))
    given = rates[:, None].copy()
    many.kernels.launch(ENTRY, 5, *kernel.arguments(given, memory, found, failed, 23, 5))
    pytest.importorskip("llvmlite")
    own = Scenarios.of(book, make_plan(book), places(book, ["adam!D2"]), places(book, ["adam!I13"]))
    np.testing.assert_array_equal(found, own.run([rates[:, None, None]])[0][0][:, 0])
