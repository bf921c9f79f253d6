// An embedding as a matrix product with one-hot rows.
#include "../_embedding/embedding.cuh"

// A row of `rows` numbers for each place: 1 in its column, 0 in the others. A thread a number.
extern "C" __global__ void one_hot(const double *place, double *hot, long long count, long long rows) {
    long long i = THREAD;
    if (i >= count * rows) return;
    double row = place[i / rows];
    hot[i] = isnan(row) ? row : row == (double)(i % rows + 1) ? 1 : 0;
}

// vector = hot times table, from left to right; a thread a number. Every product reads both its factors.
extern "C" __global__ void one_hot_product(const double *hot, const double *table, double *vector,
                                           double *done, long long count, long long rows,
                                           long long factors) {
    long long i = THREAD;
    if (i >= count * factors) return;
    const double *row = hot + i / factors * rows;
    double sum = row[0] * table[i % factors];
    long long products = 1, sums = 0, read = 2 * sizeof(double);
    for (long long v = 1; v < rows; ++v) {
        sum += row[v] * table[v * factors + i % factors];
        ++products;
        ++sums;
        read += 2 * sizeof(double);
    }
    vector[i] = sum;
    note(done, i, products, sums, read, sizeof(double));
}

// The slope for each number of a table, a thread a number: the ratings that use its row, from first to last,
// so that no two threads add to one number and each run gives the same.
extern "C" __global__ void weight_grad(const double *hot, const double *slope, const double *other,
                                       double *grad, long long count, long long rows, long long factors) {
    long long i = THREAD;
    if (i >= rows * factors) return;
    double sum = 0;
    for (long long n = 0; n < count; ++n)
        sum += hot[n * rows + i / factors] * slope[n] * other[n * factors + i % factors];
    grad[i] = sum;
}
