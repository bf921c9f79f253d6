// What the kernels of the factor models share. Everything is added up by one thread, from left to right in
// reading order, so that results are the same on every run; a blank cell is NaN.
#pragma once

// The dot product of a user's factors, side by side, and a movie's, one below another.
__device__ double dot(const double *user, const double *movie, long long factors, long long movies) {
    double total = user[0] * movie[0];
    for (long long k = 1; k < factors; ++k) total += user[k] * movie[k * movies];
    return total;
}

// The root of the mean squared error of one line of ratings, a thread a line: the whole grid (one line), its
// rows (line_step the number of movies, step 1) or its columns (line_step 1, step the number of movies).
extern "C" __global__ void errors(const double *rating, const double *predicted, double *rmse, long long lines,
                                  long long count, long long line_step, long long step) {
    long long line = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (line >= lines) return;
    double total = 0;
    long long given = 0;
    for (long long i = 0; i < count; ++i) {
        long long cell = line * line_step + i * step;
        if (isnan(rating[cell])) continue;
        double difference = rating[cell] - predicted[cell];
        total += difference * difference;
        ++given;
    }
    rmse[line] = given ? sqrt(total / given) : nan("");
}

// Each rating's cell of the grid, counted from 1, a thread a rating; NaN where its user or movie is not in it.
extern "C" __global__ void cells(const double *user, const double *movie, const double *users, const double *movies,
                                 double *cell, long long count, long long rows, long long columns) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    long long row = 0, column = 0;
    while (row < rows && users[row] != user[i]) ++row;
    while (column < columns && movies[column] != movie[i]) ++column;
    cell[i] = row < rows && column < columns ? static_cast<double>(row * columns + column + 1) : nan("");
}

// The grid, a thread a cell: the first rating of that cell.
extern "C" __global__ void crosstab(const double *cell, const double *value, double *out, long long count,
                                long long size) {
    long long place = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (place >= size) return;
    long long i = 0;
    while (i < count && cell[i] != place + 1) ++i;
    out[place] = i < count ? value[i] : nan("");
}

// How many cells of two grids differ; one thread.
extern "C" __global__ void differences(const double *a, const double *b, double *out, long long size) {
    if (blockIdx.x * (long long)blockDim.x + threadIdx.x) return;
    long long found = 0;
    for (long long i = 0; i < size; ++i) found += a[i] != b[i] && !(isnan(a[i]) && isnan(b[i]));
    out[0] = static_cast<double>(found);
}
