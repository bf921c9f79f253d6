// Batch gradient descent on the factors and biases of users and movies.
//
// No two threads write to one number: a thread owns a weight and adds its terms up in reading order, so that
// every run gives the same bits. Launches follow one another: cells (predictions and errors), then weights
// (gradients and steps), then the weights of the next epoch.
//
// A panel is [1 + factors + users, 1 + factors + movies], as on the sheet: movies' biases and factors on top,
// users' on the left, the grid between them, one number in the corner.

__device__ const long long MODULUS = 2147483647;

__device__ long long thread_number() { return blockIdx.x * (long long)blockDim.x + threadIdx.x; }

// The state after `place` + 1 steps of Park and Miller's generator: seed * 16807^(place + 1), by squaring.
extern "C" __global__ void draw_numbers(double *draws, long long count, long long seed) {
    long long place = thread_number();
    if (place >= count) return;
    long long state = seed, power = 16807;
    for (long long left = place + 1; left; left /= 2) {
        if (left % 2) state = state * power % MODULUS;
        power = power * power % MODULUS;
    }
    draws[2 * place] = (double)state;
    draws[2 * place + 1] = (double)state / 2147483647;
}

// 1 for training, 2 for the test, 0 where there is no rating (NaN).
extern "C" __global__ void choose_split(const double *ratings, const double *draws, double *split, long long cells,
                                  double test_share) {
    long long cell = thread_number();
    if (cell >= cells) return;
    split[cell] = isnan(ratings[cell]) ? 0 : draws[2 * cell + 1] < test_share ? 2 : 1;
}

// Means of the training ratings: thread 0 all, then one for each row, then one for each column.
extern "C" __global__ void average_ratings(const double *ratings, const double *split, double *found, double *counts,
                                 long long users, long long movies) {
    long long own = thread_number();
    if (own > users + movies) return;
    double sum = 0;
    long long train = 0, test = 0;
    for (long long cell = 0; cell < users * movies; ++cell) {
        bool mine = own == 0 || (own <= users ? cell / movies == own - 1 : cell % movies == own - 1 - users);
        if (!mine) continue;
        if (split[cell] == 1) sum += ratings[cell], ++train;
        if (split[cell] == 2) ++test;
    }
    found[own] = train ? sum / train : nan("");
    if (own == 0) counts[0] = train, counts[1] = test;
}

// The weights before training: biases 0, factors from the random numbers, those beyond `factors` 0.
extern "C" __global__ void start_weights(double *model, const double *draws, long long users, long long movies,
                                 long long most, long long factors, double low, double high) {
    long long width = 1 + most + movies, cell = thread_number();
    if (cell >= (1 + most + users) * width) return;
    long long row = cell / width, column = cell % width;
    bool user = row > most && column <= most, movie = row <= most && column > most;
    model[cell] = nan("");
    if (!user && !movie) return;
    long long factor = user ? column : row;
    long long place = user ? (row - 1 - most) * most + factor - 1
                           : users * most + (factor - 1) * movies + column - 1 - most;
    model[cell] = factor == 0 || factor > factors ? 0 : low + (high - low) * draws[2 * place + 1];
}

// A thread for each user and movie: prediction, training error, test error.
extern "C" __global__ void predict_ratings(const double *ratings, const double *split, const double *mean,
                                   double *model, double *slopes, double *steps, long long users,
                                   long long movies, long long most) {
    long long cell = thread_number();
    if (cell >= users * movies) return;
    long long width = 1 + most + movies, row = 1 + most + cell / movies, column = 1 + most + cell % movies;
    long long at = row * width + column;
    double sum = *mean + model[row * width] + model[column];
    for (long long k = 1; k <= most; ++k) sum += model[row * width + k] * model[k * width + column];
    model[at] = sum;
    slopes[at] = split[cell] == 1 ? sum - ratings[cell] : 0;
    steps[at] = split[cell] == 2 ? sum - ratings[cell] : 0;
}

