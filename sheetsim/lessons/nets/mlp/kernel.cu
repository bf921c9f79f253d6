// A network with a hidden layer: the layers of dense.cuh, and what stands between them.
#include "../_shared/dense.cuh"

// Sigmoid, binary cross-entropy, whether the guess is right, and the slope of the mean loss.
extern "C" __global__ void sigmoid_loss(const double *logit, const double *y, double *p, double *loss,
                                        double *right, double *delta, long long count) {
    long long k = here();
    if (k >= count) return;
    double z = logit[k];
    p[k] = z < -700 ? 0 : 1 / (1 + exp(-z));  // as the cell, where EXP(710) is an error
    loss[k] = (z > 0 ? z : 0) - z * y[k] + log(1 + exp(-fabs(z)));
    right[k] = isfinite(z) ? ((z > 0) == (y[k] > 0.5) ? 1 : 0) : nan("");
    delta[k] = (p[k] - y[k]) / count;
}

// Two layers with nothing between, as one: bias, then weights. A thread a column of layer 1.
extern "C" __global__ void one_layer(const double *layer1, const double *layer2, double *single,
                                     long long hidden, long long inputs) {
    long long k = here();
    if (k >= 1 + inputs) return;
    double sum = 0;
    for (long long unit = 0; unit < hidden; ++unit) sum += layer2[1 + unit] * layer1[unit * (1 + inputs) + k];
    single[k] = k ? sum : sum + layer2[0];
}

// Learning rates: a row for 2 groups and more, each rate the same multiple of the one before.
extern "C" __global__ void slices(double *rates, long long rows, long long most, double first, double last) {
    long long row = here();
    if (row >= rows) return;
    double factor = pow(last / first, 1.0 / (row + 1)), power = 1;
    for (long long k = 0; k < most; ++k) {
        rates[row * most + k] = k < row + 2 ? first * power : nan("");
        power *= factor;
    }
}
