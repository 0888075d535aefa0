#include "tests/unit/planning/small_plan.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/unit/planning/source_builder.h"

namespace ararat::planning::testing {
namespace {

constexpr const char* kPlan = R"(ararat: v1
programme: {name: small, timezone: Europe/London}
sites:
  old: {role: source}
  new: {role: target}
links:
  - {from: old, to: new, bandwidth: 1 Gbit/s, usable: 50%}
services:
  web: {availability: 99.9%}
hosts:
  old-a: {site: old, address: 198.18.1.1}
  new-a: {site: new, address: 198.18.2.1, cpus: 8}
gates:
  go: {roles: [board], all: true}
calendars:
  evenings: {windows: "Mon-Thu 19:00-23:00", lockout: 45min}
applications:
  shop:
    service: web
    gates: [go]
    calendar: evenings
    components:
      db:
        hosts: [old-a]
        to: {new-a: new}
        runbook: move
        params: {tree: /srv/data}
waves: auto
runbooks:
  move:
    params: {tree: required, wait: 5s}
    channels:
      data: {kind: tree, path: "${param.tree}"}
    steps:
      - {id: count, phase: prepare, on: source, action: digest}
      - {id: copy, phase: precopy, on: target, action: copy, opens: [data], with: {channel: "${channel.data}", path: "${param.tree}"}}
      - {id: stop, phase: quiesce, on: source, action: stop, with: {unit: shop.service}}
      - {id: sync, phase: final-sync, on: target, action: copy, closes: [data], with: {channel: "${channel.data}", path: "${param.tree}"}}
      - {id: prove, phase: verify, on: target, action: check, with: {address: "${target.address}", port: 8080, seen: "${step.count.rows}"}}
      - {id: go-live, phase: switch, on: target, action: start, point_of_no_return: true, with: {unit: shop.service}}
      - {id: soak, phase: soak, soak: "${param.wait}"}
      - {id: retire, phase: decommission, on: source, action: power-off}
)";

constexpr const char* kCopy = R"(action: copy
summary: A tree copied
class: idempotent
params:
  channel: {required: true}
  path: {type: path, required: true}
do:
  copy-tree: {channel: "${channel}", path: "${path}"}
)";

constexpr const char* kStop = R"(action: stop
summary: A unit stopped
class: idempotent
guard: cutover
params:
  unit: {type: identifier, required: true}
do:
  service: {unit: "${unit}", state: masked}
undo:
  service: {unit: "${unit}", state: started}
)";

constexpr const char* kStart = R"(action: start
summary: A unit started
class: probeable
params:
  unit: {type: identifier, required: true}
check:
  run: [/usr/bin/systemctl, is-active, "${unit}"]
do:
  service: {unit: "${unit}", state: started}
)";

constexpr const char* kCheck = R"(action: check
summary: A port that answers
class: idempotent
params:
  address: {type: address, required: true}
  port: {type: integer, required: true}
  seen: {default: ""}
  within: {type: duration, default: 20s}
files: [check.sh]
do:
  run: ["${file.check.sh}", "${address}", "${port}", "${seen}"]
  until: {every: 100ms, within: "${within}"}
)";

constexpr const char* kDigest = R"(action: digest
summary: Rows counted
class: idempotent
outputs: [rows]
do:
  run: [/usr/bin/count]
)";

constexpr const char* kPowerOff = R"(action: power-off
summary: A host powered off
class: idempotent
guard: power-off
do:
  power-off: {}
)";

}  // namespace

PlanSources small_plan() {
    PlanSources sources = alone("plan.yaml", kPlan);
    sources.actions = {{"actions/copy/action.yaml", kCopy},     {"actions/stop/action.yaml", kStop},
                       {"actions/start/action.yaml", kStart},   {"actions/check/action.yaml", kCheck},
                       {"actions/digest/action.yaml", kDigest}, {"actions/power-off/action.yaml", kPowerOff}};
    sources.action_files["check"]["check.sh"] = "#!/bin/sh\nexit 0\n";
    return sources;
}

PlanSources spoil(const PlanSources& sources, const Spoilt& change) {
    PlanSources spoilt = sources;
    int changed = 0;
    for (auto* files : {&spoilt.plans, &spoilt.runbooks, &spoilt.actions}) {
        for (SourceFile& file : *files) {
            if (file.name != change.file) continue;
            const std::size_t at = file.text.find(change.from);
            if (at == std::string::npos || file.text.find(change.from, at + 1) != std::string::npos) {
                throw std::invalid_argument(std::string(change.name) + ": '" + change.from +
                                            "' does not occur once");
            }
            file.text.replace(at, change.from.size(), change.to);
            ++changed;
        }
    }
    if (changed != 1) throw std::invalid_argument(std::string(change.name) + ": no file of that name");
    return spoilt;
}

std::string case_name(const ::testing::TestParamInfo<Spoilt>& info) {
    std::string name;
    for (const char c : std::string(info.param.name)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += plain ? c : '_';
    }
    return name;
}

void expect_lines(const Spoilt& change) {
    EXPECT_EQ(lines(parse(spoil(small_plan(), change))), change.expected) << change.name;
}

}  // namespace ararat::planning::testing
