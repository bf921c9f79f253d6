"""`adagrad`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel

KERNEL = Kernel(
    "adagrad",
    Path(__file__).with_name("kernel.cu"),
    parameters=(
        *("b", "a", "lr", "v0"),
        *("torch_lr", "lr_decay", "eps"),
    ),
    steps=(FusedStep(("lr", "lr_decay", "eps", "t"), ("v",)),),
)

compute = KERNEL.compute
