// L2 regularisation (the penalty's gradient, weight_decay * w, joins the gradient) against weight decay (w
// shrinks by itself), each under SGD and under Adam.
#include "../_shared/descent.cuh"
#include "../_shared/fused.cuh"

struct Parameters {
    double b, a, lr, sgd_lr, weight_decay, beta1, beta2, m0, v0;
    double torch_lr, torch_sgd_lr, torch_weight_decay, torch_beta1, torch_beta2, eps;
};

enum Form { L2, DECAY };

// Where the two forms differ: L2 changes the gradient, decay the parameter.
template <Form FORM> struct Weakening {
    double lr, weight_decay;

    template <class T> __device__ T penalised(T g, T w) const {
        return FORM == L2 ? g + T(weight_decay) * w : g;
    }
    template <class T> __device__ T shrunk(T w) const {
        return FORM == DECAY ? w * T(1 - lr * weight_decay) : w;
    }
};

// SGD, the same by the lesson's rule and by torch's.
template <Form FORM> struct Sgd : Rule<Sgd<FORM>>, Weakening<FORM> {
    using Weakening<FORM>::lr;

    __device__ Sgd(double lr, double weight_decay) : Weakening<FORM>{lr, weight_decay} {}
    template <class T> __device__ T with_penalty(T g, T w) const { return this->penalised(g, w); }
    template <class T> __device__ T step(T w, T g, T &, T &) const { return this->shrunk(w) - T(lr) * g; }
};

template <Form FORM> struct LessonSgd : Sgd<FORM> {
    __device__ explicit LessonSgd(const Parameters &p) : Sgd<FORM>(p.sgd_lr, p.weight_decay) {}
};

template <Form FORM> struct TorchSgd : Sgd<FORM> {
    __device__ explicit TorchSgd(const Parameters &p) : Sgd<FORM>(p.torch_sgd_lr, p.torch_weight_decay) {}
};

template <Form FORM> struct LessonAdam : Rule<LessonAdam<FORM>>, Weakening<FORM> {
    static constexpr bool HAS_M = true, HAS_V = true;
    using Weakening<FORM>::lr;
    double beta1, beta2, m0, v0;

    __device__ explicit LessonAdam(const Parameters &p)
        : Weakening<FORM>{p.lr, p.weight_decay}, beta1(p.beta1), beta2(p.beta2), m0(p.m0), v0(p.v0) {}
    __device__ Average start() const { return {m0, v0}; }
    __device__ double with_penalty(double g, double w) const { return this->penalised(g, w); }

    __device__ double step(double w, double g, double &m, double &v) const {
        m = m * beta1 + (1 - beta1) * g;
        v = v * beta2 + (1 - beta2) * (g * g);
        return this->shrunk(w) - m * lr / sqrt(v);
    }
};

template <Form FORM> struct TorchAdam : Rule<TorchAdam<FORM>>, Weakening<FORM> {
    static constexpr bool HAS_M = true, HAS_V = true;
    using Weakening<FORM>::lr;
    double beta1, beta2, eps;
    double beta1_power = 1, beta2_power = 1;  // beta^t
    double correction1 = 0, correction2 = 0;  // 1 - beta^t: what the start at zero lacks

    __device__ explicit TorchAdam(const Parameters &p)
        : Weakening<FORM>{p.torch_lr, p.torch_weight_decay}, beta1(p.torch_beta1), beta2(p.torch_beta2),
          eps(p.eps) {}
    __device__ TorchAdam(double lr, double weight_decay, double beta1, double beta2, double eps,
                         double correction1, double correction2)
        : Weakening<FORM>{lr, weight_decay}, beta1(beta1), beta2(beta2), eps(eps), correction1(correction1),
          correction2(correction2) {}
    template <class T> __device__ T with_penalty(T g, T w) const { return this->penalised(g, w); }

    __device__ void begin_step() {
        beta1_power *= beta1;
        beta2_power *= beta2;
        correction1 = 1 - beta1_power;
        correction2 = 1 - beta2_power;
    }

    template <class T> __device__ T step(T w, T g, T &m, T &v) const {
        m = m + (g - m) * T(1 - beta1);
        v = T(beta2) * v + T(1 - beta2) * (g * g);
        return this->shrunk(w) - T(lr / correction1) * m / (sqrt(v) / T(sqrt(correction2)) + T(eps));
    }

    // The corrections stand after the last table.
    __device__ void more_columns(Row &row, const Model &, double) const {
        if (FORM == DECAY) row << correction1 << correction2;
    }
};

// Four tables side by side: 7, 7, 11 and 11 columns.
extern "C" __global__ void run(const Job *job) {
    descend<Parameters, LessonSgd<L2>, TorchSgd<L2>>(*job, {0, 0, 0, 0, 0});
    descend<Parameters, LessonSgd<DECAY>, TorchSgd<DECAY>>(*job, {7, 7, SUMMARY, 0, STATE});
    descend<Parameters, LessonAdam<L2>, TorchAdam<L2>>(*job, {14, 14, 2 * SUMMARY, 0, 2 * STATE});
    descend<Parameters, LessonAdam<DECAY>, TorchAdam<DECAY>>(*job, {25, 25, 3 * SUMMARY, 4, 3 * STATE});
}

#define SGD_STEP(NAME, FORM, T)                                                                              \
    extern "C" __global__ void NAME(T *param, const T *grad, T *m, T *v, long long count, double lr,         \
                                    double weight_decay) {                                                   \
        step_all(Sgd<FORM>(lr, weight_decay), param, grad, m, v, count);                                     \
    }

#define ADAM_STEP(NAME, FORM, T)                                                                             \
    extern "C" __global__ void NAME(T *param, const T *grad, T *m, T *v, long long count, double lr,         \
                                    double weight_decay, double beta1, double beta2, double eps,             \
                                    double correction1, double correction2) {                                \
        TorchAdam<FORM> rule(lr, weight_decay, beta1, beta2, eps, correction1, correction2);                 \
        step_all(rule, param, grad, m, v, count);                                                            \
    }

SGD_STEP(step_sgd_l2_float, L2, float)
SGD_STEP(step_sgd_l2_double, L2, double)
SGD_STEP(step_sgd_decay_float, DECAY, float)
SGD_STEP(step_sgd_decay_double, DECAY, double)
ADAM_STEP(step_adam_l2_float, L2, float)
ADAM_STEP(step_adam_l2_double, L2, double)
ADAM_STEP(step_adam_decay_float, DECAY, float)
ADAM_STEP(step_adam_decay_double, DECAY, double)
