"""The devices that kernels are tested on: the processor, and a GPU where there is one."""

import pytest

from sheetsim.gpu.compile import find_compiler
from sheetsim.gpu.device import no_gpu


@pytest.fixture(params=["host", "cuda:0"])
def device(request: pytest.FixtureRequest) -> str:
    if request.param == "host" and not find_compiler():
        pytest.skip("no C++ compiler")
    if request.param != "host" and no_gpu():
        pytest.skip(no_gpu())
    return str(request.param)
