// The predictions of two kernels side by side, and what one vector costs in either way.
#include "../_embedding/embedding.cuh"

// A thread a rating: both predictions and how far they are apart.
extern "C" __global__ void side_by_side(const double *one_hot, const double *looked_up, double *both,
                                        long long count) {
    long long i = THREAD;
    if (i >= count) return;
    both[3 * i] = one_hot[i];
    both[3 * i + 1] = looked_up[i];
    both[3 * i + 2] = one_hot[i] - looked_up[i];
}

// The largest distance, by one thread; NaN if there is one.
extern "C" __global__ void largest(const double *both, double *apart, long long count) {
    if (THREAD) return;
    double most = 0;
    for (long long i = 0; i < count; ++i) {
        double distance = fabs(both[3 * i + 2]);
        if (distance > most || isnan(distance)) most = distance;
        if (isnan(most)) break;
    }
    *apart = most;
}

// A thread a vocabulary: multiplications and bytes read of the product, bytes read of the look-up, the ratio.
extern "C" __global__ void growth(const double *vocabulary, double *cost, long long count, double factors) {
    long long i = THREAD;
    if (i >= count) return;
    double products = vocabulary[i] * factors;
    cost[4 * i] = products;
    cost[4 * i + 1] = 2 * sizeof(double) * products;
    cost[4 * i + 2] = 2 * sizeof(double) * factors;
    cost[4 * i + 3] = cost[4 * i + 1] / cost[4 * i + 2];
}
