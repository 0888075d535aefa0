#include "planning/scheduler/programme_explain.h"

#include <algorithm>
#include <map>
#include <set>

#include "planning/scheduler/programme_check.h"

namespace ararat::planning::scheduler {
namespace {

// A stretch of starts that the same constraints refuse.
struct Piece {
    Minute from = 0;
    Minute to = 0;
    std::vector<Constraint> refused_by;
};

// The starts before `end`, in order, cut where what refuses them changes.
std::vector<Piece> pieces_of(const std::vector<RefusedStretch>& stretches, Minute end) {
    std::set<Minute> bounds = {0, end};
    for (const RefusedStretch& stretch : stretches)
        for (const Minute bound : {stretch.from, stretch.to})
            if (bound < end) bounds.insert(bound);
    std::map<Minute, std::vector<const RefusedStretch*>> begins;
    for (const RefusedStretch& stretch : stretches) begins[stretch.from].push_back(&stretch);
    std::vector<Piece> pieces;
    std::vector<const RefusedStretch*> active;
    for (auto bound = bounds.begin(); *bound < end; ++bound) {
        const Minute at = *bound;
        std::erase_if(active, [&](const RefusedStretch* stretch) { return stretch->to <= at; });
        if (const auto here = begins.find(at); here != begins.end())
            active.insert(active.end(), here->second.begin(), here->second.end());
        Piece piece{at, *std::next(bound), {}};
        for (const RefusedStretch* stretch : active) piece.refused_by.push_back(stretch->constraint);
        std::ranges::sort(piece.refused_by);
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

Constraint constraint_of(const ProgrammeFault& fault, JobIndex job) {
    switch (fault.kind) {
        case ProgrammeFaultKind::kRelease: return {ConstraintKind::kRelease, job};
        case ProgrammeFaultKind::kDeadline: return {ConstraintKind::kDeadline, job};
        case ProgrammeFaultKind::kWindow:
        case ProgrammeFaultKind::kLatestStart: return {ConstraintKind::kCalendar, fault.index};
        case ProgrammeFaultKind::kResource: return {ConstraintKind::kResource, fault.index};
        case ProgrammeFaultKind::kStock: return {ConstraintKind::kStock, fault.index};
        case ProgrammeFaultKind::kLag: return {ConstraintKind::kLag, fault.index};
        case ProgrammeFaultKind::kApartTime:
        case ProgrammeFaultKind::kApartWindow:
        case ProgrammeFaultKind::kApartSite: return {ConstraintKind::kApart, fault.index};
        case ProgrammeFaultKind::kBudget: return {ConstraintKind::kBudget, fault.index};
        case ProgrammeFaultKind::kWave: return {ConstraintKind::kWave, fault.index};
        case ProgrammeFaultKind::kFixedStart:
        case ProgrammeFaultKind::kFixedWay: return {ConstraintKind::kFixed, job};
        case ProgrammeFaultKind::kHorizon:
        case ProgrammeFaultKind::kProgramme:
        case ProgrammeFaultKind::kShape:
        case ProgrammeFaultKind::kWay:
        case ProgrammeFaultKind::kWaysDiffer: break;
    }
    return {ConstraintKind::kHorizon, kNone};
}

}  // namespace

Explanation::Explanation(const Programme& programme, const ProgrammeTimes& times)
    : programme_(programme), times_(times), refusals_(programme, times) {}

WhyStep Explanation::hold(JobIndex job) const {
    WhyStep step;
    step.job = job;
    step.start = times_.start[static_cast<std::size_t>(job)];
    if (programme_.jobs[static_cast<std::size_t>(job)].fixed_start != kNoMinute) {
        step.kind = HoldKind::kFixed;
        return step;
    }
    if (step.start <= 0) return step;
    const std::vector<Piece> pieces = pieces_of(refusals_.of(job), step.start);
    std::map<Constraint, HeldBy> alone;
    const Piece* fewest = nullptr;
    for (const Piece& piece : pieces) {
        if (piece.refused_by.empty()) {
            step.kind = HoldKind::kNothing;
            step.free_from = piece.from;
            return step;
        }
        if (fewest == nullptr || piece.refused_by.size() <= fewest->refused_by.size()) fewest = &piece;
        if (piece.refused_by.size() != 1) continue;
        const Constraint& constraint = piece.refused_by.front();
        alone.try_emplace(constraint, HeldBy{constraint, piece.from, 0, {}, kNone}).first->second.at =
            piece.to - 1;
    }
    step.kind = alone.empty() ? HoldKind::kTogether : HoldKind::kAlone;
    for (const auto& entry : alone) step.by.push_back(entry.second);
    if (alone.empty()) {
        // Without all of these it may start wherever no other refuses.
        const auto within = std::ranges::find_if(pieces, [&](const Piece& piece) {
            return std::ranges::includes(fewest->refused_by, piece.refused_by);
        });
        for (const Constraint& constraint : fewest->refused_by)
            step.by.push_back({constraint, within->from, fewest->to - 1, {}, kNone});
    }
    for (HeldBy& held : step.by) {
        held.blockers = refusals_.blockers(job, held.constraint, held.at);
        held.releaser = refusals_.releaser(job, held.constraint, held.at);
    }
    std::ranges::stable_sort(step.by, [](const HeldBy& a, const HeldBy& b) { return a.at > b.at; });
    return step;
}

void Explanation::choose_next(WhyStep& step, const std::vector<JobIndex>& visited) const {
    for (std::size_t i = 0; i < step.by.size(); ++i) {
        const JobIndex next = step.by[i].releaser;
        if (next == kNone || std::ranges::find(visited, next) != visited.end()) continue;
        step.followed = static_cast<std::int32_t>(i);
        return;
    }
}

std::vector<WhyStep> Explanation::why(JobIndex job) const {
    std::vector<WhyStep> steps;
    std::vector<JobIndex> visited;
    while (job != kNone) {
        visited.push_back(job);
        steps.push_back(hold(job));
        WhyStep& step = steps.back();
        choose_next(step, visited);
        job = step.followed == kNone ? kNone : step.by[static_cast<std::size_t>(step.followed)].releaser;
    }
    return steps;
}

WhyNot Explanation::why_not(JobIndex job, Minute minute) const {
    WhyNot answer;
    const std::vector<RefusedStretch> stretches = refusals_.of(job);
    ProgrammeTimes moved = times_;
    moved.start[static_cast<std::size_t>(job)] = minute;
    std::map<Constraint, std::int64_t> over;
    for (const ProgrammeFault& fault : check_programme_times(programme_, moved)) {
        std::int64_t& most = over[constraint_of(fault, job)];
        most = std::max(most, fault.over);
    }
    for (const RefusedStretch& stretch : stretches) {
        if (stretch.from > minute || stretch.to <= minute) continue;
        const bool to_the_end = stretch.to > programme_.horizon;
        answer.refusals.push_back({stretch.constraint, to_the_end ? kNoMinute : stretch.to,
                                   refusals_.blockers(job, stretch.constraint, minute),
                                   over[stretch.constraint]});
    }
    const auto last = static_cast<Minute>(programme_.horizon + 1);
    for (const Piece& piece : pieces_of(stretches, last)) {
        if (piece.to <= minute || !piece.refused_by.empty()) continue;
        answer.next = std::max(piece.from, minute);
        break;
    }
    return answer;
}

JobIndex Explanation::last_job() const {
    JobIndex last = kNone;
    for (JobIndex job = 0; job < static_cast<JobIndex>(programme_.jobs.size()); ++job)
        if (last == kNone || end_of(programme_, times_, job) > end_of(programme_, times_, last)) last = job;
    return last;
}

}  // namespace ararat::planning::scheduler
