// Broadcasting is reading with a stride of 0: an axis that is repeated has its places in the same memory.

// A thread a cell of the result [rows, columns]: both operands as they are read there, and what is made of
// them: 0 plus, 1 minus, 2 times, 3 above.
extern "C" __global__ void combine(const double *left, const double *right, double *left_read,
                                   double *right_read, double *result, long long rows, long long columns,
                                   long long left_down, long long left_across, long long right_down,
                                   long long right_across, long long operation) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= rows * columns) return;
    long long i = at / columns, j = at % columns;
    double a = left[i * left_down + j * left_across], b = right[i * right_down + j * right_across];
    left_read[at] = a;
    right_read[at] = b;
    result[at] = operation == 0 ? a + b : operation == 1 ? a - b : operation == 2 ? a * b : a > b ? 1.0 : 0.0;
}

// A thread a line: the mean of `length` numbers that lie `stride` apart, the lines `next` apart.
extern "C" __global__ void means(const double *grid, double *found, long long lines, long long length,
                                 long long next, long long stride) {
    long long line = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (line >= lines) return;
    double sum = 0;
    for (long long place = 0; place < length; ++place) sum += grid[line * next + place * stride];
    found[line] = sum / length;
}

// A thread a pair of shapes of `axes` sizes, NaN where there is no axis: the sizes of the result, NaN where
// there is no axis or none that fits; how many numbers a, b and the result have.
extern "C" __global__ void rule(const double *a, const double *b, double *sizes, double *numbers,
                                long long pairs, long long axes) {
    long long pair = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (pair >= pairs) return;
    double counts[3] = {1, 1, 1};
    for (long long axis = 0; axis < axes; ++axis) {
        double x = a[pair * axes + axis], y = b[pair * axes + axis], size = nan("");
        bool none = isnan(x) && isnan(y);
        x = isnan(x) ? 1 : x;
        y = isnan(y) ? 1 : y;
        if (!none && (x == y || y == 1)) size = x;
        else if (!none && x == 1) size = y;
        sizes[pair * axes + axis] = size;
        counts[0] *= x;
        counts[1] *= y;
        if (!none) counts[2] *= size;
    }
    for (int place = 0; place < 3; ++place) numbers[3 * pair + place] = counts[place];
}
