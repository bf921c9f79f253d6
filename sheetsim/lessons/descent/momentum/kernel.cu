// Momentum: SGD that follows a running average m of the gradients.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, momentum, m0;
    double torch_lr, torch_momentum, dampening;
};

struct LessonRule : Rule<LessonRule>, Parameters {
    static constexpr bool HAS_M = true;

    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}
    __device__ Average start() const { return {m0, 0}; }

    __device__ double step(double w, double g, double &m, double &) const {
        m = m * momentum + (1 - momentum) * g;
        return w - m * lr;
    }

    __device__ void more_columns(Row &row, const Model &, double err2) const { row << err2; }

    __device__ void extras(Row out, const Model &start, const Sums &sums, long long) const {
        out << start.m_b << start.m_a << sqrt(sums.err2);
    }
};

struct TorchRule : Rule<TorchRule> {
    static constexpr bool HAS_M = true;
    double lr, momentum, dampening;
    double t = 0;  // number of the step

    __device__ explicit TorchRule(const Parameters &p)
        : lr(p.torch_lr), momentum(p.torch_momentum), dampening(p.dampening) {}
    __device__ TorchRule(double lr, double momentum, double dampening, double t)
        : lr(lr), momentum(momentum), dampening(dampening), t(t) {}

    __device__ void begin_step() { t += 1; }

    // m is torch's momentum_buffer: the first is the gradient itself.
    template <class T> __device__ T step(T w, T g, T &m, T &) const {
        m = t == 1 ? g : T(momentum) * m + T(1 - dampening) * g;
        return w - T(lr) * m;
    }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr, double momentum, double dampening, double t) {
    step_all(TorchRule(lr, momentum, dampening, t), param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr, double momentum, double dampening,
                                       double t) {
    step_all(TorchRule(lr, momentum, dampening, t), param, grad, m, v, count);
}
