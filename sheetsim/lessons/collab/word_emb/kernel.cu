// Words looked up in a vocabulary and in a table of embeddings. A word is `width` code points, filled up with
// zeros, so that it comes before every longer word that begins with it.

__device__ long long compare(const int *a, const int *b, long long width) {
    for (long long k = 0; k < width; ++k)
        if (a[k] != b[k]) return a[k] < b[k] ? -1 : 1;
    return 0;
}

// The place, from 1, of each word of the text, a thread a word. By bisection: the last word that is not after
// it, as MATCH without a match type finds it. Exact: the first that is the same. NaN where there is none.
extern "C" __global__ void find_words(const int *text, const int *vocabulary, double *place, long long length,
                                      long long words, long long width, long long exact) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= length) return;
    const int *wanted = text + i * width;
    long long low = 0, high = words - 1;
    if (exact) {
        while (low < words && compare(vocabulary + low * width, wanted, width)) ++low;
        place[i] = low < words ? low + 1.0 : nan("");
        return;
    }
    while (low <= high) {
        long long middle = (low + high) / 2;
        long long order = compare(vocabulary + middle * width, wanted, width);
        if (order == 0) {
            while (middle + 1 < words && !compare(vocabulary + (middle + 1) * width, wanted, width)) ++middle;
            high = middle;
            break;
        }
        if (order < 0) low = middle + 1;
        else high = middle - 1;
    }
    place[i] = high >= 0 ? high + 1.0 : nan("");
}

// vector[i, k] = table[place[i], k], places counted from 1: a gather, a thread a number.
extern "C" __global__ void gather(const double *table, const double *place, double *vector,
                                  long long length, long long factors) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= length * factors) return;
    double row = place[i / factors];
    vector[i] = isnan(row) ? row : table[((long long)row - 1) * factors + i % factors];
}

// The mean of each column, a thread a column.
extern "C" __global__ void mean_rows(const double *vector, double *mean, long long length,
                                     long long factors) {
    long long k = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (k >= factors) return;
    double sum = 0;
    for (long long i = 0; i < length; ++i) sum += vector[i * factors + k];
    mean[k] = sum / length;
}

__device__ double dot(const double *a, const double *b, long long factors) {
    double sum = 0;
    for (long long k = 0; k < factors; ++k) sum += a[k] * b[k];
    return sum;
}

// Lengths of all words and cosines of two different ones, a thread a word; then the place of its nearest.
extern "C" __global__ void neighbours(const double *table, double *length, double *cosine, double *nearest,
                                      long long words, long long factors) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= words) return;
    const double *own = table + i * factors;
    double *row = cosine + i * words;
    length[i] = sqrt(dot(own, own, factors));
    row[i] = nan("");
    long long best = -1, broken = 0;
    for (long long j = 0; j < words; ++j) {
        if (j == i) continue;
        const double *other = table + j * factors;
        row[j] = dot(own, other, factors) / (length[i] * sqrt(dot(other, other, factors)));
        if (isnan(row[j])) broken = 1;
        if (best < 0 || row[j] > row[best]) best = j;
    }
    nearest[i] = broken ? nan("") : best + 1.0;
}
