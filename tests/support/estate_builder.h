// Plans for tests of the scheduler, without going through text: two target sites, one source site,
// links of 1 Gbit/s (half usable) and whatever the test adds. Every thing gets a line of its own in
// "plan.yaml", in the order of adding.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "model/plan.h"

namespace ararat::testing {

// 2017-10-02 is a Monday.
[[nodiscard]] Instant utc(int year, int month, int day, int hour = 0, int minute = 0);

class EstateBuilder {
public:
    EstateBuilder();

    // An application with one component, whose hosts "NAME-1", "NAME-2", ... move to `sites`.
    Application& application(const std::string& name, std::vector<std::string> sites = {"primary"});
    EstateBuilder& needs(const std::string& dependent, const std::string& prerequisite);
    EstateBuilder& uses(const std::string& dependent, const std::string& prerequisite);
    EstateBuilder& pairs(const std::string& one, const std::string& other);
    EstateBuilder& together(std::initializer_list<std::string> names, const std::string& reason);
    // A daily UTC window on the given weekdays (0 is Monday).
    Calendar& calendar(const std::string& id, std::set<int> weekdays, int start_minute, int end_minute);
    WavePin& pin(const std::string& id, std::initializer_list<std::string> names);
    Link& link(const std::string& from, const std::string& to);

    Plan plan;

private:
    SourcePlace next_place();
    int line_ = 0;
};

}  // namespace ararat::testing
