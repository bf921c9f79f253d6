"""`momentum`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel

KERNEL = Kernel(
    "momentum",
    Path(__file__).with_name("kernel.cu"),
    parameters=(
        *("b", "a", "lr", "momentum", "m0"),
        *("torch_lr", "torch_momentum", "dampening"),
    ),
    steps=(FusedStep(("lr", "momentum", "dampening", "t"), ("m",)),),
)

compute = KERNEL.compute
