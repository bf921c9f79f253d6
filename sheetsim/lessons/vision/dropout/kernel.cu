// Dropout: which activations are kept is decided by numbers that each thread makes for itself.
#include "../_shared/vision.cuh"

// The states after a seed, each a jump of its own from the seed.
extern "C" __global__ void states(double *out, long long seed, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) out[i] = (double)park_miller(seed, i + 1);
}

// Pictures [pictures, cells] under masks: with `typed` numbers, else with those after the seed from number
// `first` on. uniform, mask (the number where it is kept, else 0) and out. A thread a cell.
extern "C" __global__ void dropout(const double *picture, const double *typed, double *uniform, double *mask,
                                   double *out, long long count, long long seed, long long first,
                                   double threshold, double factor) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    double number = typed ? typed[i] : (double)park_miller(seed, first + i + 1) / 2147483647.0;
    uniform[i] = number;
    mask[i] = number > threshold ? number : 0.0;
    out[i] = mask[i] == 0 ? 0.0 : picture[i] * factor;
}

// For each picture [cells]: cells, how many are expected off and are off, their share, the standard deviation
// and how many of them lie between, the mean before and after. A thread a picture, each sum in its order.
extern "C" __global__ void counts(const double *before, const double *mask, const double *after, double *out,
                                  long long pictures, long long cells, double threshold) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= pictures) return;
    double off = 0, first = 0, last = 0;
    for (long long k = i * cells; k < (i + 1) * cells; ++k) {
        off += mask[k] == 0;
        first += before[k];
        last += after[k];
    }
    double expected = cells * threshold, deviation = sqrt(expected * (1 - threshold));
    double *row = out + 8 * i;
    row[0] = cells;
    row[1] = expected;
    row[2] = off;
    row[3] = off / cells;
    row[4] = deviation;
    row[5] = deviation ? (off - expected) / deviation : 0.0;
    row[6] = first / cells;
    row[7] = last / cells;
}
