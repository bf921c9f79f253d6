// Convolution, max pooling, a dense unit and Park and Miller's generator.
//
// Every sum is in the sheet's order: a filter in reading order, then channel by channel.
#pragma once

constexpr int KERNEL = 3;  // rows and columns of a filter
constexpr int TILE = 16;   // rows and columns of outputs that a block works out
constexpr int PATCH = TILE + KERNEL - 1;

// Direct convolution and ReLU. image [channels, rows, columns], weight [out_channels, channels, 3, 3], out
// [out_channels, out_rows, out_columns]; what lies outside of the image is 0. A block is one tile of one output
// channel: it reads the part of the image that its outputs see once into shared memory, where each number is
// used nine times.
extern "C" __global__ void convolve(const double *image, const double *weight, double *out, long long channels,
                                    long long rows, long long columns, long long out_channels,
                                    long long out_rows, long long out_columns) {
    __shared__ double patch[PATCH * PATCH], total[TILE * TILE];
    long long tiles_across = (out_columns + TILE - 1) / TILE, tiles_down = (out_rows + TILE - 1) / TILE;
    long long left = blockIdx.x % tiles_across * TILE;
    long long top = blockIdx.x / tiles_across % tiles_down * TILE;
    long long channel = blockIdx.x / (tiles_across * tiles_down);
    if (channel >= out_channels) return;  // the whole block, so that nobody waits for it
    for (long long from = 0; from < channels; ++from) {
        const double *seen = image + from * rows * columns;
        for (int i = threadIdx.x; i < PATCH * PATCH; i += blockDim.x) {
            long long row = top + i / PATCH, column = left + i % PATCH;
            patch[i] = row < rows && column < columns ? seen[row * columns + column] : 0.0;
        }
        __syncthreads();
        const double *taps = weight + (channel * channels + from) * KERNEL * KERNEL;
        for (int i = threadIdx.x; i < TILE * TILE; i += blockDim.x) {
            double sum = 0;
            for (int row = 0; row < KERNEL; ++row)
                for (int column = 0; column < KERNEL; ++column)
                    sum += patch[(i / TILE + row) * PATCH + i % TILE + column] * taps[row * KERNEL + column];
            total[i] = from ? total[i] + sum : sum;
        }
        __syncthreads();
    }
    for (int i = threadIdx.x; i < TILE * TILE; i += blockDim.x) {
        long long row = top + i / TILE, column = left + i % TILE;
        if (row < out_rows && column < out_columns)
            out[(channel * out_rows + row) * out_columns + column] = total[i] > 0 ? total[i] : 0.0;
    }
}

// The largest of each 2x2 window; a window at the edge may reach past it. A thread an output.
extern "C" __global__ void max_pool(const double *image, double *out, long long channels, long long rows,
                                    long long columns) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    long long out_rows = (rows + 1) / 2, out_columns = (columns + 1) / 2;
    if (i >= channels * out_rows * out_columns) return;
    long long column = i % out_columns * 2, row = i / out_columns % out_rows * 2;
    const double *seen = image + i / (out_rows * out_columns) * rows * columns;
    double most = seen[row * columns + column];
    for (int k = 1; k < 4; ++k) {
        long long r = row + k / 2, c = column + k % 2;
        if (r < rows && c < columns && seen[r * columns + c] > most) most = seen[r * columns + c];
    }
    out[i] = most;
}

// All activations [channels, count] times their weights: each channel in order, then the channels. One thread,
// as another order would give another last bit.
extern "C" __global__ void dense(const double *activation, const double *weight, double *out, long long channels,
                                 long long count) {
    if (blockIdx.x || threadIdx.x) return;
    double total = 0;
    for (long long channel = 0; channel < channels; ++channel) {
        double sum = 0;
        for (long long i = channel * count; i < (channel + 1) * count; ++i) sum += weight[i] * activation[i];
        total = channel ? total + sum : sum;
    }
    *out = total;
}

// State number `step` (1: the first) after a seed: seed * 16807^step mod 2147483647, by squaring.
__device__ inline unsigned long long park_miller(unsigned long long seed, unsigned long long step) {
    const unsigned long long modulus = 2147483647;
    unsigned long long state = seed, power = 16807;
    for (; step; step /= 2) {
        if (step % 2) state = state * power % modulus;
        power = power * power % modulus;
    }
    return state;
}
