// Averages that forget. What one row hands to the next one thread works out; the rest a thread a row.

// base^exponent: whole exponents up to 64 by repeated multiplication.
__device__ double power(double base, double exponent) {
    if (exponent != floor(exponent) || exponent < 0 || exponent > 64) return pow(base, exponent);
    double result = 1;
    for (int i = 0; i < (int)exponent; ++i) result *= base;
    return result;
}

// held*keep + value*share, value after value: how optimisers and batch norm write it.
extern "C" __global__ void average(const double *values, double *result, long long count, double start,
                                   double keep, double share) {
    if (blockIdx.x || threadIdx.x) return;
    for (long long i = 0; i < count; ++i) result[i] = start = start * keep + values[i] * share;
}

// held + (value - held)*share: a step towards each value.
extern "C" __global__ void approach(const double *values, double *result, long long count, double start,
                                    double share) {
    if (blockIdx.x || threadIdx.x) return;
    for (long long i = 0; i < count; ++i) result[i] = start = start + (values[i] - start) * share;
}

// The moving variance, from the distance of each value from the average so far.
extern "C" __global__ void moving_variance(const double *deltas, double *result, long long count,
                                           double start, double keep, double share) {
    if (blockIdx.x || threadIdx.x) return;
    for (long long i = 0; i < count; ++i)
        result[i] = start = keep * (start + deltas[i] * deltas[i] * share);
}

extern "C" __global__ void powers(const double *exponents, double *result, long long count, double base) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) result[i] = power(base, exponents[i]);
}

// Mean, variance and mean square of `span` values from each `step`th value on, three numbers a row.
extern "C" __global__ void statistics(const double *values, double *result, long long rows, long long span,
                                      long long step) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    double sum = 0, squares = 0;
    for (long long i = row * step; i < row * step + span; ++i) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    result[3 * row] = sum / span;
    result[3 * row + 1] = (span * squares - sum * sum) / (span * span);
    result[3 * row + 2] = squares / span;
}

extern "C" __global__ void dot(const double *x, const double *y, double *result, long long count) {
    if (blockIdx.x || threadIdx.x) return;
    double sum = 0;
    for (long long i = 0; i < count; ++i) sum += x[i] * y[i];
    result[0] = sum;
}
