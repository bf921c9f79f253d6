// Softmax regression: the layers of dense.cuh, and what stands between them.
#include "../_shared/dense.cuh"

// A thread an example: p = softmax(z), the loss, whether the largest logit is the label's, the slope of the
// mean loss.
extern "C" __global__ void softmax_loss(const double *logits, const double *labels, double *p, double *loss,
                                        double *right, double *delta, long long examples, long long classes) {
    long long i = here();
    if (i >= examples) return;
    const double *z = logits + i * classes;
    long long label = (long long)labels[i], best = 0;
    for (long long c = 1; c < classes; ++c)
        if (z[c] > z[best]) best = c;
    double sum = 0;
    for (long long c = 0; c < classes; ++c) {
        p[i * classes + c] = exp(z[c] - z[best]);
        sum += p[i * classes + c];
    }
    for (long long c = 0; c < classes; ++c) {
        p[i * classes + c] /= sum;
        delta[i * classes + c] = (p[i * classes + c] - (c == label ? 1.0 : 0.0)) / examples;
    }
    loss[i] = log(sum) - (z[label] - z[best]);  // finite where p is 0
    right[i] = best == label ? 1 : 0;
}

// Means of rows: a thread a row of `values` [rows, count].
extern "C" __global__ void mean(const double *values, double *out, long long rows, long long count) {
    long long row = here();
    if (row >= rows) return;
    double sum = 0;
    for (long long k = 0; k < count; ++k) sum += values[row * count + k];
    out[row] = sum / count;
}
