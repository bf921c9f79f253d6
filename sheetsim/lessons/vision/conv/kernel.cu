// The net of `conv`, what one cell of it sees, the numbers from the seed, and what it costs.
#include "../_shared/vision.cuh"

// Numbers from the seed, a thread a number that jumps to its own state: out [count, (state, uniform, weight)].
extern "C" __global__ void weights(double *out, long long seed, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    double state = (double)park_miller(seed, i + 1);
    out[3 * i] = state;
    out[3 * i + 1] = state / 2147483647.0;
    out[3 * i + 2] = 2 * out[3 * i + 1] - 1;
}

__device__ inline double least(double a, double b) { return a < b ? a : b; }

// What a cell of layer 0 (conv1), 1 (conv2) or 2 (pool) sees, layer by layer from the cell down to the image:
// field [(image, conv1, conv2, pool), (first row, last row, first column, last column)]. place: the cells of
// conv1 and conv2 that are worked out.
extern "C" __global__ void look(double *field, double *place, long long layer, double row, double column) {
    if (blockIdx.x || threadIdx.x) return;
    const double rows[3] = {26, 24, 12}, columns[3] = {26, 25, 13};
    for (int i = 0; i < 16; ++i) field[i] = nan("");
    double *seen = field + 4 * (layer + 1);
    seen[0] = seen[1] = least(row, rows[layer]);
    seen[2] = seen[3] = least(column, columns[layer]);
    for (long long below = layer; below >= 0; --below) {
        double *from = field + 4 * below, *to = from + 4;
        bool pooled = below == 2;
        for (int side = 0; side < 4; side += 2) {
            from[side] = pooled ? 2 * to[side] - 1 : to[side];
            from[side + 1] = pooled ? 2 * to[side + 1] : to[side + 1] + 2;
        }
        if (below) from[3] = least(from[3], columns[below - 1]);
    }
    for (int axis = 0; axis < 2; ++axis) {
        place[axis] = field[4 + 2 * axis];
        place[2 + axis] = layer ? field[8 + 2 * axis] : least(axis ? column : row, axis ? columns[1] : rows[1]);
    }
}

// The part of a picture under a filter at (row, column), counted from 1, and its products with the filter; what
// lies outside of the picture is 0. A thread a tap.
extern "C" __global__ void patch(const double *picture, const double *weight, const double *place, double *out,
                                 double *product, long long columns) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= KERNEL * KERNEL) return;
    long long row = (long long)place[0] - 1 + i / KERNEL, column = (long long)place[1] - 1 + i % KERNEL;
    out[i] = column < columns ? picture[row * columns + column] : 0.0;
    product[i] = out[i] * weight[i];
}

// From the products [(conv1; conv2 from channel 1, from channel 2), 9] to sums and activations [6].
extern "C" __global__ void sums(const double *product, double *out) {
    if (blockIdx.x || threadIdx.x) return;
    double sum[3] = {0, 0, 0};
    for (int i = 0; i < 27; ++i) sum[i / 9] += product[i];
    double total = sum[1] + sum[2];
    const double row[6] = {sum[0], sum[0] > 0 ? sum[0] : 0, sum[1], sum[2], total, total > 0 ? total : 0};
    for (int i = 0; i < 6; ++i) out[i] = row[i];
}

// A row for each convolution: outputs, taps, multiplications, weights, numbers in im2col's matrix, inputs, numbers
// in the matrix from all inputs to all outputs, how many times more those are. A thread a row.
extern "C" __global__ void cost(double *out) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i > 1) return;
    double pixels = i ? 24 * 25 : 26 * 26, taps = i ? 2 * KERNEL * KERNEL : KERNEL * KERNEL;
    double seen = i ? 2 * 26 * 26 : 28 * 28, outputs = 2 * pixels;
    const double row[8] = {outputs,       taps, outputs * taps, 2 * taps,
                           pixels * taps, seen, outputs * seen, outputs * seen / (outputs * taps)};
    for (int column = 0; column < 8; ++column) out[8 * i + column] = row[column];
}
