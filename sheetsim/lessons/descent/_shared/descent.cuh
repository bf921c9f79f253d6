// Gradient descent on y = a*x + b, one point a row: what the nine lessons' kernels share.
//
// A *run* is one setting of the parameters; a thread works out a whole run, so that a grid of learning rates
// is one launch. A *rule* is what a lesson adds: how a gradient becomes a step. The lesson's rule starts from
// dry passes and throws each epoch's last step away (the averages stay); torch's goes on without a break.
//
// Arrays are [..., runs]: neighbouring threads touch neighbouring numbers. A table is [rows, columns, runs]
// in the sheet's order of columns. A null array is one that nobody asked for.
//
// Every formula is in the sheet's order, and compiled without fused multiply-add: the same bits as in Excel.
#pragma once

struct Job {  // what the host asks for, the same for all runs; every field has 8 bytes
    long long runs, rows, epochs, dry_passes;
    long long typed;  // bit k: start[k] is given
    long long lesson_columns, torch_columns, summary_columns, extras_columns, state_columns;  // widths
    const double *x, *y;                     // [rows]
    const double *parameters;                // [fields of Parameters, runs]
    const double *start;                     // [STATE, runs]
    double *dry, *lesson, *torch;            // tables, a row a point
    double *lesson_summary, *torch_summary;  // tables, a row an epoch; null: leave this rule out
    double *extras;                          // a row: the lesson sheet's cells outside its table
    double *lesson_end, *torch_end;          // a row: STATE after the last point
};

struct Point {
    double x, y;
};

struct Average {
    double m, v;
};

constexpr int STATE = 5;    // m_b, m_a, v_b, v_a, best
constexpr int SUMMARY = 5;  // rmse, b, a, lr, root of the summed squared errors

struct Model {
    double b, a;      // intercept, slope
    double m_b, m_a;  // running averages of their gradients
    double v_b, v_a;  // of the squared gradients
    double best;      // smallest sum of roots so far (adam_ann)
};

struct Seen {  // what a row found out
    double pred, g_b, g_a;
};

struct Sums {  // over an epoch's rows, from the first to the last
    double err2 = 0, g_b2 = 0, g_a2 = 0;
};

// The numbers of one row, written one after another: row << b << a << pred. What has no column is let go.
struct Row {
    double *at;
    long long step, left;

    __device__ Row &operator<<(double value) {
        if (left > 0) {
            *at = value;
            at += step;
            --left;
        }
        return *this;
    }
};

struct Table {
    double *data;
    long long columns, first;  // `first`: the column where this rule's begin
    long long runs, run;

    __device__ Row row(long long r) const {
        if (!data) return {nullptr, 0, 0};
        return {data + (r * columns + first) * runs + run, runs, columns - first};
    }
};

__device__ inline double square(double x) { return x * x; }

// What the rules have in common; each says what differs by a member of the same name.
template <class Self> struct Rule {
    static constexpr bool HAS_M = false, HAS_V = false;  // which averages have columns
    static constexpr bool READS_NEW_V = true;            // whether the step reads this row's v

    __device__ Average start() const { return {0, 0}; }
    __device__ void begin_dry_pass(Model &) {}
    __device__ void begin_epoch(long long, Model &) {}
    __device__ void begin_step() {}
    template <class T> __device__ T with_penalty(T g, T /* w */) const { return g; }
    __device__ void more_columns(Row &, const Model &, double /* err2 */) const {}

    __device__ Seen row(Point p, Model &w, Row out) {
        Self &self = static_cast<Self &>(*this);
        double pred = w.b + w.a * p.x;
        double g = 2 * (w.a * p.x + w.b - p.y);
        double g_b = self.with_penalty(g, w.b);
        double g_a = self.with_penalty(g * p.x, w.a);
        out << w.b << w.a << pred << g_b << g_a;
        self.begin_step();
        w.b = checked(self.step(w.b, g_b, w.m_b, w.v_b), w.v_b);
        w.a = checked(self.step(w.a, g_a, w.m_a, w.v_a), w.v_a);
        out << w.b << w.a;
        if (Self::HAS_M) out << w.m_b << w.m_a;
        if (Self::HAS_V) out << w.v_b << w.v_a;
        self.more_columns(out, w, square(p.y - pred));
        return {pred, g_b, g_a};
    }

    // Cells of the lesson's sheet outside its table: here, the averages that epoch 1 starts from.
    __device__ void extras(Row out, const Model &start, const Sums &, long long /* rows */) const {
        if (Self::HAS_M) out << start.m_b << start.m_a;
        if (Self::HAS_V) out << start.v_b << start.v_a;
    }

  private:
    // Dividing by an infinite v would give a finite step, where the sheet has an error.
    __device__ static double checked(double w, double &v) {
        if (isfinite(v)) return w;
        v = nan("");
        return Self::READS_NEW_V ? v : w;
    }
};

