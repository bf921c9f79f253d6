"""CUDA kernels: compiled at run time, launched on a GPU, or on the processor where there is none.

    find_device()            "cuda:0", "host" or None, and why
    machine(device)          the device to put arrays on and to load a kernel.cu for

The same source file runs in both places: NVRTC (through cuda-core) makes GPU code of it; `host.h` and the
machine's C++ compiler make a shared library of it. Both round every operation as IEEE 754 says, with no fused
multiply-add, so that they agree bit for bit.
"""
