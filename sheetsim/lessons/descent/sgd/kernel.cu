// Plain stochastic gradient descent, with finite-difference estimates of the gradient beside it.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr;
    double torch_lr;
};

struct LessonRule : Rule<LessonRule>, Parameters {
    __device__ explicit LessonRule(const Parameters &p) : Parameters(p) {}

    __device__ Seen row(Point p, Model &w, Row out) {
        double y_pred = w.b + w.a * p.x;
        double err2 = square(p.y - y_pred);
        double errb1 = square(w.b + 0.01 + p.x * w.a - p.y);
        double est_b = (errb1 - err2) / 0.01;
        double erra1 = square((w.a + 0.01) * p.x + w.b - p.y);
        double est_a = (erra1 - err2) / 0.01;
        double g_b = 2 * (y_pred - p.y);
        double g_a = g_b * p.x;
        double new_a = w.a - g_a * lr;
        double new_b = w.b - g_b * lr;
        out << w.b << w.a << y_pred << err2 << errb1 << est_b << erra1 << est_a;
        out << g_b << g_a << new_a << new_b;
        w.b = new_b;
        w.a = new_a;
        return {y_pred, g_b, g_a};
    }

    __device__ void extras(Row out, const Model &, const Sums &sums, long long) const {
        out << sqrt(sums.err2) << sqrt(sums.g_b2) << sqrt(sums.g_a2);
    }
};

struct TorchRule : Rule<TorchRule> {
    double lr;

    __device__ explicit TorchRule(const Parameters &p) : lr(p.torch_lr) {}
    __device__ explicit TorchRule(double lr) : lr(lr) {}

    template <class T> __device__ T step(T w, T g, T &, T &) const { return w - T(lr) * g; }
};

extern "C" __global__ void run(const Job *job) { descend<Parameters, LessonRule, TorchRule>(*job); }

extern "C" __global__ void step_float(float *param, const float *grad, float *m, float *v, long long count,
                                      double lr) {
    step_all(TorchRule(lr), param, grad, m, v, count);
}

extern "C" __global__ void step_double(double *param, const double *grad, double *m, double *v,
                                       long long count, double lr) {
    step_all(TorchRule(lr), param, grad, m, v, count);
}
