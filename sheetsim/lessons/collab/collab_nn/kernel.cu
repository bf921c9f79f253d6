// A net of two embeddings, a ReLU layer and one output, trained by SGD: forward, backward, step.
//
// One number, one thread: whoever owns a weight adds up its gradient over the batch in reading order, so every
// run gives the same bits. `weights` holds both embeddings, then the layers, a row a unit with the bias last.

struct Net {
    long long users, movies, user_factors, movie_factors, hidden;

    __device__ long long wide() const { return user_factors + movie_factors; }
    __device__ long long movie_at() const { return users * user_factors; }
    __device__ long long layer1_at() const { return movie_at() + movies * movie_factors; }
    __device__ long long layer2_at() const { return layer1_at() + hidden * (wide() + 1); }
    __device__ long long count() const { return layer2_at() + hidden + 1; }

    __device__ double x(const double *weights, long long user, long long movie, long long place) const {
        return place < user_factors ? weights[user * user_factors + place]
                                    : weights[movie_at() + movie * movie_factors + place - user_factors];
    }
};

__device__ long long own_thread() { return blockIdx.x * (long long)blockDim.x + threadIdx.x; }

__device__ Net read_net(const long long *sizes) { return {sizes[0], sizes[1], sizes[2], sizes[3], sizes[4]}; }

// The state after `place` + 1 steps of Park and Miller's generator, by squaring.
extern "C" __global__ void draw_numbers(double *draws, long long count, long long seed) {
    const long long modulus = 2147483647;
    long long place = own_thread();
    if (place >= count) return;
    long long state = seed, power = 16807;
    for (long long left = place + 1; left; left /= 2) {
        if (left % 2) state = state * power % modulus;
        power = power * power % modulus;
    }
    draws[2 * place] = (double)state;
    draws[2 * place + 1] = (double)state / 2147483647;
}

// A thread for each weight: where it starts.
extern "C" __global__ void start_weights(const long long *sizes, const double *draws, double *weights,
                                         double spread) {
    Net net = read_net(sizes);
    long long own = own_thread();
    if (own >= net.count()) return;
    double drawn = 2 * draws[2 * own + 1] - 1;
    if (own < net.layer1_at()) weights[own] = spread * drawn;
    else weights[own] = drawn / sqrt((double)(own < net.layer2_at() ? net.wide() : net.hidden));
}

// A thread for each wanted id: where it stands in the list, from 1.
extern "C" __global__ void find_places(const double *wanted, long long count, const double *ids, long long many,
                                       long long *places) {
    long long own = own_thread();
    if (own >= count) return;
    places[own] = 0;
    for (long long place = many; place > 0; --place)
        if (ids[place - 1] == wanted[own]) places[own] = place;
}

// A thread for each rating of the batch: the net forward, and back to the embeddings.
extern "C" __global__ void pass_batch(const long long *sizes, const double *weights, const long long *user,
                                      const long long *movie, const double *rating, double *x, double *before,
                                      double *after, double *out, double *after_slope, double *x_slope,
                                      long long batch, double low, double high) {
    Net net = read_net(sizes);
    long long own = own_thread(), wide = net.wide();
    if (own >= batch) return;
    const double *layer1 = weights + net.layer1_at(), *layer2 = weights + net.layer2_at();
    x += own * wide, x_slope += own * wide;
    before += own * net.hidden, after += own * net.hidden, after_slope += own * net.hidden;
    for (long long k = 0; k < wide; ++k) x[k] = net.x(weights, user[own] - 1, movie[own] - 1, k);
    double z = 0;
    for (long long h = 0; h < net.hidden; ++h) {
        double sum = 0;
        for (long long k = 0; k < wide; ++k) sum += x[k] * layer1[h * (wide + 1) + k];
        before[h] = sum + layer1[h * (wide + 1) + wide];
        after[h] = before[h] > 0 ? before[h] : 0;
        z += after[h] * layer2[h];
    }
    z = z + layer2[net.hidden];
    double pred = low + (high - low) / (1 + exp(fmin(700.0, -z))), error = pred - rating[own];
    double slope = 2 / (double)batch * error * (pred - low) * (high - pred) / (high - low);
    out[4 * own] = z, out[4 * own + 1] = pred, out[4 * own + 2] = error, out[4 * own + 3] = slope;
    for (long long h = 0; h < net.hidden; ++h) after_slope[h] = before[h] > 0 ? slope * layer2[h] : 0;
    for (long long k = 0; k < wide; ++k) {
        double sum = 0;
        for (long long h = 0; h < net.hidden; ++h) sum += after_slope[h] * layer1[h * (wide + 1) + k];
        x_slope[k] = sum;
    }
}

