// How long a job may take beside what the plan says: a distribution of the ratio of its duration to the
// planned one, so that one spread serves all jobs of a kind, and what is measured on some of them says
// something of the others. Every spread becomes a table of quantiles, and a draw costs one look into it.
// Units: ratios, without one. Errors: InvalidArgument, with the fault. Thread promise: values.
// Sources: PERT's beta distribution with shape 4 (Malcolm, Roseboom, Clark and Fazar 1959); the plotting
// positions of measured values are Hazen's (1914).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace ararat::planning::scheduler {

enum class SpreadShape : std::uint8_t {
    kFixed,       // takes what is planned, however slow the programme is: hypercare of two weeks
    kTriangular,  // low, mode, high
    kPert,        // low, mode, high, with less weight at both ends
    kLognormal,   // median, p90
};

struct DurationSpread {
    SpreadShape shape = SpreadShape::kFixed;
    double low = 1;
    double mode = 1;
    double high = 1;
    double median = 1;
    double p90 = 1;
    // What jobs of this kind took, as ratios to their plans, in any order. n of them count for
    // n / (n + prior_weight) of the whole and the shape above for the rest.
    std::vector<double> measured;
    double prior_weight = 8;
};

// The inverse of a distribution function, linear between knots: at each 256th of the probability, and in the
// first and the last of these at each 65,536th, where the tails are. The outermost steps of a distribution
// without an end keep their mean.
class QuantileTable {
public:
    static constexpr std::size_t kSteps = 256;
    static constexpr std::size_t kKnots = 3 * kSteps - 1;
    using Knots = std::array<float, kKnots>;

    // The probability of a knot.
    [[nodiscard]] static double probability_at(std::size_t knot);

    QuantileTable() { at_.fill(1); }
    // In ascending order.
    explicit QuantileTable(const Knots& at) : at_(at) {}

    // `where` is a uniform number's 32 bits.
    [[nodiscard]] double draw(std::uint32_t where) const {
        const std::uint32_t step = where >> 24U;
        if (step == 0 || step + 1 == kSteps) {
            const std::size_t knot = (step == 0 ? 0 : 2 * kSteps - 2) + ((where >> 16U) & 0xffU);
            return between(knot, static_cast<double>(where & 0xffffU) * 0x1.0p-16);
        }
        return between(kSteps - 1 + step, static_cast<double>(where & 0xffffffU) * 0x1.0p-24);
    }
    // probability in [0, 1].
    [[nodiscard]] double quantile(double probability) const;
    // The share of the distribution that is at most `ratio`.
    [[nodiscard]] double share_up_to(double ratio) const;

private:
    [[nodiscard]] double between(std::size_t knot, double part) const {
        const double below = at_[knot];
        return below + part * (static_cast<double>(at_[knot + 1]) - below);
    }

    Knots at_;
};

[[nodiscard]] Result<QuantileTable> quantiles_of(const DurationSpread& spread);
// Mean and variance of the logarithm of what is drawn; a ratio below a thousandth counts as one.
struct LogarithmMoments {
    double mean = 0;
    double variance = 0;
};
[[nodiscard]] LogarithmMoments logarithm_of(const QuantileTable& table);
// Of the normal distribution with mean 0 and variance 1.
[[nodiscard]] const QuantileTable& normal_quantiles();

}  // namespace ararat::planning::scheduler
