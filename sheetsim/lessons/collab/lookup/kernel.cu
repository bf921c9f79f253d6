// An embedding as a gather.
#include "../_embedding/embedding.cuh"

// vector = the rows of the table at these places, from 1; a thread a number. It reads the place, and the number.
extern "C" __global__ void gather(const double *place, const double *table, double *vector, double *done,
                                  long long count, long long factors) {
    long long i = THREAD;
    if (i >= count * factors) return;
    double row = place[i / factors];
    vector[i] = isnan(row) ? row : table[((long long)row - 1) * factors + i % factors];
    note(done, i, 0, 0, 2 * sizeof(double), sizeof(double));
}

// The slope for each number of a table, where nobody has one-hot rows: the ratings whose place is its row.
extern "C" __global__ void scatter_grad(const double *place, const double *slope, const double *other,
                                        double *grad, long long count, long long rows, long long factors) {
    long long i = THREAD;
    if (i >= rows * factors) return;
    double sum = 0, row = (double)(i / factors + 1);
    for (long long n = 0; n < count; ++n) {
        if (isnan(place[n]) || isnan(slope[n])) sum = nan("");
        else if (place[n] == row) sum += slope[n] * other[n * factors + i % factors];
    }
    grad[i] = sum;
}
