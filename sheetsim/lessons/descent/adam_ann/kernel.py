"""`adam_ann`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel

KERNEL = Kernel(
    "adam_ann",
    Path(__file__).with_name("kernel.cu"),
    parameters=(
        *("b", "a", "lr", "beta1", "beta2", "m0", "v0"),
        *("torch_lr", "torch_beta1", "torch_beta2", "eps"),
    ),
    steps=(FusedStep(("lr", "beta1", "beta2", "eps", "correction1", "correction2"), ("m", "v")),),
)

compute = KERNEL.compute
