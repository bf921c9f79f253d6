// Softmax and sigmoid: a thread takes a row of `count` outputs, and adds up from the first to the last.
// What a cell shows as an error, a number too large or a division by zero, is NaN here.

__device__ double known(double x) { return isfinite(x) ? x : nan(""); }

// e^x, its share of their sum, the sum of both; as books have it.
extern "C" __global__ void plain(const double *x, double *e, double *share, double *totals, long long rows,
                                 long long count) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const long long first = row * count, last = first + count;
    double sum = 0, shares = 0;
    for (long long i = first; i < last; ++i) sum += e[i] = known(exp(x[i]));
    sum = known(sum);
    for (long long i = first; i < last; ++i) shares += share[i] = known(e[i] / sum);
    totals[2 * row] = sum;
    totals[2 * row + 1] = shares;
}

// The largest is subtracted first; the logarithm needs no division.
extern "C" __global__ void stable(const double *x, double *less, double *e, double *share, double *logs,
                                  double *totals, long long rows, long long count) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const long long first = row * count, last = first + count;
    double largest = x[first], sum = 0, shares = 0;
    for (long long i = first; i < last; ++i) largest = fmax(largest, x[i]);
    for (long long i = first; i < last; ++i) sum += e[i] = exp(less[i] = x[i] - largest);
    for (long long i = first; i < last; ++i) {
        shares += share[i] = e[i] / sum;
        logs[i] = less[i] - log(sum);
    }
    totals[2 * row] = sum;
    totals[2 * row + 1] = shares;
}

// The sigmoid from e^x, as the course's sheet has it.
extern "C" __global__ void binary(const double *e, double *result, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) result[i] = known(e[i] / (1 + e[i]));
}

extern "C" __global__ void affine(const double *x, double *result, long long count, double scale,
                                  double shift) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) result[i] = x[i] * scale + shift;
}

extern "C" __global__ void logarithm(const double *x, double *result, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) result[i] = known(log(x[i]));
}

// What softmax and sigmoid see in a picture, and how many classes they have wrong.
extern "C" __global__ void pick(const double *x, const double *present, const double *softmax, double *sigmoid,
                                double *sums, double *one, double *one_wrong, double *many,
                                double *many_wrong, long long rows, long long count, double threshold) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const long long first = row * count, last = first + count;
    double largest = softmax[first];
    for (long long i = first; i < last; ++i) largest = fmax(largest, softmax[i]);
    sums[row] = one_wrong[row] = many_wrong[row] = 0;
    for (long long i = first; i < last; ++i) {
        sums[row] += sigmoid[i] = 1 / (1 + known(exp(-x[i])));
        one[i] = softmax[i] == largest;
        many[i] = isnan(sigmoid[i]) ? sigmoid[i] : sigmoid[i] > threshold;
        one_wrong[row] += (one[i] - present[i]) * (one[i] - present[i]);
        many_wrong[row] += (many[i] - present[i]) * (many[i] - present[i]);
    }
}

// Both losses of one image with class `target` right, and their gradients; a thread takes a class.
extern "C" __global__ void gradient(const double *x, const double *e, const double *p, const double *totals,
                                    double *of_softmax, double *of_sigmoid, double *jacobian,
                                    long long count, long long target) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    double largest = x[0];
    for (long long j = 0; j < count; ++j) largest = fmax(largest, x[j]);
    const double y = i + 1 == target;
    double *cells = of_softmax + 6 * i;
    cells[0] = e[i];
    cells[1] = p[i];
    cells[2] = y;
    cells[3] = -y * (x[i] - largest - log(totals[0]));
    cells[4] = known(-y / p[i]);
    cells[5] = p[i] - y;
    const double s = 1 / (1 + known(exp(-x[i])));
    of_sigmoid[3 * i] = s;
    of_sigmoid[3 * i + 1] = fmax(x[i], 0.0) - x[i] * y + log(1 + exp(-fabs(x[i])));
    of_sigmoid[3 * i + 2] = s - y;
    for (long long j = 0; j < count; ++j) jacobian[i * count + j] = p[i] * ((i == j) - p[j]);
}

// The sum of each column of a block, times a weight for each row.
extern "C" __global__ void add_up(const double *cells, const double *weights, double *sums, long long rows,
                                  long long columns) {
    long long column = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (column >= columns) return;
    double sum = 0;
    for (long long row = 0; row < rows; ++row) sum += weights[row] * cells[row * columns + column];
    sums[column] = sum;
}
