// Adam with annealing: lr is quartered when the roots of the squared averages outgrow twice their best.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, beta1, beta2, m0, v0;
    double torch_lr, torch_beta1, torch_beta2, eps;
};

// An epoch begins: the sum of roots it starts from, over the best so far, decides about its lr. What is no
// number (an error in the sheet) stays one.
__device__ inline double sum_of_roots(const Model &w) { return sqrt(w.v_b) + sqrt(w.v_a); }

__device__ inline double annealed(double lr, double ratio) {
    if (!isfinite(ratio)) return nan("");
    return ratio > 2 ? lr / 4 : lr;
}

__device__ inline double smaller(double best, double sum) { return sum < best || isnan(sum) ? sum : best; }

struct LessonRule : Rule<LessonRule>, Parameters {
    static constexpr bool HAS_M = true, HAS_V = true;

    double sum = 0, best = 0;

    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}
    __device__ Average start() const { return {m0, v0}; }

    // The best to begin with is the sum before the last dry pass: the macro reads it that early.
    __device__ void begin_dry_pass(Model &w) { w.best = sum_of_roots(w); }

    __device__ void begin_epoch(long long epoch, Model &w) {
        sum = sum_of_roots(w);
        if (epoch > 0) {
            lr = annealed(lr, sum / w.best);
            w.best = smaller(w.best, sum);
        }
        best = w.best;
    }

    __device__ double step(double w, double g, double &m, double &v) const {
        m = m * beta1 + (1 - beta1) * g;
        v = v * beta2 + (1 - beta2) * (g * g);
        return w - m * lr / sqrt(v);
    }

    __device__ void more_columns(Row &row, const Model &, double) const { row << lr << sum << best; }

    __device__ void extras(Row out, const Model &start, const Sums &sums, long long rows) const {
        double start_sum = sum_of_roots(start);
        out << start.m_b << start.m_a << start.v_b << start.v_a;
        out << sqrt(sums.g_b2) / rows << sqrt(sums.g_a2) / rows;
        out << start_sum << start_sum / start.best;
        out << 1 / start.m_a << 1 / start.v_b;
    }
};

struct TorchRule : Rule<TorchRule> {
    static constexpr bool HAS_M = true, HAS_V = true;
    double lr, beta1, beta2, eps;
    double beta1_power = 1, beta2_power = 1;   // beta^t
    double correction1 = 0, correction2 = 0;  // 1 - beta^t: what the start at zero lacks
    double sum = 0, best = 0;

    __device__ explicit TorchRule(const Parameters &p)
        : lr(p.torch_lr), beta1(p.torch_beta1), beta2(p.torch_beta2), eps(p.eps) {}
    __device__ TorchRule(double lr, double beta1, double beta2, double eps, double correction1,
                         double correction2)
        : lr(lr), beta1(beta1), beta2(beta2), eps(eps), correction1(correction1), correction2(correction2) {}

    // The rule is the lesson's; epoch 1 ends with the first sum there is.
    __device__ void begin_epoch(long long epoch, Model &w) {
        if (epoch == 0) return;
        sum = sum_of_roots(w);
        if (epoch > 1) lr = annealed(lr, sum / best);
        best = epoch > 1 ? smaller(best, sum) : sum;
    }

    __device__ void begin_step() {
        beta1_power *= beta1;
        beta2_power *= beta2;
        correction1 = 1 - beta1_power;
        correction2 = 1 - beta2_power;
    }

    template <class T> __device__ T step(T w, T g, T &m, T &v) const {
        m = m + (g - m) * T(1 - beta1);
        v = T(beta2) * v + T(1 - beta2) * (g * g);
        return w - T(lr / correction1) * m / (sqrt(v) / T(sqrt(correction2)) + T(eps));
    }

    __device__ void more_columns(Row &row, const Model &, double) const {
        row << correction1 << correction2 << lr << sum << best;
    }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr, double beta1, double beta2, double eps, double correction1,
                                      double correction2) {
    step_all(TorchRule(lr, beta1, beta2, eps, correction1, correction2), param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr, double beta1, double beta2, double eps,
                                       double correction1, double correction2) {
    step_all(TorchRule(lr, beta1, beta2, eps, correction1, correction2), param, grad, m, v, count);
}
