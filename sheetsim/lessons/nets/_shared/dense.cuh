// Layers as kernels, a thread a result. A weight is [outputs, 1 + inputs], its bias first, and its gradient
// likewise; examples are rows. Every sum goes from its first product to its last, as in the sheet.
#pragma once

__device__ inline long long here() { return blockIdx.x * (long long)blockDim.x + threadIdx.x; }

// out[i, c] = sum over d of x[i, d] * w[c, d], then the bias
extern "C" __global__ void linear(const double *x, const double *weight, double *out, long long examples,
                                  long long outputs, long long inputs) {
    long long k = here();
    if (k >= examples * outputs) return;
    const double *row = x + k / outputs * inputs, *w = weight + k % outputs * (1 + inputs);
    double sum = 0;
    for (long long d = 0; d < inputs; ++d) sum += row[d] * w[1 + d];
    out[k] = sum + w[0];
}

// grad[c, 0] = sum over i of delta[i, c]; grad[c, 1 + d] = sum over i of delta[i, c] * x[i, d]
extern "C" __global__ void weight_grad(const double *delta, const double *x, double *grad, long long examples,
                                       long long outputs, long long inputs) {
    long long k = here();
    if (k >= outputs * (1 + inputs)) return;
    long long c = k / (1 + inputs), d = k % (1 + inputs);
    double sum = 0;
    for (long long i = 0; i < examples; ++i)
        sum += d ? delta[i * outputs + c] * x[i * inputs + d - 1] : delta[i * outputs + c];
    grad[k] = sum;
}

// out[i, d] = sum over c of delta[i, c] * w[c, d]
extern "C" __global__ void input_grad(const double *delta, const double *weight, double *out,
                                      long long examples, long long outputs, long long inputs) {
    long long k = here();
    if (k >= examples * inputs) return;
    long long i = k / inputs, d = k % inputs;
    double sum = 0;
    for (long long c = 0; c < outputs; ++c) sum += delta[i * outputs + c] * weight[c * (1 + inputs) + 1 + d];
    out[k] = sum;
}

// A step of torch.optim.SGD: weight decay is added to the gradient.
extern "C" __global__ void sgd(const double *param, const double *grad, double *next, long long count,
                               double lr, double weight_decay) {
    long long k = here();
    if (k < count) next[k] = param[k] - lr * (grad[k] + weight_decay * param[k]);
}

// ReLU; with a slope, what is below 0 is not cut off but made smaller.
extern "C" __global__ void activate(const double *z, double *h, long long count, double slope) {
    long long k = here();
    if (k < count) h[k] = z[k] > 0 ? z[k] : slope * z[k];
}

// The activation's slope, times the slope with regard to its result (in place).
extern "C" __global__ void activation_grad(const double *z, double *grad, long long count, double slope) {
    long long k = here();
    if (k < count) grad[k] *= z[k] > 0 ? 1 : slope;
}

// The mean of some numbers; a single thread.
extern "C" __global__ void mean_of(const double *values, double *out, long long count) {
    if (here()) return;
    double sum = 0;
    for (long long k = 0; k < count; ++k) sum += values[k];
    out[0] = sum / count;
}
