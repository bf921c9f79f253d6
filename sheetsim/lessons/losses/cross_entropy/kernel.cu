// Cross-entropy: a thread takes a prediction or, in a batch, a picture. What a cell shows as an error, the log
// of 0 or a division by it, is NaN here.

__device__ double known(double x) { return isfinite(x) ? x : nan(""); }
__device__ double ln(double x) { return known(log(x)); }
__device__ double ten(double x) { return known(log10(x)); }

// A cat or not: blocks of 2, 4 and 5 columns.
extern "C" __global__ void binary(const double *is_cat, const double *preds, double *tens, double *natural,
                                  double *logits, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    const double y = is_cat[i], p = preds[i];
    tens[2 * i] = -y * ten(p) - (1 - y) * ten(1 - p);
    tens[2 * i + 1] = -(y == 1 ? ten(p) : ten(1 - p));
    double *cells = natural + 4 * i;
    cells[0] = -y * ln(p) - (1 - y) * ln(1 - p);
    cells[1] = -(y == 1 ? ln(p) : ln(1 - p));
    cells[2] = tens[2 * i + 1] * log(10.0);
    cells[3] = known(-y / p) + known((1 - y) / (1 - p));
    const double x = ln(known(p / (1 - p)));
    cells = logits + 5 * i;
    cells[0] = x;
    cells[1] = 1 / (1 + exp(-x));
    cells[2] = (x > 0 ? x : 0) - x * y + log(1 + exp(-fabs(x)));
    cells[3] = cells[1] - y;
    cells[4] = cells[3] / count;
}

// A cat or a dog, by the place of the right class.
extern "C" __global__ void by_index(const double *is_cat, const double *preds, double *is_dog, double *tens,
                                    double *natural, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    const double y = is_cat[i], p = preds[i], other = 1 - y;
    const int place = y == 1 ? 1 : other == 1 ? 2 : 0;
    is_dog[i] = other;
    double *cells = tens + 5 * i;
    cells[0] = ten(p);
    cells[1] = ten(1 - p);
    cells[2] = -y * cells[0] - other * cells[1];
    cells[3] = place ? place : nan("");
    cells[4] = place ? cells[place - 1] : nan("");
    cells = natural + 5 * i;
    cells[0] = ln(p);
    cells[1] = ln(1 - p);
    cells[2] = place ? -cells[place - 1] : nan("");
    cells[3] = place ? -(place == 1) / (double)count : nan("");
    cells[4] = place ? -(place == 2) / (double)count : nan("");
}

// One of many classes: actual times log.
extern "C" __global__ void terms(const double *actuals, const double *probs, double *result, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i < count) result[i] = actuals[i] * ten(probs[i]);
}

// A row of logits a thread: e^(x - largest), its share, the logarithm of that, the sum of the first.
extern "C" __global__ void log_softmax(const double *x, double *e, double *p, double *logs, double *sums,
                                       long long rows, long long count) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const long long first = row * count, last = first + count;
    double largest = x[first], sum = 0;
    for (long long i = first; i < last; ++i) largest = fmax(largest, x[i]);
    for (long long i = first; i < last; ++i) sum += e[i] = exp(x[i] - largest);
    for (long long i = first; i < last; ++i) {
        p[i] = e[i] / sum;
        logs[i] = x[i] - largest - log(sum);
    }
    sums[row] = sum;
}

// The loss of one picture whose actuals are given for each class, and its gradient.
extern "C" __global__ void linked(const double *actuals, const double *typed, const double *p,
                                  const double *logs, double *loss, double *gradient, double *apart,
                                  long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    double all = 0;
    for (long long j = 0; j < count; ++j) all += actuals[j];
    loss[i] = -actuals[i] * logs[i];
    gradient[i] = p[i] * all - actuals[i];
    apart[i] = rint((typed[i] - p[i]) * 1e6) / 1e6;
}

// The loss of each picture of a batch, targets counted from 1, and the gradient of their mean.
extern "C" __global__ void batch(const double *targets, const double *p, const double *logs, double *loss,
                                 double *right, double *gradient, long long rows, long long count,
                                 double smoothing) {
    long long row = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (row >= rows) return;
    const double *ps = p + row * count, *ls = logs + row * count, target = targets[row];
    const bool there = target >= 1 && target < count + 1;
    double largest = ps[0], sum = 0;
    for (long long i = 0; i < count; ++i) {
        largest = fmax(largest, ps[i]);
        sum += ls[i];
        const double hit = i + 1 == target;
        gradient[row * count + i] = (ps[i] - (1 - smoothing) * hit - smoothing / count) / rows;
    }
    const long long place = there ? (long long)target - 1 : 0;
    loss[row] = there ? -(1 - smoothing) * ls[place] - smoothing / count * sum : nan("");
    right[row] = there ? ps[place] == largest : nan("");
}

extern "C" __global__ void curve(const double *p, double *result, long long count) {
    long long i = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (i >= count) return;
    result[3 * i] = -ln(p[i]);
    result[3 * i + 1] = -ln(1 - p[i]);
    result[3 * i + 2] = -ten(p[i]);
}

// The sum of each column of a block, from the first row to the last.
extern "C" __global__ void add_up(const double *cells, double *sums, long long rows, long long columns) {
    long long column = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (column >= columns) return;
    double sum = 0;
    for (long long row = 0; row < rows; ++row) sum += cells[row * columns + column];
    sums[column] = sum;
}
