#include "planning/scheduler/duration_spread.h"

#include <gtest/gtest.h>

#include <cmath>

#include "unit/scheduler_forecast/small_programme.h"

namespace ararat::planning::scheduler {
namespace {

QuantileTable table(const DurationSpread& spread) { return quantiles_of(spread).value(); }

// The mean of what is drawn: a table is linear between its knots.
double mean_of(const QuantileTable& quantiles) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < QuantileTable::kKnots; ++i) {
        const double from = QuantileTable::probability_at(i);
        const double to = QuantileTable::probability_at(i + 1);
        sum += (to - from) * quantiles.quantile((from + to) / 2);
    }
    return sum;
}

TEST(DurationSpread, KnotsAscendFromNothingToAll) {
    EXPECT_EQ(QuantileTable::probability_at(0), 0);
    EXPECT_EQ(QuantileTable::probability_at(QuantileTable::kKnots - 1), 1);
    QuantileTable::Knots own{};
    for (std::size_t i = 0; i < own.size(); ++i)
        own[i] = static_cast<float>(QuantileTable::probability_at(i));
    const QuantileTable uniform(own);
    for (const double share : {0.0, 1e-5, 0.0039, 0.004, 0.3, 0.996, 0.9961, 0.99999, 1.0}) {
        EXPECT_NEAR(uniform.quantile(share), share, 1e-6);
        EXPECT_NEAR(uniform.share_up_to(share), share, 1e-6);
    }
}

TEST(DurationSpread, FixedIsWhatIsPlanned) {
    const QuantileTable fixed = table({});
    EXPECT_EQ(fixed.quantile(0), 1);
    EXPECT_EQ(fixed.quantile(1), 1);
    EXPECT_EQ(fixed.share_up_to(0.99), 0);
    EXPECT_EQ(fixed.share_up_to(1), 1);
}

TEST(DurationSpread, TriangularHasItsClosedForm) {
    const QuantileTable found = table(triangular(0.5, 1, 3));
    // F(x) = (x - low)^2 / (width * (mode - low)) up to the mode, 1 - (high - x)^2 / (width * (high - mode)).
    EXPECT_NEAR(found.quantile(0.1), 0.5 + std::sqrt(0.1 * 2.5 * 0.5), 1e-3);
    EXPECT_NEAR(found.quantile(0.8), 3 - std::sqrt(0.2 * 2.5 * 2), 1e-4);
    EXPECT_NEAR(found.quantile(0.999), 3 - std::sqrt(0.001 * 2.5 * 2), 1e-4);
    EXPECT_EQ(found.quantile(0), 0.5);
    EXPECT_EQ(found.quantile(1), 3);
    EXPECT_NEAR(mean_of(found), (0.5 + 1 + 3) / 3, 1e-3);
}

TEST(DurationSpread, PertHasItsMeanAndItsClosedFormWhereTheModeIsAnEnd) {
    EXPECT_NEAR(mean_of(table(pert(0.5, 1, 3))), (0.5 + 4 + 3) / 6, 1e-3);
    EXPECT_NEAR(table(pert(0, 1, 2)).quantile(0.5), 1, 1e-4);
    // With the mode at the low end the density goes as (1 - x)^4: F(x) = 1 - (1 - x)^5.
    EXPECT_NEAR(table(pert(0, 0, 1)).quantile(0.8), 1 - std::pow(0.2, 0.2), 1e-4);
}

TEST(DurationSpread, LognormalKeepsItsMedianItsP90AndItsMean) {
    const QuantileTable found = table(lognormal(1.2, 2));
    EXPECT_NEAR(found.quantile(0.5), 1.2, 1e-5);
    EXPECT_NEAR(found.quantile(0.9), 2, 1e-3);
    const double sigma = std::log(2 / 1.2) / 1.2815515655;
    EXPECT_NEAR(mean_of(found), 1.2 * std::exp(sigma * sigma / 2), 1e-3);
}

TEST(DurationSpread, TheLogarithmOfALognormalIsNormal) {
    const LogarithmMoments found = logarithm_of(table(lognormal(1.2, 2)));
    const double sigma = std::log(2 / 1.2) / 1.2815515655;
    EXPECT_NEAR(found.mean, std::log(1.2), 1e-3);
    EXPECT_NEAR(found.variance, sigma * sigma, 1e-3);
}

TEST(DurationSpread, ShareAndQuantileAreEachOthersInverse) {
    for (const DurationSpread& spread : {triangular(0.5, 1, 3), pert(0.8, 1, 4), lognormal(1, 1.5)}) {
        const QuantileTable found = table(spread);
        for (const double share : {0.03, 0.25, 0.5, 0.77, 0.99})
            EXPECT_NEAR(found.share_up_to(found.quantile(share)), share, 1e-4);
        EXPECT_EQ(found.share_up_to(found.quantile(0) - 0.01), 0);
        EXPECT_EQ(found.share_up_to(found.quantile(1) + 0.01), 1);
    }
}

// Hazen: the middle of the three parts is the median, and beyond the outer parts' middles nothing was seen.
TEST(DurationSpread, MeasuredAloneIsWhatWasMeasured) {
    DurationSpread spread = lognormal(1, 2);
    spread.measured = {1.4, 1.1, 1.3};
    spread.prior_weight = 0;
    const QuantileTable found = table(spread);
    EXPECT_NEAR(found.quantile(0.5), 1.3, 1e-6);
    EXPECT_NEAR(found.quantile(1.0 / 3), 1.2, 1e-2);
    EXPECT_NEAR(found.quantile(0), 1.1, 1e-6);
    EXPECT_NEAR(found.quantile(1), 1.4, 1e-6);
}

// One measurement among a weight of eight moves a ninth of the probability, eight hundred nearly all of it.
TEST(DurationSpread, FewMeasurementsAreShrunkTowardsWhatWasThought) {
    DurationSpread spread = triangular(0.5, 1, 1.5);
    spread.measured = {2};
    EXPECT_NEAR(table(spread).share_up_to(1.6), 8.0 / 9, 0.01);
    EXPECT_NEAR(table(spread).share_up_to(1), 8.0 / 18, 0.01);
    spread.measured.assign(800, 2);
    EXPECT_NEAR(table(spread).share_up_to(1.6), 8.0 / 808, 0.01);
    EXPECT_NEAR(table(spread).quantile(0.5), 2, 1e-3);
}

TEST(DurationSpread, WhatIsNoDistributionIsRefused) {
    EXPECT_FALSE(quantiles_of(triangular(1, 0.5, 2)).ok());
    EXPECT_FALSE(quantiles_of(pert(-1, 0.5, 2)).ok());
    EXPECT_FALSE(quantiles_of(lognormal(0, 2)).ok());
    EXPECT_FALSE(quantiles_of(lognormal(2, 1)).ok());
    DurationSpread spread;
    spread.measured = {-1};
    EXPECT_FALSE(quantiles_of(spread).ok());
    spread.measured = {1};
    spread.prior_weight = -1;
    EXPECT_FALSE(quantiles_of(spread).ok());
}

TEST(DurationSpread, NormalQuantilesAreThoseOfTheBooks) {
    EXPECT_NEAR(normal_quantiles().quantile(0.5), 0, 1e-6);
    EXPECT_NEAR(normal_quantiles().quantile(0.9), 1.2815515655, 1e-3);
    EXPECT_NEAR(normal_quantiles().quantile(0.25), -0.6744897502, 1e-4);
    EXPECT_NEAR(mean_of(normal_quantiles()), 0, 1e-6);
}

}  // namespace
}  // namespace ararat::planning::scheduler
