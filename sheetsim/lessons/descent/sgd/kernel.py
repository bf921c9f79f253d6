"""`sgd`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel

KERNEL = Kernel(
    "sgd",
    Path(__file__).with_name("kernel.cu"),
    parameters=(
        *("b", "a", "lr"),
        *("torch_lr",),
    ),
    steps=(FusedStep(("lr",)),),
)

compute = KERNEL.compute
