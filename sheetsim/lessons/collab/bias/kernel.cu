// Predicted ratings as dot products with biases, a thread a user and movie, in a range or not.
#include "../_shared/factors.cuh"

// The score: dot product, plus the movie's bias, plus the user's; NaN where there is no rating. The prediction
// there is 0, or, with `blank_bias`, the biases alone.
extern "C" __global__ void predict(const double *rating, const double *user, const double *movie,
                                   const double *user_bias, const double *movie_bias, double *score,
                                   double *predicted, long long users, long long movies, long long factors,
                                   long long blank_bias) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= users * movies) return;
    long long u = i / movies, m = i % movies;
    bool blank = isnan(rating[i]);
    double total = dot(user + u * factors, movie + m, factors, movies) + movie_bias[m] + user_bias[u];
    score[i] = blank ? nan("") : total;
    predicted[i] = !blank ? total : blank_bias ? movie_bias[m] + user_bias[u] : 0;
}

// The score by way of a sigmoid, between low and high; 0 where there is no rating.
extern "C" __global__ void squash(const double *score, double *predicted, long long count, double low,
                                  double high) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    predicted[i] = isnan(score[i]) ? 0 : low + (high - low) / (1 + exp(-score[i]));
}

// How many ratings a line has and their mean, a thread a line (lines as in `errors`).
extern "C" __global__ void means(const double *rating, double *given, double *mean, long long lines,
                                 long long count, long long line_step, long long step) {
    long long line = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (line >= lines) return;
    double total = 0, found = 0;
    for (long long i = 0; i < count; ++i) {
        double value = rating[line * line_step + i * step];
        if (isnan(value)) continue;
        total += value;
        found += 1;
    }
    given[line] = found;
    mean[line] = total / found;
}
