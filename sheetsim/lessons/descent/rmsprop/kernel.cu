// RMSProp: each parameter's step divided by the root of v, its running average of squared gradients.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, alpha, v0;
    double torch_lr, torch_alpha, eps;
};

struct LessonRule : Rule<LessonRule>, Parameters {
    static constexpr bool HAS_V = true, READS_NEW_V = false;

    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}
    __device__ Average start() const { return {0, v0}; }

    // The row before's v divides; only then does it take in this row's gradient.
    __device__ double step(double w, double g, double &, double &v) const {
        double new_w = w - g * lr / sqrt(v);
        v = v * alpha + (1 - alpha) * (g * g);
        return new_w;
    }
};

struct TorchRule : Rule<TorchRule> {
    static constexpr bool HAS_V = true;
    double lr, alpha, eps;

    __device__ explicit TorchRule(const Parameters &p) : lr(p.torch_lr), alpha(p.torch_alpha), eps(p.eps) {}
    __device__ TorchRule(double lr, double alpha, double eps) : lr(lr), alpha(alpha), eps(eps) {}

    template <class T> __device__ T step(T w, T g, T &, T &v) const {
        v = T(alpha) * v + T(1 - alpha) * (g * g);
        return w - T(lr) * g / (sqrt(v) + T(eps));
    }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr, double alpha, double eps) {
    step_all(TorchRule(lr, alpha, eps), param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr, double alpha, double eps) {
    step_all(TorchRule(lr, alpha, eps), param, grad, m, v, count);
}
