// One cycle of learning rate and momentum, and the line that it takes down: a thread a schedule.
//
// A table is [steps, columns]: phase, pct, way, lr, momentum, b, a, pred, de/db, de/da, then SGD's two buffers or
// Adam's two m, two v and two corrections, then the new b and a.

struct Schedule {            // every field has 8 bytes
    double kind;             // 0 fastai's, 1 torch's, 2 constant
    double top, first, final, part, linear, high, low;
};

__device__ double place_of(const Schedule &s, long long t, long long count, double &turn, double &end) {
    turn = s.kind == 0 ? s.part : s.part * count - 1;
    end = s.kind == 0 ? 1.0 : count - 1.0;
    return s.kind == 0 ? (double)t / count : (double)t;
}

__device__ double cosine(double pct) { return (1 + cos(3.14159265358979323846 * pct)) / 2; }

__device__ double *put_schedule(double *out, const Schedule &s, long long t, long long count, double &lr,
                                double &momentum) {
    if (s.kind == 2) {
        lr = s.top;
        momentum = s.high;
        for (int k = 0; k < 3; ++k) *out++ = 0;  // nobody reads these
    } else {
        double turn, end, place = place_of(s, t, count, turn, end);
        bool up = s.kind == 0 ? place < turn : place <= turn;
        double pct = up ? place / turn : (place - turn) / (end - turn);
        double from = up ? s.first : s.top, to = up ? s.top : s.final;
        double heavy = up ? s.high : s.low, light = up ? s.low : s.high;
        double way;
        if (s.kind == 0) {  // fastai goes from the start by the way that is gone
            way = s.linear ? pct : cosine(1 - pct);
            lr = from + way * (to - from);
            momentum = heavy + way * (light - heavy);
        } else {  // torch stands off the end by the way that is left
            way = s.linear ? 1 - pct : cosine(pct);
            lr = to + way * (from - to);
            momentum = light + way * (heavy - light);
        }
        *out++ = up ? 1 : 2;
        *out++ = pct;
        *out++ = way;
    }
    *out++ = lr;
    *out++ = momentum;
    return out;
}

__device__ double power(double base, long long t) {  // as Excel, for small t
    if (t > 64) return pow(base, (double)t);
    double found = base;
    for (long long k = 1; k < t; ++k) found *= base;
    return found;
}

__device__ double checked(double v) { return isfinite(v) ? v : nan(""); }  // a cell holds no infinity

struct Averages {
    double m = 0, v = 0;
};

__device__ double adam(double w, double g, Averages &state, double lr, double beta1, double beta2, double eps,
                       double correct1, double correct2) {
    state.m = state.m + (g - state.m) * (1 - beta1);
    state.v = beta2 * state.v + (1 - beta2) * (g * g);
    return w - lr / correct1 * state.m / (sqrt(checked(state.v)) / sqrt(correct2) + eps);
}

extern "C" __global__ void train(const double *schedules, const double *x, const double *y, double *tables,
                                 double *rmse, double *top, long long runs, long long rows, long long epochs,
                                 long long is_adam, double b, double a, double beta2, double eps) {
    long long run = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (run >= runs) return;
    const double *f = schedules + 8 * run;
    Schedule s = {f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7]};
    long long count = rows * epochs, columns = is_adam ? 18 : 14;
    double *out = tables + run * count * columns, sum = 0, highest = 0;
    Averages of_b, of_a;
    for (long long t = 0; t < count; ++t) {
        double lr, momentum;
        out = put_schedule(out, s, t, count, lr, momentum);
        highest = lr > highest ? lr : highest;
        double px = x[t % rows], py = y[t % rows];
        double pred = b + a * px;
        double g_b = 2 * (a * px + b - py), g_a = g_b * px;
        *out++ = b;
        *out++ = a;
        *out++ = pred;
        *out++ = g_b;
        *out++ = g_a;
        sum += (py - pred) * (py - pred);
        if (is_adam) {
            double correct1 = 1 - power(momentum, t + 1), correct2 = 1 - power(beta2, t + 1);
            b = adam(b, g_b, of_b, lr, momentum, beta2, eps, correct1, correct2);
            a = adam(a, g_a, of_a, lr, momentum, beta2, eps, correct1, correct2);
            *out++ = of_b.m;
            *out++ = of_a.m;
            *out++ = of_b.v;
            *out++ = of_a.v;
            *out++ = correct1;
            *out++ = correct2;
        } else {
            of_b.m = momentum * of_b.m + g_b;
            of_a.m = momentum * of_a.m + g_a;
            b = b - lr * of_b.m;
            a = a - lr * of_a.m;
            *out++ = of_b.m;
            *out++ = of_a.m;
        }
        *out++ = b;
        *out++ = a;
        if (t % rows == rows - 1) {
            rmse[run * epochs + t / rows] = sqrt(sum / rows);
            top[run * epochs + t / rows] = highest;
            sum = highest = 0;
        }
    }
}
