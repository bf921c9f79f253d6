// Embeddings in a table: the layers of dense.cuh, and what stands before and behind them.
#include "../_shared/dense.cuh"

// A thread a cell of the joined inputs [rows, day + stall + numbers]: looked up, or copied.
extern "C" __global__ void join(const double *day, const double *stall, const double *number,
                                const long long *where, double *x, long long rows, long long day_size,
                                long long stall_size, long long numbers) {
    long long k = here(), inputs = day_size + stall_size + numbers;
    if (k >= rows * inputs) return;
    long long row = k / inputs, column = k % inputs;
    if (column < day_size) {
        x[k] = day[where[2 * row] * day_size + column];
    } else if (column < day_size + stall_size) {
        x[k] = stall[where[2 * row + 1] * stall_size + column - day_size];
    } else {
        x[k] = number[row * numbers + column - day_size - stall_size];
    }
}

// Squared error of each row, and the slope of the mean over the first `count` of them.
extern "C" __global__ void squared_error(const double *pred, const double *y, double *loss, double *slope,
                                         long long rows, long long count) {
    long long k = here();
    if (k >= rows) return;
    double error = pred[k] - y[k];
    loss[k] = error * error;
    if (k < count) slope[k] = 2 * error / count;
}

// A thread a weight: the slopes of all rows that looked up its line, from the first row to the last. No two
// threads add to the same place, and so the order is always the same.
extern "C" __global__ void embedding_grad(const double *slope, const long long *where, double *grad,
                                          long long rows, long long inputs, long long lines, long long size,
                                          long long first, long long category) {
    long long k = here();
    if (k >= lines * size) return;
    double sum = 0;
    for (long long row = 0; row < rows; ++row)
        if (where[2 * row + category] == k / size) sum += slope[row * inputs + first + k % size];
    grad[k] = sum;
}
