// torch's rule on a large vector of parameters: one pass over memory, in place.
//
// A rule's `step(w, g, m, v)` is what the lessons' tables use too. Each thread takes 16 bytes at a time, where
// all arrays begin on such a boundary, and strides over the grid.
#pragma once

template <class T> struct alignas(16) Pack {
    static constexpr int SIZE = 16 / sizeof(T);
    T of[SIZE];
};

__device__ inline bool aligned(const void *pointer) { return (unsigned long long)pointer % 16 == 0; }

template <class T, class AnyRule> __device__ T next(const AnyRule &rule, T w, T g, T &m, T &v) {
    return rule.step(w, rule.with_penalty(g, w), m, v);
}

// The next parameters from these ones and their gradients; m and v only for rules that have them, else null.
template <class T, class AnyRule>
__device__ void step_all(const AnyRule &rule, T *param, const T *grad, T *m, T *v, long long count) {
    const long long thread = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    const long long threads = (long long)gridDim.x * blockDim.x;
    const bool wide = aligned(param) && aligned(grad) && aligned(m) && aligned(v);
    const long long packs = wide ? count / Pack<T>::SIZE : 0;

    for (long long i = thread; i < packs; i += threads) {
        Pack<T> w = ((Pack<T> *)param)[i], g = ((const Pack<T> *)grad)[i], pack_m{}, pack_v{};
        if (AnyRule::HAS_M) pack_m = ((Pack<T> *)m)[i];
        if (AnyRule::HAS_V) pack_v = ((Pack<T> *)v)[i];
        for (int k = 0; k < Pack<T>::SIZE; ++k)
            w.of[k] = next(rule, w.of[k], g.of[k], pack_m.of[k], pack_v.of[k]);
        ((Pack<T> *)param)[i] = w;
        if (AnyRule::HAS_M) ((Pack<T> *)m)[i] = pack_m;
        if (AnyRule::HAS_V) ((Pack<T> *)v)[i] = pack_v;
    }
    for (long long i = packs * Pack<T>::SIZE + thread; i < count; i += threads) {
        T one_m = AnyRule::HAS_M ? m[i] : T(0), one_v = AnyRule::HAS_V ? v[i] : T(0);
        param[i] = next(rule, param[i], grad[i], one_m, one_v);
        if (AnyRule::HAS_M) m[i] = one_m;
        if (AnyRule::HAS_V) v[i] = one_v;
    }
}
