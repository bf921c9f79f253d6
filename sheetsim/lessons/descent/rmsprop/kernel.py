"""`rmsprop`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel

KERNEL = Kernel(
    "rmsprop",
    Path(__file__).with_name("kernel.cu"),
    parameters=(
        *("b", "a", "lr", "alpha", "v0"),
        *("torch_lr", "torch_alpha", "eps"),
    ),
    steps=(FusedStep(("lr", "alpha", "eps"), ("v",)),),
)

compute = KERNEL.compute