struct Place {  // where a rule's numbers begin, in a lesson of several rules
    long long lesson_column = 0, torch_column = 0, summary = 0, extras = 0, state = 0;
};

// One pass over the points. `before`: the model as it was before the last row's step.
template <class AnyRule>
__device__ Sums walk(const Job &job, AnyRule &rule, Model &w, Model &before, Table table,
                     long long first_row) {
    Sums sums;
    for (long long r = 0; r < job.rows; ++r) {
        before = w;
        Point p = {job.x[r], job.y[r]};
        Seen seen = rule.row(p, w, table.row(first_row + r));
        sums.err2 += square(p.y - seen.pred);
        sums.g_b2 += square(seen.g_b);
        sums.g_a2 += square(seen.g_a);
    }
    return sums;
}

__device__ inline void put_state(double *data, const Job &job, const Place &place, long long run,
                                 const Model &w) {
    Table end = {data, job.state_columns, place.state, job.runs, run};
    end.row(0) << w.m_b << w.m_a << w.v_b << w.v_a << w.best;
}

template <class AnyRule>
__device__ void put_summary(Table table, const Job &job, long long epoch, const Sums &sums, const Model &w,
                            const AnyRule &rule) {
    table.row(epoch) << sqrt(sums.err2 / job.rows) << w.b << w.a << rule.lr << sqrt(sums.err2);
}

template <class LessonRule, class Parameters>
__device__ void run_lesson(const Job &job, const Place &place, long long run, const Parameters &parameters) {
    LessonRule rule(parameters);
    Average start = rule.start();
    Model w = {parameters.b, parameters.a, start.m, start.m, start.v, start.v, 0}, before = w;
    rule.begin_dry_pass(w);

    Table dry = {job.dry, job.lesson_columns, place.lesson_column, job.runs, run};
    for (long long pass = 0; pass < job.dry_passes; ++pass) {
        w.b = parameters.b;
        w.a = parameters.a;
        if (pass > 0) rule.begin_dry_pass(w);
        walk(job, rule, w, before, dry, pass * job.rows);
    }
    w.b = parameters.b;
    w.a = parameters.a;
    double *state[STATE] = {&w.m_b, &w.m_a, &w.v_b, &w.v_a, &w.best};
    for (int k = 0; k < STATE; ++k)
        if (job.typed >> k & 1) *state[k] = job.start[k * job.runs + run];

    const Model started = w;
    Table table = {job.lesson, job.lesson_columns, place.lesson_column, job.runs, run};
    Table summary = {job.lesson_summary, job.summary_columns, place.summary, job.runs, run};
    for (long long epoch = 0; epoch < job.epochs; ++epoch) {
        rule.begin_epoch(epoch, w);
        Sums sums = walk(job, rule, w, before, table, epoch * job.rows);
        w.b = before.b;  // the macro copies b and a from before the last step, the averages from after it
        w.a = before.a;
        put_summary(summary, job, epoch, sums, w, rule);
        if (epoch == 0) {
            Table extras = {job.extras, job.extras_columns, place.extras, job.runs, run};
            rule.extras(extras.row(0), started, sums, job.rows);
        }
    }
    put_state(job.lesson_end, job, place, run, w);
}

template <class TorchRule, class Parameters>
__device__ void run_torch(const Job &job, const Place &place, long long run, const Parameters &parameters) {
    TorchRule rule(parameters);
    Model w = {parameters.b, parameters.a, 0, 0, 0, 0, 0}, before;
    Table table = {job.torch, job.torch_columns, place.torch_column, job.runs, run};
    Table summary = {job.torch_summary, job.summary_columns, place.summary, job.runs, run};
    for (long long epoch = 0; epoch < job.epochs; ++epoch) {
        rule.begin_epoch(epoch, w);
        Sums sums = walk(job, rule, w, before, table, epoch * job.rows);
        put_summary(summary, job, epoch, sums, w, rule);
    }
    put_state(job.torch_end, job, place, run, w);
}

// The body of every lesson's `run` kernel: this thread's run, by the lesson's rule and by torch's.
template <class Parameters, class LessonRule, class TorchRule>
__device__ void descend(const Job &job, const Place &place = {}) {
    long long run = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (run >= job.runs) return;
    constexpr int COUNT = sizeof(Parameters) / sizeof(double);
    double values[COUNT];
    for (int k = 0; k < COUNT; ++k) values[k] = job.parameters[k * job.runs + run];
    Parameters parameters;
    memcpy(&parameters, values, sizeof parameters);

    if (job.lesson_summary) run_lesson<LessonRule>(job, place, run, parameters);
    if (job.torch_summary) run_torch<TorchRule>(job, place, run, parameters);
}
