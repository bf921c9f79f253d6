// What the kernels of the look-ups share: places by bisection, predictions and errors, and the count of what a
// kernel has done.
#pragma once

#define THREAD (blockIdx.x * (long long)blockDim.x + threadIdx.x)

// The place, from 1, of the last of the sorted ids that is not above each wanted one; NaN where there is none.
// As MATCH without a match type: by bisection, which an equal id ends. A thread a wanted id.
extern "C" __global__ void find_places(const double *wanted, const double *ids, double *place,
                                       long long count, long long rows) {
    long long i = THREAD;
    if (i >= count) return;
    long long low = 0, high = rows - 1;
    while (low <= high) {
        long long middle = (low + high) / 2;
        if (ids[middle] == wanted[i]) {
            while (middle + 1 < rows && ids[middle + 1] == wanted[i]) ++middle;
            high = middle;
            break;
        }
        if (ids[middle] < wanted[i]) low = middle + 1;
        else high = middle - 1;
    }
    place[i] = high >= 0 ? high + 1.0 : nan("");
}

// How much a thread has done: multiplications, additions, bytes read, bytes written. null: nobody asks.
__device__ void note(double *done, long long thread, long long products, long long sums, long long read,
                     long long written) {
    if (!done) return;
    done[4 * thread] = products;
    done[4 * thread + 1] = sums;
    done[4 * thread + 2] = read;
    done[4 * thread + 3] = written;
}

// The threads' counts added up, a thread a kind of count.
extern "C" __global__ void add_up(const double *done, double *cost, long long threads) {
    long long kind = THREAD;
    if (kind >= 4) return;
    double sum = 0;
    for (long long i = 0; i < threads; ++i) sum += done[4 * i + kind];
    cost[kind] = sum;
}

// The prediction of each rating, its squared error, and the slope of their mean for it; a thread a rating.
extern "C" __global__ void predict(const double *user, const double *movie, const double *rating,
                                   double *predict, double *squared, double *slope, long long count,
                                   long long factors) {
    long long i = THREAD;
    if (i >= count) return;
    double sum = 0;
    for (long long k = 0; k < factors; ++k) sum += user[i * factors + k] * movie[i * factors + k];
    double apart = sum - rating[i];
    predict[i] = sum;
    squared[i] = apart * apart;
    slope[i] = 2 * apart / count;
}

// The root of the mean, by one thread, from left to right.
extern "C" __global__ void root_mean(const double *squared, double *rmse, long long count) {
    if (THREAD) return;
    double sum = 0;
    for (long long i = 0; i < count; ++i) sum += squared[i];
    *rmse = sqrt(sum / count);
}
