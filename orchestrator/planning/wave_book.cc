#include "planning/wave_book.h"

#include <algorithm>

#include "base/units.h"

namespace ararat::planning {
namespace {

// Of the groups of a pinned wave, the last one's start counts.
Instant last_start(const Unit& unit, Instant start) {
    Duration last{0};
    for (const GroupPart& part : unit.parts) last = std::max(last, part.offset);
    return start + last;
}

}  // namespace

WaveBook::WaveBook(const Problem& problem)
    : problem_(problem), is_placed_(problem.units.size(), false), link_deadlines_(problem.links.size()) {
    built_.placed.resize(problem.units.size());
}

std::string WaveBook::moment(std::size_t index, Instant instant) const {
    return local_text(instant, problem_.units[index].timezone);
}

std::optional<Refusal> WaveBook::refusal_of(std::size_t index, const Candidate& candidate) const {
    const Unit& unit = problem_.units[index];
    const Instant end = candidate.start + unit.duration;
    if (unit.deadline && end > *unit.deadline) {
        return Refusal{RefusalKind::kDeadline, "from " + moment(index, candidate.start) +
                                                   " it would end at " + moment(index, end) + ", and " +
                                                   unit.deadline_text};
    }
    if (last_start(unit, candidate.start) > candidate.window.latest_start) {
        return Refusal{RefusalKind::kLockout, "the latest start in the window " +
                                                  local_text(candidate.window, unit.timezone) + " is " +
                                                  moment(index, candidate.window.latest_start)};
    }
    if (end > candidate.window.end) {
        return Refusal{RefusalKind::kWindow, "from " + moment(index, candidate.start) + " its " +
                                                 format_duration(unit.duration) + " end after the window " +
                                                 local_text(candidate.window, unit.timezone)};
    }
    const OpenWave fresh;
    const OpenWave& wave = candidate.wave ? built_.waves[*candidate.wave] : fresh;
    const Span span{candidate.wave ? wave.start : candidate.start, std::max(wave.end, end)};
    if (auto refusal = refusal_by_wave(index, candidate, wave, span)) return refusal;
    if (auto refusal = refusal_by_resource(index, candidate, wave, span)) return refusal;
    return refusal_by_link(index, span.start);
}

// Size, pairs, and what waits for the end of a wave that would grow.
std::optional<Refusal> WaveBook::refusal_by_wave(std::size_t index, const Candidate& candidate,
                                                 const OpenWave& wave, const Span& span) const {
    const Unit& unit = problem_.units[index];
    const std::size_t hosts_max = problem_.options.wave_hosts_max;
    if (hosts_max != 0 && candidate.wave && wave.hosts + unit.hosts > hosts_max) {
        return Refusal{RefusalKind::kSize, "the wave at " + moment(index, span.start) +
                                               " would have more than " + std::to_string(hosts_max) +
                                               " hosts"};
    }
    // Those that are in it already were found to fit as it is now: only a later end can be in their way.
    // Going through them for each unit would take the square of a wave's size.
    if (candidate.wave && span.end > wave.end) {
        for (const std::size_t member : wave.units) {
            if (auto refusal = refusal_by_pair(index, member, candidate, span)) return refusal;
            if (auto refusal = refusal_by_successor(index, member, candidate, span)) return refusal;
        }
    }
    return refusal_by_pair(index, index, candidate, span);
}

// For `index`, because `member` of the same wave is kept apart from something.
std::optional<Refusal> WaveBook::refusal_by_pair(std::size_t index, std::size_t member,
                                                 const Candidate& candidate, const Span& span) const {
    for (const auto& [other, why] : problem_.units[member].apart) {
        if (!is_placed_[other]) continue;
        const std::size_t theirs = built_.placed[other].wave;
        const OpenWave& other_wave = built_.waves[theirs];
        const bool same = candidate.wave && theirs == *candidate.wave;
        const bool overlap = span.start < other_wave.end && other_wave.start < span.end;
        if (!same && !overlap) continue;
        return Refusal{RefusalKind::kPair, problem_.units[other].name + " moves at " +
                                               moment(index, built_.placed[other].start) + " and " + why};
    }
    return std::nullopt;
}

std::optional<Refusal> WaveBook::refusal_by_successor(std::size_t index, std::size_t member,
                                                      const Candidate& candidate, const Span& span) const {
    for (const std::size_t next : problem_.needed_by[member]) {
        if (!is_placed_[next] || built_.placed[next].wave == *candidate.wave) continue;
        if (built_.waves[built_.placed[next].wave].start >= span.end) continue;
        return Refusal{RefusalKind::kSuccessor, "the wave at " + moment(index, span.start) +
                                                    " must be over when " + problem_.units[next].name +
                                                    " begins"};
    }
    return std::nullopt;
}

std::optional<Refusal> WaveBook::refusal_by_resource(std::size_t index, const Candidate& candidate,
                                                     const OpenWave& wave, const Span& span) const {
    std::map<std::string, int> demand = wave.demand;
    for (const auto& [resource, count] : problem_.units[index].demand) demand[resource] += count;
    for (const auto& [resource, count] : demand) {
        if (count == 0) continue;
        const int capacity = problem_.capacity.at(resource);
        std::vector<const OpenWave*> others;
        std::vector<Instant> moments{span.start};
        for (std::size_t w = 0; w < built_.waves.size(); ++w) {
            const OpenWave& other = built_.waves[w];
            if (candidate.wave && w == *candidate.wave) continue;
            if (other.start >= span.end || other.end <= span.start || !other.demand.contains(resource))
                continue;
            others.push_back(&other);
            moments.push_back(std::max(other.start, span.start));
        }
        for (const Instant at : moments) {
            int taken = count - own_demand(index, resource);
            for (const OpenWave* other : others) {
                if (other->start <= at && at < other->end) taken += other->demand.at(resource);
            }
            if (taken + own_demand(index, resource) <= capacity) continue;
            return Refusal{RefusalKind::kResource,
                           "at " + moment(index, at) + " resource " + resource + " has " +
                               std::to_string(taken) + " of " + std::to_string(capacity) + " taken, and " +
                               std::to_string(own_demand(index, resource)) + " more would be needed"};
        }
    }
    return std::nullopt;
}

int WaveBook::own_demand(std::size_t index, const std::string& resource) const {
    const auto& demand = problem_.units[index].demand;
    const auto at = demand.find(resource);
    return at == demand.end() ? 0 : at->second;
}

// A link serves in order of cutover: all that must be there by a wave's start has to fit before it.
std::optional<Refusal> WaveBook::refusal_by_link(std::size_t index, Instant start) const {
    for (const LinkLoad& load : problem_.units[index].seeding) {
        const ProblemLink& link = problem_.links[load.link];
        std::map<Instant, Duration> deadlines = link_deadlines_[load.link];
        deadlines[start] += load.busy;
        Duration busy{0};
        for (const auto& [deadline, more] : deadlines) {
            busy += more;
            if (deadline < start || link.available_from + busy <= deadline) continue;
            return Refusal{RefusalKind::kLink, "link " + link.from.str() + "-" + link.to.str() +
                                                   " cannot carry it in time: seeding " +
                                                   format_bytes(load.bytes) + " takes it for " +
                                                   format_duration(load.busy) +
                                                   ", and all that must be there by " +
                                                   moment(index, deadline) + " for " + format_duration(busy)};
        }
    }
    return std::nullopt;
}

std::vector<Instant> WaveBook::seeding_ends(std::size_t index) const {
    std::vector<Instant> ends;
    for (const LinkLoad& load : problem_.units[index].seeding) {
        Instant end = problem_.links[load.link].available_from + load.busy;
        ends.push_back(end);
        for (const auto& [deadline, busy] : link_deadlines_[load.link]) ends.push_back(end += busy);
    }
    return ends;
}

void WaveBook::place(std::size_t index, const Candidate& candidate, std::vector<std::string> reasons) {
    const Unit& unit = problem_.units[index];
    std::size_t w = built_.waves.size();
    if (candidate.wave) {
        w = *candidate.wave;
    } else {
        OpenWave wave;
        wave.window = candidate.window;
        wave.unrestricted = unit.any_time;
        wave.start = candidate.start;
        wave.end = candidate.start;
        wave.pinned = unit.pin.has_value();
        built_.waves.push_back(std::move(wave));
    }
    OpenWave& wave = built_.waves[w];
    wave.end = std::max(wave.end, candidate.start + unit.duration);
    wave.units.push_back(index);
    wave.hosts += unit.hosts;
    for (const auto& [resource, count] : unit.demand) {
        if (count > 0) wave.demand[resource] += count;
    }
    for (const LinkLoad& load : unit.seeding) link_deadlines_[load.link][wave.start] += load.busy;
    built_.placed[index] = {w, candidate.start, candidate.start + unit.duration, std::move(reasons)};
    is_placed_[index] = true;
}

}  // namespace ararat::planning
