// Activation functions and their slopes: a thread takes one x, or one function through all layers.

#define ROOT sqrt(2 / 3.14159265358979323846)

__device__ double sigmoid(double x) { return 1 / (1 + exp(-x)); }
__device__ double tanh_of_gelu(double x) { return tanh(ROOT * (x + 0.044715 * (x * x * x))); }
__device__ double tanh_of_mish(double x) { return tanh(log(1 + exp(x))); }

// relu, leaky relu, sigmoid, tanh, silu, gelu, mish: by their places, as in __init__.py
__device__ double value(int function, double x, double leak) {
    switch (function) {
        case 0: return x > 0 ? x : 0;
        case 1: return x > 0 ? x : leak * x;
        case 2: return sigmoid(x);
        case 3: return tanh(x);
        case 4: return x * sigmoid(x);
        case 5: return 0.5 * x * (1 + tanh_of_gelu(x));
        default: return x * tanh_of_mish(x);
    }
}

__device__ double slope(int function, double x, double leak) {
    const double s = sigmoid(x), t = tanh(x), g = tanh_of_gelu(x), m = tanh_of_mish(x);
    switch (function) {
        case 0: return x > 0;
        case 1: return x > 0 ? 1 : leak;
        case 2: return s * (1 - s);
        case 3: return 1 - t * t;
        case 4: return s * (1 + x * (1 - s));
        case 5: return 0.5 * (1 + g) + 0.5 * x * (1 - g * g) * ROOT * (1 + 3 * 0.044715 * (x * x));
        default: return m + x * (1 - m * m) * s;
    }
}

// The table: values [rows, 7], slopes [rows, 7], what is inside GELU and mish [rows, 2], exact GELU [rows, 2].
extern "C" __global__ void table(const double *xs, double *values, double *slopes, double *inner,
                                 double *exact, long long rows, double leak, double scale) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const double x = xs[row];
    for (int f = 0; f < 7; ++f) {
        values[7 * row + f] = value(f, x, leak);
        slopes[7 * row + f] = slope(f, x, leak);
    }
    inner[2 * row] = tanh_of_gelu(x);
    inner[2 * row + 1] = tanh_of_mish(x);
    const double gelu = rint(x * (0.5 * erfc(-x / sqrt(2.0))) * scale) / scale;
    exact[2 * row] = gelu;
    exact[2 * row + 1] = rint((values[7 * row + 5] - gelu) * scale) / scale;
}

// Layer after layer, [layers + 1, functions]: what comes out, and the product of the slopes.
extern "C" __global__ void layers(double *signals, double *passed, long long count, long long functions,
                                  double signal, double leak) {
    long long f = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (f >= functions) return;
    double x = signal, product = 1;
    signals[f] = x;
    passed[f] = product;
    for (long long layer = 1; layer <= count; ++layer) {
        product = product * slope((int)f, x, leak);
        x = value((int)f, x, leak);
        signals[layer * functions + f] = x;
        passed[layer * functions + f] = product;
    }
}
