// Nesterov momentum: the gradient is taken where the running average m is about to lead.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, momentum, m0;
    double torch_lr, torch_momentum;
};

struct LessonRule : Rule<LessonRule>, Parameters {
    static constexpr bool HAS_M = true;

    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}
    __device__ Average start() const { return {m0, 0}; }

    __device__ Seen row(Point p, Model &w, Row out) {
        double b_ahead = w.b - lr * momentum * w.m_b;
        double a_ahead = w.a - lr * momentum * w.m_a;
        double pred = b_ahead + a_ahead * p.x;
        double g_b = 2 * (a_ahead * p.x + b_ahead - p.y);
        double g_a = g_b * p.x;
        out << w.b << w.a << b_ahead << a_ahead << pred << g_b << g_a;
        w.b = step(w.b, g_b, w.m_b);
        w.a = step(w.a, g_a, w.m_a);
        out << w.m_b << w.m_a << w.b << w.a;
        return {pred, g_b, g_a};
    }

    __device__ double step(double w, double g, double &m) const {
        m = m * momentum + (1 - momentum) * g;
        return w - m * lr;
    }
};

struct TorchRule : Rule<TorchRule> {
    static constexpr bool HAS_M = true;
    double lr, momentum;
    double t = 0;  // number of the step

    __device__ explicit TorchRule(const Parameters &p) : lr(p.torch_lr), momentum(p.torch_momentum) {}
    __device__ TorchRule(double lr, double momentum, double t) : lr(lr), momentum(momentum), t(t) {}

    __device__ void begin_step() { t += 1; }

    // w is the point ahead already; m is torch's momentum_buffer: the first is the gradient itself.
    template <class T> __device__ T step(T w, T g, T &m, T &) const {
        m = t == 1 ? g : T(momentum) * m + g;
        return w - T(lr) * (g + T(momentum) * m);
    }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr, double momentum, double t) {
    step_all(TorchRule(lr, momentum, t), param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr, double momentum, double t) {
    step_all(TorchRule(lr, momentum, t), param, grad, m, v, count);
}
