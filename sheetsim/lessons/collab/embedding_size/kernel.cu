// The size of an embedding for each category, a thread a category.

__device__ double half_up(double x) { return floor(x + 0.5); }

extern "C" __global__ void sizes(const double *n, double *rule, double *size, double *weights, double *saved,
                                 double *older, long long count, double factor, double exponent,
                                 double largest) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    rule[i] = factor * pow(n[i], exponent);
    const double rounded = half_up(rule[i]);
    size[i] = rounded > largest ? largest : rounded;  // fmin would make a number of a NaN
    weights[i] = n[i] * size[i];
    saved[i] = n[i] / size[i];
    older[i] = fmin(50.0, floor((n[i] + 1) / 2));
}
