// Predicted ratings as dot products, a thread a user and movie.
#include "../_shared/factors.cuh"

// Where there is a rating the prediction counts (`predicted`, else 0), where there is none it is advice
// (`unseen`, else NaN).
extern "C" __global__ void predict(const double *rating, const double *user, const double *movie,
                                   double *predicted, double *unseen, long long users, long long movies,
                                   long long factors) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= users * movies) return;
    double product = dot(user + i / movies * factors, movie + i % movies, factors, movies);
    bool blank = isnan(rating[i]);
    predicted[i] = blank ? 0 : product;
    unseen[i] = blank ? product : nan("");
}

// How many movies a user has rated, and the best of the others, a thread a user.
extern "C" __global__ void advise(const double *unseen, double *given, double *best, long long users,
                                  long long movies) {
    long long user = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (user >= users) return;
    long long rated = 0;
    best[user] = nan("");
    for (long long i = user * movies; i < (user + 1) * movies; ++i) {
        rated += isnan(unseen[i]);
        if (unseen[i] > best[user] || isnan(best[user])) best[user] = unseen[i];
    }
    given[user] = static_cast<double>(rated);
}
