#include "support/random_estate.h"

#include <algorithm>
#include <random>

namespace ararat::testing {
namespace {

class RandomEstate {
public:
    RandomEstate(std::uint32_t seed, std::size_t applications) : random_(seed), count_(applications) {}

    EstateBuilder run() {
        add_calendars();
        for (std::size_t i = 0; i < count_; ++i) add_application(i);
        for (std::size_t i = 0; i < count_; ++i) add_dependencies(i);
        add_rules();
        add_pins();
        if (chance(30))
            estate_.plan.sites.at(SiteId{"ark"}).contract_end = chance(50) ? "2017-10-31" : "2018-02-28";
        return std::move(estate_);
    }

private:
    int below(int limit) { return static_cast<int>(random_() % static_cast<std::uint32_t>(limit)); }
    bool chance(int percent) { return below(100) < percent; }
    static std::string name(std::size_t i) { return "app-" + std::to_string(i); }
    std::string any_name() { return name(static_cast<std::size_t>(below(static_cast<int>(count_)))); }

    void add_calendars() {
        Calendar& evenings = estate_.calendar("evenings", {0, 1, 2, 3}, 19 * 60, 23 * 60);
        evenings.lockout = std::chrono::minutes(45);
        evenings.freezes.push_back({"2017-10-10", "2017-10-12"});
        Calendar& weekends = estate_.calendar("weekends", {5}, 8 * 60, 30 * 60);
        weekends.lockout = std::chrono::minutes(60);
        estate_.plan.resources = {{"engineers", 4}, {"dba", 1}};
        if (chance(50)) estate_.plan.links[0].available_from = utc(2017, 10, 3 + below(6), below(24));
    }

    void add_application(std::size_t i) {
        std::vector<std::string> sites{chance(70) ? "primary" : "secondary"};
        if (chance(20)) sites.push_back(sites[0] == "primary" ? "secondary" : "primary");
        const bool spread = sites.size() == 2 && chance(50);
        Application& application = estate_.application(name(i), sites);
        if (spread) application.components[0].pairs = PairRule::kSpread;
        application.expected_duration.reset();
        if (chance(80)) application.expected_duration = std::chrono::minutes(10 + below(60));
        application.priority = 1 + below(9);
        if (chance(60)) application.calendar = chance(80) ? "evenings" : "weekends";
        if (chance(50)) application.resources["engineers"] = 1 + below(2);
        if (chance(20)) application.resources["dba"] = 1;
        if (chance(50)) application.data_bytes = static_cast<std::uint64_t>(1 + below(400)) * 1'000'000'000;
        for (const HostId& host : application.components[0].hosts) {
            estate_.plan.hosts.at(host).change_bytes_per_hour =
                static_cast<std::uint64_t>(below(4)) * 1'000'000'000;
        }
        if (i > 0 && chance(2)) {
            application.components[0].hosts[0] = HostId{any_earlier(i) + "-1"};
        }
    }

    std::string any_earlier(std::size_t i) {
        return name(static_cast<std::size_t>(below(static_cast<int>(i))));
    }

    void add_dependencies(std::size_t i) {
        for (int k = below(3); i > 0 && k > 0; --k) estate_.needs(name(i), any_earlier(i));
        if (i > 0 && chance(2)) estate_.needs(any_earlier(i), name(i));  // may close a circle
        if (chance(20)) add_unequal(i, &EstateBuilder::uses);
        if (chance(3)) add_unequal(i, &EstateBuilder::pairs);
    }

    void add_unequal(std::size_t i,
                     EstateBuilder& (EstateBuilder::*add)(const std::string&, const std::string&)) {
        const std::string other = any_name();
        if (other != name(i)) (estate_.*add)(name(i), other);
    }

    void add_rules() {
        if (chance(40)) estate_.together({any_name(), any_name()}, "one chassis");
    }

    void add_pins() {
        if (!chance(30)) return;
        estate_.pin("first", {any_name()});
        if (!chance(50)) return;
        const std::string other = any_name();
        if (estate_.plan.waves[0].applications[0].str() == other) return;
        WavePin& pin = estate_.pin("second", {other});
        if (chance(30)) pin.calendar = "weekends";
        if (chance(30)) pin.after.push_back(WaveId{"first"});
    }

    EstateBuilder estate_;
    std::mt19937 random_;
    std::size_t count_;
};

}  // namespace

EstateBuilder random_estate(std::uint32_t seed, std::size_t applications) {
    return RandomEstate(seed, applications).run();
}

Plan shuffled(Plan plan, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::ranges::shuffle(plan.links, random);
    std::ranges::shuffle(plan.together, random);
    std::ranges::shuffle(plan.waves, random);
    for (auto& rule : plan.together) std::ranges::shuffle(rule.applications, random);
    for (auto& wave : plan.waves) std::ranges::shuffle(wave.applications, random);
    for (auto& [id, application] : plan.applications) {
        std::ranges::shuffle(application.components, random);
        std::ranges::shuffle(application.dependencies, random);
        std::ranges::shuffle(application.pairs_with, random);
    }
    for (auto& [id, calendar] : plan.calendars) {
        std::ranges::shuffle(calendar.windows, random);
        std::ranges::shuffle(calendar.freezes, random);
    }
    return plan;
}

}  // namespace ararat::testing
