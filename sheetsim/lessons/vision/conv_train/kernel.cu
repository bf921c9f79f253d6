// Two filters, ReLU, means, a dense unit, the sigmoid: forwards, backwards, and a step of SGD.
// Pictures are [count, SIZE, SIZE], what filters make of them [count, CHANNELS, OUT, OUT]. The weights are one
// array: the filters, a bias each, the dense weights, the dense bias.
constexpr int SIZE = 6, KERNEL = 3, CHANNELS = 2, OUT = SIZE - KERNEL + 1;
constexpr int TAPS = KERNEL * KERNEL, CELLS = OUT * OUT;
constexpr int BIAS = CHANNELS * TAPS, DENSE = BIAS + CHANNELS, WEIGHTS = DENSE + CHANNELS + 1;

// A thread a cell: the window times the filter, row by row, and the bias.
extern "C" __global__ void convolve(const double *images, const double *weights, double *conv,
                                    long long count) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= count * CHANNELS * CELLS) return;
    long long picture = at / (CHANNELS * CELLS);
    int channel = at / CELLS % CHANNELS, row = at / OUT % OUT, column = at % OUT;
    const double *window = images + picture * SIZE * SIZE + row * SIZE + column;
    double sum = 0;
    for (int u = 0; u < KERNEL; ++u)
        for (int v = 0; v < KERNEL; ++v)
            sum += window[u * SIZE + v] * weights[channel * TAPS + u * KERNEL + v];
    conv[at] = sum + weights[BIAS + channel];
}

// A thread a picture: from its activations to its loss. `results` is [6, count]: both means, logit, p, loss,
// right.
extern "C" __global__ void judge(const double *conv, const double *weights, const double *labels,
                                 double *results, long long count) {
    long long picture = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (picture >= count) return;
    double mean[CHANNELS];
    for (int channel = 0; channel < CHANNELS; ++channel) {
        const double *cells = conv + (picture * CHANNELS + channel) * CELLS;
        double sum = 0;
        for (int cell = 0; cell < CELLS; ++cell)
            if (cells[cell] > 0) sum += cells[cell];
        mean[channel] = sum / CELLS;
        results[channel * count + picture] = mean[channel];
    }
    double logit = mean[0] * weights[DENSE] + mean[1] * weights[DENSE + 1] + weights[DENSE + 2];
    double small = exp(-fabs(logit)), label = labels[picture];
    double *rest = results + CHANNELS * count + picture;
    rest[0] = logit;
    rest[count] = logit >= 0 ? 1 / (1 + small) : small / (1 + small);
    rest[2 * count] = (logit > 0 ? logit : 0) - logit * label + log(1 + small);
    rest[3 * count] = (logit > 0) == (label > 0.5);
}

// A thread a cell of a training picture: what comes back to it; the first of each picture also its slope.
extern "C" __global__ void back(const double *conv, const double *weights, const double *p,
                                const double *labels, double *slope, double *conv_grad, long long count) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= count * CHANNELS * CELLS) return;
    long long picture = at / (CHANNELS * CELLS);
    double own = (p[picture] - labels[picture]) / count;
    conv_grad[at] = conv[at] > 0 ? own * weights[DENSE + at / CELLS % CHANNELS] / CELLS : 0;
    if (at % (CHANNELS * CELLS) == 0) slope[picture] = own;
}

// A thread a weight: its gradient, summed over rows, in a row over pictures, in a picture over columns.
// `means` is [CHANNELS, all], of all pictures, `count` those trained with.
extern "C" __global__ void gradients(const double *images, const double *conv_grad, const double *slope,
                                     const double *means, double *grads, long long count, long long all) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at >= WEIGHTS) return;
    double sum = 0;
    if (at >= DENSE) {
        for (long long picture = 0; picture < count; ++picture)
            sum += at - DENSE < CHANNELS ? slope[picture] * means[(at - DENSE) * all + picture] : slope[picture];
        grads[at] = sum;
        return;
    }
    bool bias = at >= BIAS;
    int channel = bias ? at - BIAS : at / TAPS, u = at % TAPS / KERNEL, v = at % KERNEL;
    for (int row = 0; row < OUT; ++row)
        for (long long picture = 0; picture < count; ++picture)
            for (int column = 0; column < OUT; ++column) {
                double back = conv_grad[((picture * CHANNELS + channel) * OUT + row) * OUT + column];
                const double *pixels = images + picture * SIZE * SIZE;
                sum += bias ? back : pixels[(row + u) * SIZE + column + v] * back;
            }
    grads[at] = sum;
}

// A step of SGD: filters with one learning rate, the dense unit with another.
extern "C" __global__ void update(const double *weights, const double *grads, double *moved, double lr,
                                double lr_dense, double decay) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at < WEIGHTS)
        moved[at] = weights[at] - (at < DENSE ? lr : lr_dense) * (grads[at] + decay * weights[at]);
}

// The means of a row of numbers: of the first `own`, of the others.
extern "C" __global__ void average(const double *row, double *means, long long own, long long count) {
    long long at = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (at > 1) return;
    long long first = at ? own : 0, end = at ? count : own;
    double sum = 0;
    for (long long place = first; place < end; ++place) sum += row[place];
    means[at] = sum / (end - first);
}
