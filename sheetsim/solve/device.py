"""Where torch computes."""

from __future__ import annotations

from importlib.util import find_spec

from sheetsim.errors import MissingExtra, SheetsimError


def torch_device(name: str | None, purpose: str) -> str:
    """torch's device of that name ("cpu", "cuda", "cuda:1"); None is the GPU where there is one.
    SheetsimError, one line, when it is not there; MissingExtra without torch, which `purpose` needs."""
    if find_spec("torch") is None:
        raise MissingExtra("PyTorch", "solve", purpose)
    import torch

    if name is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind, _, number = name.partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdecimal()):
        raise SheetsimError(f"no device {name!r}; there are cpu, cuda and, of several GPUs, cuda:1 and so on")
    count = torch.cuda.device_count() if kind == "cuda" and torch.cuda.is_available() else 0
    if kind == "cuda" and int(number or 0) >= count:
        found = f"finds {count} of them" if count else "finds none"
        raise SheetsimError(
            f"--device {name}: PyTorch {torch.__version__} needs an NVIDIA GPU and {found}; use cpu"
        )
    return name
