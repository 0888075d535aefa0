// What must move for a job that came too late for its maximum lag or its wave, and when waves go.
#include <algorithm>

#include "planning/scheduler/programme_builder.h"

namespace ararat::planning::scheduler {

// A pinned wave's cutovers go when all of them may, so that the last to be ready sets the window.
bool ProgrammeBuilder::waits_at_gate(JobIndex job) {
    const Job& is = programme_.jobs[at(job)];
    if (is.kind != JobKind::kCutover || is.wave == kNone || gates_[at(is.wave)] != 0) return false;
    const auto cutovers = network_.cutovers(is.wave);
    const bool all = std::all_of(cutovers.begin(), cutovers.end(), [&](JobIndex other) {
        return waiting_[at(other)] == 0 || follows_in_wave(other) || state_.placed(other) ||
               turned_away_[at(other)] != 0;
    });
    if (!all) return true;
    gates_[at(is.wave)] = 1;
    for (const JobIndex other : cutovers) {
        if (!state_.placed(other) && other != job && waiting_[at(other)] == 0) push(other);
    }
    return false;
}

bool ProgrammeBuilder::follows_in_wave(JobIndex job) const {
    const auto into = network_.into(job);
    return std::any_of(into.begin(), into.end(), [&](const LagEnd& end) {
        const Job& other = programme_.jobs[at(end.other)];
        return end.forward && other.kind == JobKind::kCutover && other.wave == programme_.jobs[at(job)].wave;
    });
}

// A wave that waits for itself, through what lies between its cutovers, or for what found no place: the one
// whose next cutover comes first.
void ProgrammeBuilder::open_gate() {
    JobIndex first = kNone;
    for (std::int32_t wave = 0; wave < programme_.wave_count; ++wave) {
        if (gates_[at(wave)] != 0) continue;
        for (const JobIndex job : network_.cutovers(wave)) {
            if (state_.placed(job) || waiting_[at(job)] != 0 || turned_away_[at(job)] != 0) continue;
            if (first == kNone || order_->rank[at(job)] < order_->rank[at(first)]) first = job;
        }
    }
    if (first == kNone) return;
    const std::int32_t wave = programme_.jobs[at(first)].wave;
    gates_[at(wave)] = 1;
    for (const JobIndex job : network_.cutovers(wave)) {
        if (!state_.placed(job) && waiting_[at(job)] == 0) push(job);
    }
}

// Precondition: what stands in the job's way is the other end of a maximum lag, or its wave.
bool ProgrammeBuilder::shift_for(JobIndex job, std::int32_t way, LagRange range, Refusal& refusal) {
    const Spot spot = state_.earliest_spot(job, way, range, false);
    if (spot.start == kNoMinute) {
        refusal = spot.refusal;
        return false;
    }
    const Minute duration = programme_.ways_of(programme_.jobs[at(job)])[at(way)].duration;
    const LagRange lags = state_.lag_range(job, way);
    const bool done = spot.start > lags.ceiling ? shift_lags(job, duration, spot.start)
                                                : shift_wave(job, way, range, refusal);
    if (done) push(job);
    return done;
}

bool ProgrammeBuilder::shift_lags(JobIndex job, Minute duration, Minute start) {
    for (const LagEnd& end : network_.out_of(job)) {
        if (!state_.placed(end.other)) continue;
        const Minute floor = start + end.lag + (end.from_end ? duration : 0);
        if (state_.start(end.other) < floor && !shift(end.other, floor)) return false;
    }
    return true;
}

// To the next window after the one in which the wave's other cutovers lie.
bool ProgrammeBuilder::shift_wave(JobIndex job, std::int32_t way, LagRange range, Refusal& refusal) {
    const std::int32_t wave = programme_.jobs[at(job)].wave;
    Minute after = wave_floor_[at(wave)];
    for (const JobIndex other : network_.cutovers(wave)) {
        if (state_.placed(other)) after = std::max(after, state_.start(other));
    }
    const Way& is = programme_.ways_of(programme_.jobs[at(job)])[at(way)];
    const auto window_start = [&](Minute start) {
        if (is.calendar == kNone) return start;
        const WindowIndex& windows = network_.windows(is.calendar);
        return windows.window(windows.at_or_after(start)).start;
    };
    for (;;) {
        const Spot spot = state_.earliest_spot(job, way, range, false);
        refusal = spot.refusal;
        if (spot.start == kNoMinute) return false;
        const Minute floor = window_start(spot.start);
        if (floor > after) {
            const auto cutovers = network_.cutovers(wave);
            const bool late = std::any_of(cutovers.begin(), cutovers.end(), [&](JobIndex other) {
                return network_.latest()[at(other)] < floor;
            });
            if (late) return false;
            wave_floor_[at(wave)] = floor;
            break;
        }
        range.floor = std::max(spot.start, after) + 1;
    }
    for (const JobIndex other : network_.cutovers(wave)) {
        if (state_.placed(other) && !shift(other, wave_floor_[at(wave)])) return false;
    }
    return true;
}

bool ProgrammeBuilder::shift(JobIndex job, Minute floor) {
    if (is_fixed(job) || floor > network_.latest()[at(job)] || --shifts_left_ < 0) return false;
    floor_[at(job)] = std::max(floor_[at(job)], floor);
    take_away(job);
    if (waiting_[at(job)] == 0) push(job);
    return true;
}

}  // namespace ararat::planning::scheduler