// A thread for each weight: its gradient over the batch, and where it is after the step.
extern "C" __global__ void move_weights(const long long *sizes, const double *weights, const long long *user,
                                        const long long *movie, const double *x, const double *after,
                                        const double *out, const double *after_slope, const double *x_slope,
                                        double *slopes, double *next, long long batch, double lr,
                                        double weight_decay) {
    Net net = read_net(sizes);
    long long own = own_thread(), wide = net.wide();
    if (own >= net.count()) return;
    double sum = 0;
    for (long long row = 0; row < batch; ++row) {
        if (own < net.movie_at()) {
            if (user[row] - 1 == own / net.user_factors) sum += x_slope[row * wide + own % net.user_factors];
        } else if (own < net.layer1_at()) {
            long long place = own - net.movie_at();
            if (movie[row] - 1 == place / net.movie_factors)
                sum += x_slope[row * wide + net.user_factors + place % net.movie_factors];
        } else if (own < net.layer2_at()) {
            long long unit = (own - net.layer1_at()) / (wide + 1), k = (own - net.layer1_at()) % (wide + 1);
            double slope = after_slope[row * net.hidden + unit];
            sum += k < wide ? slope * x[row * wide + k] : slope;
        } else {
            long long unit = own - net.layer2_at();
            double slope = out[4 * row + 3];
            sum += unit < net.hidden ? slope * after[row * net.hidden + unit] : slope;
        }
    }
    slopes[own] = sum;
    next[own] = weights[own] - lr * (sum + weight_decay * weights[own]);
}

// A thread for each unit and user, then for each unit and movie: what they bring to layer 1.
extern "C" __global__ void split_layer(const long long *sizes, const double *weights, double *of_user,
                                       double *of_movie) {
    Net net = read_net(sizes);
    long long own = own_thread(), wide = net.wide();
    const double *layer1 = weights + net.layer1_at();
    double sum = 0;
    if (own < net.users * net.hidden) {
        const double *row = layer1 + own % net.hidden * (wide + 1);
        for (long long k = 0; k < net.user_factors; ++k)
            sum += weights[own / net.hidden * net.user_factors + k] * row[k];
        of_user[own] = sum + row[wide];
    } else if ((own -= net.users * net.hidden) < net.movies * net.hidden) {
        const double *row = layer1 + own / net.movies * (wide + 1) + net.user_factors;
        for (long long k = 0; k < net.movie_factors; ++k)
            sum += weights[net.movie_at() + own % net.movies * net.movie_factors + k] * row[k];
        of_movie[own] = sum;
    }
}

// A thread for each user and movie: the guess.
extern "C" __global__ void guess_ratings(const long long *sizes, const double *weights, const double *of_user,
                                         const double *of_movie, double *guess, double low, double high) {
    Net net = read_net(sizes);
    long long own = own_thread();
    if (own >= net.users * net.movies) return;
    const double *layer2 = weights + net.layer2_at();
    double sum = 0;
    for (long long h = 0; h < net.hidden; ++h) {
        double unit = of_user[own / net.movies * net.hidden + h] + of_movie[h * net.movies + own % net.movies];
        sum += (unit > 0 ? unit : 0) * layer2[h];
    }
    guess[own] = low + (high - low) / (1 + exp(fmin(700.0, -(sum + layer2[net.hidden]))));
}
