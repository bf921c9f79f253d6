// The learning-rate finder: steps that depend on one another, so a single thread takes them; the losses of the
// points, which do not, are added up by that thread in their order. Then a thread a row works out the slopes,
// and one looks for the lowest.
//
// A row of the table: lr, b, a, loss, de/db, de/da, average, smooth, best, running, new b, new a.

constexpr int COLUMNS = 12, LR = 0, SMOOTH = 7;

__device__ double power(double base, long long t) {  // as Excel, for small t
    if (t > 64) return pow(base, (double)t);
    double found = base;
    for (long long k = 1; k < t; ++k) found *= base;
    return found;
}

extern "C" __global__ void train(const double *x, const double *y, double *table, long long points,
                                 long long steps, double start_lr, double end_lr, double beta, double stop,
                                 double b, double a) {
    if (blockIdx.x || threadIdx.x) return;
    double average = 0, best = 0, running = 1;
    for (long long t = 0; t < steps; ++t) {
        double lr = start_lr * pow(end_lr / start_lr, (double)t / steps);
        double loss = 0;
        for (long long k = 0; k < points; ++k) {
            double error = b + a * x[k] - y[k];
            loss += error * error;
        }
        loss /= points;
        double px = x[t % points], py = y[t % points];
        double g_b = 2 * (a * px + b - py), g_a = g_b * px;
        average = beta * average + (1 - beta) * loss;
        double smooth = average / (1 - power(beta, t + 1));
        best = !isfinite(smooth) ? nan("") : t == 0 || smooth < best ? smooth : best;
        // where whether to go on is an error in the sheet, all after it is
        double new_b = running == 1 ? b - lr * g_b : running == 0 ? b : nan("");
        double new_a = running == 1 ? a - lr * g_a : running == 0 ? a : nan("");
        double row[COLUMNS] = {lr, b, a, loss, g_b, g_a, average, smooth, best, running, new_b, new_a};
        for (int k = 0; k < COLUMNS; ++k) table[t * COLUMNS + k] = row[k];
        bool known = isfinite(running) && isfinite(smooth) && isfinite(stop * best);
        running = !known ? nan("") : running == 1 && smooth <= stop * best ? 1 : 0;
        b = new_b;
        a = new_a;
    }
}

// The smoothed losses from `first` up to `last`, and their slopes; elsewhere nothing.
extern "C" __global__ void look(const double *table, double *slope, double *looked, long long steps,
                                long long first, long long last) {
    long long t = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (t >= steps) return;
    const double *row = table + t * COLUMNS;
    looked[t] = t >= first && t < last ? row[SMOOTH] : nan("");
    slope[t] = t >= first && t < last - 1
                   ? (row[COLUMNS + SMOOTH] - row[SMOOTH]) / (log(row[COLUMNS + LR]) - log(row[LR]))
                   : nan("");
}

__device__ long long lowest(const double *values, long long count) {
    long long found = -1;
    for (long long k = 0; k < count; ++k)
        if (!isnan(values[k]) && (found < 0 || values[k] < values[found])) found = k;
    return found;
}

extern "C" __global__ void suggest(const double *table, const double *slope, const double *looked,
                                   double *suggestion, long long steps) {
    if (blockIdx.x || threadIdx.x) return;
    long long steep = lowest(slope, steps), low = lowest(looked, steps);
    long long places[3] = {steep, low, low};
    for (int k = 0; k < 3; ++k) {
        const double *row = table + places[k] * COLUMNS;
        suggestion[2 * k] = places[k] < 0 ? nan("") : row[LR] / (k == 2 ? 10 : 1);
        suggestion[2 * k + 1] = places[k] < 0 ? nan("") : row[SMOOTH];
    }
}
