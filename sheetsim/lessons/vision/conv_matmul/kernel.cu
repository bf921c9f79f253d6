// A convolution by a sliding window, by unfolding and one matrix product (im2col), and by a banded matrix.
// The matrix product goes through shared memory, tile by tile, each sum in the order of its terms.

// One result a thread: the window at (i, j) times the weights, row by row.
extern "C" __global__ void slide(const double *image, const double *weights, double *result, long long size,
                                 long long k) {
    long long out = size - k + 1, at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= out * out) return;
    const double *window = image + at / out * size + at % out;
    double sum = 0;
    for (long long u = 0; u < k; ++u)
        for (long long v = 0; v < k; ++v) sum += window[u * size + v] * weights[u * k + v];
    result[at] = sum;
}

// im2col: row p of the matrix holds the pixels of window p.
extern "C" __global__ void unfold(const double *image, double *unfolded, long long size, long long k) {
    long long out = size - k + 1, at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= out * out * k * k) return;
    long long patch = at / (k * k), weight = at % (k * k);
    unfolded[at] = image[(patch / out + weight / k) * size + patch % out + weight % k];
}

// The convolution as one matrix: row p has the weights where window p has its pixels, and zeros.
extern "C" __global__ void band(const double *weights, double *matrix, long long size, long long k) {
    long long out = size - k + 1, pixels = size * size;
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= out * out * pixels) return;
    long long patch = at / pixels, pixel = at % pixels;
    long long u = pixel / size - patch / out, v = pixel % size - patch % out;
    bool inside = u >= 0 && u < k && v >= 0 && v < k;
    matrix[at] = inside ? weights[u * k + v] : 0.0;
}

// c = a b, with a [rows, inner] and b [inner, columns]; a block makes one tile of c.
extern "C" __global__ void multiply(const double *a, const double *b, double *c, long long rows,
                                    long long inner, long long columns) {
    constexpr int TILE = 16;
    __shared__ double left[TILE][TILE], right[TILE][TILE], sum[TILE][TILE];
    long long across = (columns + TILE - 1) / TILE;
    long long top = blockIdx.x / across * TILE, start = blockIdx.x % across * TILE;
    for (int cell = threadIdx.x; cell < TILE * TILE; cell += blockDim.x) sum[cell / TILE][cell % TILE] = 0;
    for (long long first = 0; first < inner; first += TILE) {
        for (int cell = threadIdx.x; cell < TILE * TILE; cell += blockDim.x) {
            int i = cell / TILE, j = cell % TILE;
            if (top + i < rows && first + j < inner) left[i][j] = a[(top + i) * inner + first + j];
            if (first + i < inner && start + j < columns) right[i][j] = b[(first + i) * columns + start + j];
        }
        __syncthreads();
        int terms = inner - first < TILE ? (int)(inner - first) : TILE;
        for (int cell = threadIdx.x; cell < TILE * TILE; cell += blockDim.x) {
            int i = cell / TILE, j = cell % TILE;
            if (top + i >= rows || start + j >= columns) continue;
            for (int term = 0; term < terms; ++term) sum[i][j] += left[i][term] * right[term][j];
        }
        __syncthreads();
    }
    for (int cell = threadIdx.x; cell < TILE * TILE; cell += blockDim.x) {
        int i = cell / TILE, j = cell % TILE;
        if (top + i < rows && start + j < columns) c[(top + i) * columns + start + j] = sum[i][j];
    }
}

// a - b, rounded to 12 places, halves away from zero.
extern "C" __global__ void subtract(const double *a, const double *b, double *result, long long count) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= count) return;
    double difference = a[at] - b[at];
    double rounded = floor(fabs(difference) * 1e12 + 0.5) / 1e12;
    result[at] = difference < 0 ? -rounded : rounded;
}

// The products of one window, and their sum, by one thread.
extern "C" __global__ void weigh(const double *window, const double *weights, double *products, double *sum,
                                 long long count) {
    if (blockIdx.x * (long long)blockDim.x + threadIdx.x) return;
    double total = 0;
    for (long long at = 0; at < count; ++at) total += products[at] = window[at] * weights[at];
    *sum = total;
}

// What each way costs for a picture of n by n: see the columns of the block.
extern "C" __global__ void count(const double *n, double *costs, long long rows, double k) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= rows) return;
    double side = n[at] - k + 1, outputs = side * side, pixels = n[at] * n[at], *row = costs + 5 * at;
    row[0] = outputs;
    row[1] = row[2] = outputs * (k * k);
    row[3] = outputs * pixels;
    row[4] = k * k / pixels;
}