// A thread for each weight: its gradient, its step. `last` are the last epoch's steps, null before the first.
extern "C" __global__ void find_steps(const double *model, double *slopes, double *steps, const double *last,
                                   const double *counts, long long users, long long movies, long long most,
                                   double momentum, double weight_decay) {
    long long own = thread_number(), width = 1 + most + movies;
    if (own >= (users + movies) * (1 + most)) return;
    bool user = own < users * (1 + most);
    if (!user) own -= users * (1 + most);
    long long row = user ? 1 + most + own / (1 + most) : own / movies;
    long long column = user ? own % (1 + most) : 1 + most + own % movies;
    double sum = 0;
    for (long long other = 0; other < (user ? movies : users); ++other) {
        long long error = user ? row * width + 1 + most + other : (1 + most + other) * width + column;
        long long partner = user ? column * width + 1 + most + other : (1 + most + other) * width + row;
        bool bias = (user ? column : row) == 0;
        sum += bias ? slopes[error] : slopes[error] * model[partner];
    }
    long long at = row * width + column;
    double slope = 2 / counts[0] * sum, decayed = slope + weight_decay * model[at];
    slopes[at] = slope;
    steps[at] = last ? momentum * last[at] + decayed : decayed;
}

// A thread for each weight: where it is after the step.
extern "C" __global__ void make_step(const double *model, const double *steps, double *next, long long users,
                                long long movies, long long most, double lr) {
    long long cell = thread_number(), width = 1 + most + movies;
    if (cell >= (1 + most + users) * width) return;
    bool user = cell / width > most && cell % width <= most, movie = cell / width <= most && cell % width > most;
    next[cell] = user || movie ? model[cell] - lr * steps[cell] : nan("");
}

// A thread for each epoch: the corners of its panels, and its losses.
extern "C" __global__ void sum_up(double *model, double *slopes, double *steps, double *loss,
                                  const double *mean, const double *counts, long long epochs, long long users,
                                  long long movies, long long most, double lr) {
    long long epoch = thread_number(), width = 1 + most + movies, height = 1 + most + users;
    if (epoch > epochs) return;
    model += epoch * width * height;
    slopes += epoch * width * height;
    steps += epoch * width * height;
    double train = 0, test = 0, length = 0;
    for (long long row = 1 + most; row < height; ++row)
        for (long long column = 1 + most; column < width; ++column) {
            double error = slopes[row * width + column], missed = steps[row * width + column];
            train += error * error;
            test += missed * missed;
        }
    for (long long row = 1 + most; row < height; ++row)
        for (long long column = 0; column <= most; ++column)
            length += steps[row * width + column] * steps[row * width + column];
    for (long long row = 0; row <= most; ++row)
        for (long long column = 1 + most; column < width; ++column)
            length += steps[row * width + column] * steps[row * width + column];
    model[0] = *mean;
    steps[0] = lr * sqrt(length);
    slopes[0] = loss[2 * epoch] = sqrt(train / counts[0]);
    loss[2 * epoch + 1] = counts[1] ? sqrt(test / counts[1]) : nan("");
}

// Blanks of a panel between corner and margins.
extern "C" __global__ void clear_panels(double *panels, long long cells) {
    long long cell = thread_number();
    if (cell < cells) panels[cell] = nan("");
}

// A thread for each of `count` values: its rank, 1 for the largest, of equals the first first; no number where
// one of the values is none.
extern "C" __global__ void rank_values(const double *values, double *ranks, long long count, long long stride) {
    long long own = thread_number();
    if (own >= count) return;
    long long before = 0;
    bool numbers = true;
    for (long long other = 0; other < count; ++other) {
        double value = values[other * stride], mine = values[own * stride];
        before += value > mine || (value == mine && other < own);
        numbers = numbers && isfinite(value);
    }
    ranks[own] = numbers ? 1 + before : nan("");
}
