// Principal components by power iteration, ranks, and cosine distances. Every sum is added up by one thread,
// from left to right in reading order, so that results are the same on every run.

__device__ double length_of(const double *vector, long long count) {
    double total = vector[0] * vector[0];
    for (long long k = 1; k < count; ++k) total += vector[k] * vector[k];
    return sqrt(total);
}

// The mean of each factor, a thread a factor.
extern "C" __global__ void means(const double *factors, double *mean, long long movies, long long count) {
    long long k = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (k >= count) return;
    double total = factors[k];
    for (long long i = 1; i < movies; ++i) total += factors[i * count + k];
    mean[k] = total / movies;
}

// Factors less their mean, a thread a number.
extern "C" __global__ void centre(const double *factors, const double *mean, double *centred, long long movies,
                                  long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < movies * count) centred[i] = factors[i] - mean[i % count];
}

// The covariance of the factors, a thread a pair.
extern "C" __global__ void covariance(const double *centred, double *matrix, long long movies,
                                      long long count) {
    long long pair = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (pair >= count * count) return;
    const double *left = centred + pair / count, *right = centred + pair % count;
    double total = left[0] * right[0];
    for (long long i = 1; i < movies; ++i) total += left[i * count] * right[i * count];
    matrix[pair] = total / (movies - 1);
}

// One step: v is w of the step before over its length, w the matrix times v. One block: its threads each do
// some of the factors, and wait for each other.
extern "C" __global__ void iterate(const double *matrix, const double *start, double *v, double *w,
                                   double *length, double *moved, long long count, long long steps) {
    for (long long step = 0; step <= steps; ++step, v += count, w += count) {
        const double *from = step ? w - count : start;
        double size = step ? length[step - 1] : length_of(start, count);
        for (long long k = threadIdx.x; k < count; k += blockDim.x) v[k] = from[k] / size;
        __syncthreads();
        for (long long k = threadIdx.x; k < count; k += blockDim.x) {
            double total = v[0] * matrix[k];
            for (long long i = 1; i < count; ++i) total += v[i] * matrix[i * count + k];
            w[k] = total;
        }
        __syncthreads();
        if (threadIdx.x == 0) {
            length[step] = length_of(w, count);
            double total = 0;
            for (long long k = 0; step && k < count; ++k) {
                double change = v[k] - v[k - count];
                total += change * change;
            }
            moved[step] = sqrt(total);
        }
        __syncthreads();
    }
}

// The matrix without what its main direction explains, a thread a number.
extern "C" __global__ void deflate(const double *matrix, const double *v, const double *length, double *rest,
                                   long long count) {
    long long pair = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (pair < count * count) rest[pair] = matrix[pair] - length[0] * v[pair / count] * v[pair % count];
}

// The axis with its largest part positive; one thread.
extern "C" __global__ void upright(const double *v, double *axis, long long count) {
    if (blockIdx.x * (long long)blockDim.x + threadIdx.x) return;
    double highest = v[0], lowest = v[0];
    for (long long k = 1; k < count; ++k) {
        highest = v[k] > highest ? v[k] : highest;
        lowest = v[k] < lowest ? v[k] : lowest;
    }
    for (long long k = 0; k < count; ++k) axis[k] = highest >= -lowest ? v[k] : -v[k];
}

// Each movie's place on the axes, a thread a movie and axis.
extern "C" __global__ void project(const double *centred, const double *axes, double *projected,
                                   long long movies, long long count, long long components) {
    long long cell = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (cell >= movies * components) return;
    const double *movie = centred + cell / components * count, *axis = axes + cell % components * count;
    double total = movie[0] * axis[0];
    for (long long k = 1; k < count; ++k) total += movie[k] * axis[k];
    projected[cell] = total;
}

// 1 - cosine between each movie's factors and those of one movie, a thread a movie.
extern "C" __global__ void distances(const double *factors, double *distance, long long movies,
                                     long long count, long long chosen) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= movies) return;
    const double *movie = factors + i * count, *other = factors + chosen * count;
    double total = movie[0] * other[0];
    for (long long k = 1; k < count; ++k) total += movie[k] * other[k];
    distance[i] = 1 - total / (length_of(movie, count) * length_of(other, count));
}

// The place of each number, from 1 for the lowest (times `direction`), and the numbers in that order; of
// equals the upper one comes first. A thread a number.
extern "C" __global__ void ranks(const double *values, double *place, double *sorted, long long count,
                                 double direction) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    double own = direction * values[i];
    long long before = 0;
    for (long long j = 0; j < count; ++j) {
        double other = direction * values[j];
        before += other < own || (other == own && j < i);
    }
    place[i] = before + 1;
    sorted[before] = values[i];
}
