"""`weight_decay`, told by a CUDA kernel: see kernel.cu."""

from pathlib import Path

from sheetsim.lessons.descent._shared.kernel import FusedStep, Kernel

RULES = ("sgd_l2", "sgd_decay", "adam_l2", "adam_decay")
SGD = ("lr", "weight_decay")
ADAM = (*SGD, "beta1", "beta2", "eps", "correction1", "correction2")

KERNEL = Kernel(
    "weight_decay",
    Path(__file__).with_name("kernel.cu"),
    parameters=(
        *("b", "a", "lr", "sgd_lr", "weight_decay", "beta1", "beta2", "m0", "v0"),
        *("torch_lr", "torch_sgd_lr", "torch_weight_decay", "torch_beta1", "torch_beta2", "eps"),
    ),
    steps=(
        FusedStep(SGD, (), "step_sgd_l2"),
        FusedStep(SGD, (), "step_sgd_decay"),
        FusedStep(ADAM, ("m", "v"), "step_adam_l2"),
        FusedStep(ADAM, ("m", "v"), "step_adam_decay"),
    ),
    rules=RULES,
)

compute = KERNEL.compute
