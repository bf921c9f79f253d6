// AdamW: Adam whose weights shrink by lr * weight_decay a step, outside the averages.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, beta1, beta2, weight_decay, m0, v0;
    double torch_lr, torch_beta1, torch_beta2, eps, torch_weight_decay;
};

struct LessonRule : Rule<LessonRule>, Parameters {
    static constexpr bool HAS_M = true, HAS_V = true;

    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}
    __device__ Average start() const { return {m0, v0}; }

    __device__ double step(double w, double g, double &m, double &v) const {
        m = m * beta1 + (1 - beta1) * g;
        v = v * beta2 + (1 - beta2) * (g * g);
        return w * (1 - lr * weight_decay) - m * lr / sqrt(v);
    }
};

struct TorchRule : Rule<TorchRule> {
    static constexpr bool HAS_M = true, HAS_V = true;
    double lr, beta1, beta2, eps, weight_decay;
    double beta1_power = 1, beta2_power = 1;   // beta^t
    double correction1 = 0, correction2 = 0;  // 1 - beta^t: what the start at zero lacks

    __device__ explicit TorchRule(const Parameters &p)
        : lr(p.torch_lr), beta1(p.torch_beta1), beta2(p.torch_beta2), eps(p.eps),
          weight_decay(p.torch_weight_decay) {}
    __device__ TorchRule(double lr, double beta1, double beta2, double eps, double weight_decay,
                         double correction1, double correction2)
        : lr(lr), beta1(beta1), beta2(beta2), eps(eps), weight_decay(weight_decay), correction1(correction1),
          correction2(correction2) {}

    __device__ void begin_step() {
        beta1_power *= beta1;
        beta2_power *= beta2;
        correction1 = 1 - beta1_power;
        correction2 = 1 - beta2_power;
    }

    template <class T> __device__ T step(T w, T g, T &m, T &v) const {
        w = w * T(1 - lr * weight_decay);
        m = m + (g - m) * T(1 - beta1);
        v = T(beta2) * v + T(1 - beta2) * (g * g);
        return w - T(lr / correction1) * m / (sqrt(v) / T(sqrt(correction2)) + T(eps));
    }

    __device__ void more_columns(Row &row, const Model &, double) const { row << correction1 << correction2; }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr, double beta1, double beta2, double eps, double weight_decay,
                                      double correction1, double correction2) {
    TorchRule rule(lr, beta1, beta2, eps, weight_decay, correction1, correction2);
    step_all(rule, param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr, double beta1, double beta2, double eps,
                                       double weight_decay, double correction1, double correction2) {
    TorchRule rule(lr, beta1, beta2, eps, weight_decay, correction1, correction2);
    step_all(rule, param, grad, m, v, count);
}
