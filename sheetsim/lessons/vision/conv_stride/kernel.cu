// Convolutions with stride and padding, and pooling.

// One cell a thread: for each channel that goes in the sum of pixel * weight, row by row; the sums added up;
// ReLU. `grid` is [channels, size, size], `weights` [filters, channels, k, k], `result` [filters, out, out].
extern "C" __global__ void convolve(const double *grid, const double *weights, double *result,
                                    long long channels, long long size, long long filters, long long k,
                                    long long stride, long long padding) {
    long long out = (size + 2 * padding - k) / stride + 1;
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= filters * out * out) return;
    long long filter = at / (out * out), row = at / out % out, column = at % out;
    double total = 0;
    for (long long channel = 0; channel < channels; ++channel) {
        const double *from = grid + channel * size * size;
        const double *with = weights + (filter * channels + channel) * k * k;
        double sum = 0;
        for (long long u = 0; u < k; ++u)
            for (long long v = 0; v < k; ++v) {
                long long i = row * stride - padding + u, j = column * stride - padding + v;
                if (i >= 0 && i < size && j >= 0 && j < size) sum += from[i * size + j] * with[u * k + v];
            }
        total = channel ? total + sum : sum;
    }
    result[at] = total > 0 ? total : 0;
}

// The mean and the largest of each 2 x 2 cells.
extern "C" __global__ void pool(const double *grid, double *average, double *largest, long long channels,
                                long long size) {
    long long out = size / 2, at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= channels * out * out) return;
    const double *corner = grid + at / (out * out) * size * size + at / out % out * 2 * size + at % out * 2;
    average[at] = (corner[0] + corner[1] + corner[size] + corner[size + 1]) / 4;
    largest[at] = fmax(fmax(corner[0], corner[1]), fmax(corner[size], corner[size + 1]));
}

// A thread a channel: the largest and the mean of all its cells, all the largest first.
extern "C" __global__ void join(const double *grid, double *joined, long long channels, long long cells) {
    long long channel = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (channel >= channels) return;
    const double *from = grid + channel * cells;
    double largest = from[0], sum = 0;
    for (long long cell = 0; cell < cells; ++cell) {
        largest = fmax(largest, from[cell]);
        sum += from[cell];
    }
    joined[channel] = largest;
    joined[channels + channel] = sum / cells;
}

// One thread: the tables. `sizes` [layers + 1, 2], `field` [layers + 1, 5], `costs` [layers, 3].
extern "C" __global__ void tables(double *sizes, double *field, double *costs, long long layers,
                                  long long size, long long filters, long long k, long long stride,
                                  long long padding, long long row, long long column) {
    if (blockIdx.x * (long long)blockDim.x + threadIdx.x) return;
    long long jump = 1, dense = size, first_size = size;
    for (long long layer = 0; layer <= layers; ++layer) {
        if (layer) {
            long long weights = k * k * filters * (layer == 1 ? 1 : filters);
            size = (size + 2 * padding - k) / stride + 1;
            dense += 2 * padding - k + 1;
            jump *= stride;
            double *cost = costs + 3 * (layer - 1);
            cost[0] = weights;
            cost[1] = weights * size * size;
            cost[2] = weights * dense * dense;
        }
        sizes[2 * layer] = size;
        sizes[2 * layer + 1] = jump;
    }
    long long top = row < size ? row : size, left = column < size ? column : size;
    long long bottom = top, right = left, seen = 1;
    for (long long layer = layers; layer >= 0; --layer) {
        if (layer < layers) {
            long long length = layer ? (long long)sizes[2 * layer] : first_size;
            seen = (seen - 1) * stride + k;
            top = (top - 1) * stride - padding + 1;
            left = (left - 1) * stride - padding + 1;
            bottom = (bottom - 1) * stride - padding + k;
            right = (right - 1) * stride - padding + k;
            top = top < 1 ? 1 : top;
            left = left < 1 ? 1 : left;
            bottom = bottom > length ? length : bottom;
            right = right > length ? length : right;
        }
        double *line = field + 5 * layer;
        line[0] = seen;
        line[1] = top;
        line[2] = bottom;
        line[3] = left;
        line[4] = right;
    }
}
