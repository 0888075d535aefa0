#include "planning/scheduler/duration_spread.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ararat::planning::scheduler {
namespace {

constexpr std::size_t kLast = QuantileTable::kKnots - 1;
using Knots = std::array<double, QuantileTable::kKnots>;

constexpr double kRootOfTwoPi = 2.5066282746310002;

double normal_share(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// The largest x in [low, high] with share(x) <= probability.
template <typename Share>
double inverse(Share&& share, double probability, double low, double high) {
    for (int i = 0; i < 60; ++i) {
        const double middle = 0.5 * (low + high);
        (share(middle) <= probability ? low : high) = middle;
    }
    return low;
}

QuantileTable table_of(const Knots& knots) {
    QuantileTable::Knots at{};
    std::ranges::transform(knots, at.begin(), [](double knot) { return static_cast<float>(knot); });
    return QuantileTable(at);
}

// The last step's probability, which is the first's too.
double outermost() { return QuantileTable::probability_at(1); }

Knots make_normal_knots() {
    Knots knots{};
    for (std::size_t i = 1; i < kLast; ++i)
        knots[i] = inverse(normal_share, QuantileTable::probability_at(i), -9, 9);
    // The mean beyond the last knot is the density there, by the step's probability.
    const double last = knots[kLast - 1];
    const double mean = std::exp(-0.5 * last * last) / kRootOfTwoPi / outermost();
    knots[kLast] = 2 * mean - last;
    knots[0] = -knots[kLast];
    return knots;
}

const Knots& normal_knots() {
    static const Knots knots = make_normal_knots();
    return knots;
}

Knots triangular(const DurationSpread& spread) {
    const double width = spread.high - spread.low;
    const double rise = width > 0 ? (spread.mode - spread.low) / width : 0;
    Knots knots{};
    for (std::size_t i = 0; i <= kLast; ++i) {
        const double u = QuantileTable::probability_at(i);
        knots[i] = u < rise ? spread.low + width * std::sqrt(u * rise)
                            : spread.high - width * std::sqrt((1 - u) * (1 - rise));
    }
    return knots;
}

// The density summed over a fine grid by the middle of each part, and the sum inverted.
Knots pert(const DurationSpread& spread) {
    constexpr std::size_t kParts = 4096;
    const double width = spread.high - spread.low;
    const double peak = width > 0 ? (spread.mode - spread.low) / width : 0.5;
    std::vector<double> sum(kParts + 1);
    for (std::size_t i = 0; i < kParts; ++i) {
        const double x = (static_cast<double>(i) + 0.5) / kParts;
        sum[i + 1] = sum[i] + std::pow(x, 4 * peak) * std::pow(1 - x, 4 * (1 - peak));
    }
    Knots knots{};
    std::size_t part = 0;
    for (std::size_t i = 0; i <= kLast; ++i) {
        const double wanted = sum[kParts] * QuantileTable::probability_at(i);
        while (part + 1 < kParts && sum[part + 1] < wanted) ++part;
        const double inside = (wanted - sum[part]) / (sum[part + 1] - sum[part]);
        knots[i] = spread.low + width * (static_cast<double>(part) + inside) / kParts;
    }
    knots[0] = spread.low;
    knots[kLast] = spread.high;
    return knots;
}

Knots lognormal(const DurationSpread& spread) {
    const double sigma = std::log(spread.p90 / spread.median) / inverse(normal_share, 0.9, 0, 9);
    Knots knots{};
    for (std::size_t i = 1; i < kLast; ++i) knots[i] = spread.median * std::exp(sigma * normal_knots()[i]);
    // The mean of what lies below z is that of all, by the normal share below z - sigma.
    const double whole = spread.median * std::exp(0.5 * sigma * sigma);
    const double below = whole * normal_share(normal_knots()[1] - sigma) / outermost();
    const double above = whole * normal_share(sigma - normal_knots()[kLast - 1]) / outermost();
    knots[0] = std::clamp(2 * below - knots[1], 0.0, knots[1]);
    knots[kLast] = std::max(2 * above - knots[kLast - 1], knots[kLast - 1]);
    return knots;
}

Knots of_shape(const DurationSpread& spread) {
    Knots knots{};
    switch (spread.shape) {
        case SpreadShape::kFixed: knots.fill(1); break;
        case SpreadShape::kTriangular: knots = triangular(spread); break;
        case SpreadShape::kPert: knots = pert(spread); break;
        case SpreadShape::kLognormal: knots = lognormal(spread); break;
    }
    return knots;
}

// Sorted values, each in the middle of its n-th part of the probability.
Knots of_measured(const std::vector<double>& sorted) {
    const auto count = static_cast<double>(sorted.size());
    Knots knots{};
    for (std::size_t i = 0; i <= kLast; ++i) {
        const double place = std::clamp(count * QuantileTable::probability_at(i) - 0.5, 0.0, count - 1);
        const auto below = static_cast<std::size_t>(place);
        const std::size_t above = std::min(below + 1, sorted.size() - 1);
        knots[i] = sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
    }
    return knots;
}

Result<void> check(const DurationSpread& spread) {
    const auto bad = [](const char* what) { return Error{ErrorCode::kInvalidArgument, what}; };
    const bool three = spread.shape == SpreadShape::kTriangular || spread.shape == SpreadShape::kPert;
    if (three && !(spread.low >= 0 && spread.low <= spread.mode && spread.mode <= spread.high &&
                   std::isfinite(spread.high)))
        return bad("a duration's spread needs 0 <= low <= mode <= high");
    if (spread.shape == SpreadShape::kLognormal &&
        !(spread.median > 0 && spread.p90 >= spread.median && std::isfinite(spread.p90)))
        return bad("a duration's spread needs 0 < median <= P90");
    if (!std::ranges::all_of(spread.measured, [](double r) { return r >= 0 && std::isfinite(r); }))
        return bad("a measured duration is less than nothing");
    if (!(spread.prior_weight >= 0 && std::isfinite(spread.prior_weight)))
        return bad("the weight of what was thought before measuring is less than nothing");
    return {};
}

}  // namespace

double QuantileTable::probability_at(std::size_t knot) {
    constexpr double kSquare = kSteps * kSteps;
    const auto place = static_cast<double>(knot);
    if (knot <= kSteps) return place / kSquare;
    if (knot < 2 * kSteps - 2) return (place - (kSteps - 1)) / kSteps;
    return 1 - static_cast<double>(kKnots - 1 - knot) / kSquare;
}

double QuantileTable::quantile(double probability) const {
    if (probability >= 1) return at_.back();
    return draw(static_cast<std::uint32_t>(std::max(probability, 0.0) * 0x1.0p32));
}

double QuantileTable::share_up_to(double ratio) const {
    if (ratio < static_cast<double>(at_[0])) return 0;
    const auto above = std::ranges::upper_bound(at_, static_cast<float>(ratio));
    if (above == at_.end()) return 1;
    const double high = *above;
    const double low = *std::prev(above);
    const double inside = std::clamp((ratio - low) / (high - low), 0.0, 1.0);
    const auto knot = static_cast<std::size_t>(above - at_.begin());
    const double from = probability_at(knot - 1);
    return from + inside * (probability_at(knot) - from);
}

LogarithmMoments logarithm_of(const QuantileTable& table) {
    constexpr double kLeast = 1e-3;
    double mean = 0;
    double squares = 0;
    for (std::size_t i = 0; i < kLast; ++i) {
        const double from = QuantileTable::probability_at(i);
        const double to = QuantileTable::probability_at(i + 1);
        const double logarithm = std::log(std::max(table.quantile((from + to) / 2), kLeast));
        mean += (to - from) * logarithm;
        squares += (to - from) * logarithm * logarithm;
    }
    return {mean, std::max(squares - mean * mean, 0.0)};
}

const QuantileTable& normal_quantiles() {
    static const QuantileTable table = table_of(normal_knots());
    return table;
}

Result<QuantileTable> quantiles_of(const DurationSpread& spread) {
    ARARAT_RETURN_IF_ERROR(check(spread));
    const Knots prior = of_shape(spread);
    if (spread.measured.empty()) return table_of(prior);
    std::vector<double> sorted = spread.measured;
    std::ranges::sort(sorted);
    const Knots seen = of_measured(sorted);
    const auto count = static_cast<double>(sorted.size());
    const double weight = count / (count + spread.prior_weight);
    if (weight == 1) return table_of(seen);
    const QuantileTable before = table_of(prior);
    const QuantileTable measured = table_of(seen);
    const auto share = [&](double ratio) {
        return weight * measured.share_up_to(ratio) + (1 - weight) * before.share_up_to(ratio);
    };
    Knots knots{};
    const double most = std::max(prior[kLast], seen[kLast]);
    knots[0] = std::min(prior[0], seen[0]);
    knots[kLast] = most;
    for (std::size_t i = 1; i < kLast; ++i)
        knots[i] = inverse(share, QuantileTable::probability_at(i), knots[0], most);
    return table_of(knots);
}

}  // namespace ararat::planning::scheduler
