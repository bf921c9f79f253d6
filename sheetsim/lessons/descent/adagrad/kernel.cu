// Adagrad: each parameter's step divided by the root of v, the sum of its squared gradients so far.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, v0;
    double torch_lr, lr_decay, eps;
};

struct LessonRule : Rule<LessonRule>, Parameters {
    static constexpr bool HAS_V = true;

    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}
    __device__ Average start() const { return {0, v0}; }

    __device__ double step(double w, double g, double &, double &v) const {
        v = v + g * g;
        return w - g * lr / sqrt(v);
    }
};

struct TorchRule : Rule<TorchRule> {
    static constexpr bool HAS_V = true;
    double lr, lr_decay, eps;
    double t = 0;  // number of the step

    __device__ explicit TorchRule(const Parameters &p) : lr(p.torch_lr), lr_decay(p.lr_decay), eps(p.eps) {}
    __device__ TorchRule(double lr, double lr_decay, double eps, double t)
        : lr(lr), lr_decay(lr_decay), eps(eps), t(t) {}

    __device__ void begin_step() { t += 1; }

    template <class T> __device__ T step(T w, T g, T &, T &v) const {
        v = v + g * g;
        return w - T(lr / (1 + (t - 1) * lr_decay)) * g / (sqrt(v) + T(eps));
    }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr, double lr_decay, double eps, double t) {
    step_all(TorchRule(lr, lr_decay, eps, t), param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr, double lr_decay, double eps, double t) {
    step_all(TorchRule(lr, lr_decay, eps, t), param, grad, m, v, count);
}
