// What a CUDA kernel needs so that it compiles and runs as plain C++, where there is no GPU.
//
//     #include "host.h"
//     #include "kernel.cu"
//     HOST_ENTRY(run)         // extern "C" void run_host(unsigned grid, unsigned block, void **arguments)
//
// The entry runs the threads one after another, so they cannot wait for each other: a kernel that shares
// memory within a block and waits goes through its work in steps of blockDim.x, and is run here with blocks of
// one thread, for which __syncthreads() has nothing to do.
// Its arguments are addresses of the values, as cuLaunchKernel takes them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstring>
#include <utility>

// Hidden, so that no other library's function of the same name is called in a kernel's place.
#define __global__ __attribute__((visibility("hidden")))
#define __device__
#define __shared__ static thread_local
#define __syncthreads() static_cast<void>(0)

using std::isfinite;
using std::isnan;
using std::memcpy;
using std::nan;
using std::sqrt;

struct Dim3 {
    unsigned x = 1, y = 1, z = 1;
};

inline thread_local Dim3 threadIdx, blockIdx, blockDim, gridDim;

template <class... Values, std::size_t... Place>
void run_threads(void (*kernel)(Values...), unsigned grid, unsigned block, void **arguments,
                 std::index_sequence<Place...>) {
    gridDim.x = grid;
    blockDim.x = block;
    for (blockIdx.x = 0; blockIdx.x < grid; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < block; ++threadIdx.x)
            kernel(*static_cast<Values *>(arguments[Place])...);
}

template <class... Values>
void run_threads(void (*kernel)(Values...), unsigned grid, unsigned block, void **arguments) {
    run_threads(kernel, grid, block, arguments, std::index_sequence_for<Values...>{});
}

#define HOST_ENTRY(kernel)                                                               \
    extern "C" void kernel##_host(unsigned grid, unsigned block, void **arguments) {     \
        run_threads(kernel, grid, block, arguments);                                     \
    }
