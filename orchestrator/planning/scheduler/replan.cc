#include "planning/scheduler/replan.h"

#include <algorithm>
#include <string>

#include "planning/scheduler/programme_edit.h"

namespace ararat::planning::scheduler {
namespace {

std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }
Error bad(std::int32_t job, const char* what) {
    return {ErrorCode::kInvalidArgument, "job " + std::to_string(job) + " " + what};
}

class RestBuilder {
public:
    RestBuilder(const Programme& programme, const ProgrammeTimes& published, Minute now)
        : published_(published),
          now_(now),
          rest_{programme, {}},
          begun_(programme.jobs.size(), false),
          group_way_(at(programme.group_count), kNone) {}

    Result<RestOfProgramme> run(std::span<const WorkSoFar> work) {
        if (published_.start.size() != begun_.size() || published_.way.size() != begun_.size())
            return Error{ErrorCode::kInvalidArgument,
                         "the published schedule has other jobs than the programme"};
        for (const WorkSoFar& fact : work) {
            ARARAT_RETURN_IF_ERROR(check(fact));
            fix(fact);
        }
        for (std::size_t i = 0; i < begun_.size(); ++i) {
            Job& job = rest_.programme.jobs[i];
            if (begun_[i] || job.fixed_start != kNoMinute) continue;
            job.release = std::max(job.release, now_);
            job.published_start = published_.start[i];
        }
        drop_what_facts_decided();
        raise_overdrawn_budgets();
        find_expired();
        return std::move(rest_);
    }

private:
    Result<void> check(const WorkSoFar& fact) {
        if (fact.job < 0 || at(fact.job) >= begun_.size()) return bad(fact.job, "is none of the programme");
        const Job& job = rest_.programme.jobs[at(fact.job)];
        if (begun_[at(fact.job)]) return bad(fact.job, "has begun twice");
        if (fact.way < 0 || at(fact.way) >= job.ways.count) return bad(fact.job, "has no such way");
        if (fact.start > now_) return bad(fact.job, "has begun later than now");
        if (fact.end != kNoMinute && (fact.end < fact.start || fact.end > now_))
            return bad(fact.job, "has ended before its start or later than now");
        if (fact.remaining < 0) return bad(fact.job, "has less than nothing left to do");
        if (job.group == kNone) return {};
        std::int32_t& way = group_way_[at(job.group)];
        if (way != kNone && way != fact.way)
            return bad(fact.job, "has begun in another way than the rest of its group");
        way = fact.way;
        return {};
    }

    void fix(const WorkSoFar& fact) {
        Programme& all = rest_.programme;
        const bool done = fact.end != kNoMinute;
        Way& way = own_ways(all, fact.job)[at(fact.way)];
        const Minute planned = way.duration;
        const Minute elapsed = now_ - fact.start;
        const Minute left = fact.remaining != kNoMinute ? fact.remaining : std::max(planned - elapsed, 1);
        way.duration = done ? fact.end - fact.start : elapsed + left;
        way.calendar = kNone;
        if (done) way.demands = {};
        scale_outages(way, planned);
        begun_[at(fact.job)] = true;
        Job& job = all.jobs[at(fact.job)];
        job.fixed_start = fact.start;
        job.fixed_way = fact.way;
        job.published_start = fact.start;  // what has happened is no change any more
        job.release = std::min(job.release, fact.start);
        job.wave = kNone;
        if (job.due != kNoMinute && job.due_is_hard && fact.start + way.duration > job.due) {
            job.due_is_hard = false;
            rest_.broken.late.push_back(fact.job);
        }
    }

    void scale_outages(Way& way, Minute planned) {
        if (planned <= 0 || way.duration == planned || way.outages.count == 0) return;
        std::vector<Outage>& outages = rest_.programme.outages;
        const auto scaled = [&](Minute minutes) {
            return static_cast<Minute>((std::int64_t{minutes} * way.duration + planned / 2) / planned);
        };
        const auto first = static_cast<std::uint32_t>(outages.size());
        for (std::uint32_t i = 0; i < way.outages.count; ++i) {
            const Outage outage = outages[way.outages.first + i];
            outages.push_back({outage.service, scaled(outage.offset), scaled(outage.length)});
        }
        way.outages.first = first;
    }

    void drop_what_facts_decided() {
        const auto both_begun = [&](JobIndex a, JobIndex b) { return begun_[at(a)] && begun_[at(b)]; };
        // A lag's number is how others know it, so that it stays where it is and asks for nothing.
        for (Lag& lag : rest_.programme.lags)
            if (both_begun(lag.from, lag.to)) lag.lag = std::min(lag.lag, difference(lag));
        std::erase_if(rest_.programme.apart,
                      [&](const Apart& apart) { return both_begun(apart.a, apart.b); });
    }
    // Between two that have begun, as it is.
    [[nodiscard]] Minute difference(const Lag& lag) const {
        const Job& from = rest_.programme.jobs[at(lag.from)];
        const Job& to = rest_.programme.jobs[at(lag.to)];
        return to.fixed_start - (lag.from_end ? end_of_begun(from) : from.fixed_start);
    }
    [[nodiscard]] Minute end_of_begun(const Job& job) const {
        return job.fixed_start + rest_.programme.ways_of(job)[at(job.fixed_way)].duration;
    }

    void raise_overdrawn_budgets() {
        Programme& all = rest_.programme;
        ProgrammeTimes facts{std::vector<Minute>(all.jobs.size(), kNoMinute),
                             std::vector<std::int32_t>(all.jobs.size(), 0)};
        for (std::size_t i = 0; i < all.jobs.size(); ++i) {
            if (!begun_[i]) continue;
            facts.start[i] = all.jobs[i].fixed_start;
            facts.way[i] = all.jobs[i].fixed_way;
        }
        const std::vector<Minute> used = outage_used(all, facts);
        const std::size_t months = all.month_starts.size();
        for (std::size_t i = 0; i < used.size(); ++i) {
            Minute& left = all.budgets[i / months].left[i % months];
            if (used[i] <= left) continue;
            rest_.broken.budgets.push_back({static_cast<std::int32_t>(i / months),
                                            static_cast<std::int32_t>(i % months), used[i] - left});
            left = used[i];
        }
    }

    // start[from] <= start or end[to] - lag, of a job that cannot begin before now any more.
    void find_expired() {
        const std::vector<Lag>& lags = rest_.programme.lags;
        for (std::size_t k = 0; k < lags.size(); ++k) {
            const Lag& lag = lags[k];
            if (begun_[at(lag.from)] || !begun_[at(lag.to)]) continue;
            const Job& later = rest_.programme.jobs[at(lag.from)];
            const Job& earlier = rest_.programme.jobs[at(lag.to)];
            Minute least = kNoMinute;
            for (const Way& way : rest_.programme.ways_of(later))
                least = std::min(least, later.release + (lag.from_end ? way.duration : 0));
            if (least + lag.lag > earlier.fixed_start)
                rest_.broken.expired.push_back(static_cast<std::int32_t>(k));
        }
    }

    const ProgrammeTimes& published_;
    Minute now_;
    RestOfProgramme rest_;
    std::vector<bool> begun_;
    std::vector<std::int32_t> group_way_;
};

}  // namespace

Result<RestOfProgramme> rest_of_programme(const Programme& programme, const ProgrammeTimes& published,
                                          Minute now, std::span<const WorkSoFar> work) {
    return RestBuilder(programme, published, now).run(work);
}

ReplanChanges changes_from_published(const Programme& rest, const ProgrammeTimes& times) {
    ReplanChanges changes;
    for (JobIndex job = 0; at(job) < rest.jobs.size(); ++job) {
        const Job& one = rest.jobs[at(job)];
        if (one.kind != JobKind::kCutover || one.fixed_start != kNoMinute) continue;
        changes.hosts += one.hosts;
        if (one.published_start == kNoMinute || one.published_start == times.start[at(job)]) continue;
        changes.moved_hosts += one.hosts;
        changes.moved.push_back({job, one.published_start, times.start[at(job)], one.hosts});
    }
    std::ranges::stable_sort(changes.moved, {}, &MovedCutover::start);
    return changes;
}

Result<Replan> replan(const Programme& programme, const ProgrammeTimes& published, Minute now,
                      std::span<const WorkSoFar> work, const SolveProgramme& solve) {
    ARARAT_ASSIGN_OR_RETURN(RestOfProgramme rest, rest_of_programme(programme, published, now, work));
    Replan result{std::move(rest), {}, {}, {}};
    Result<SolvedProgramme> solved = solve(result.rest.programme);
    if (!solved.ok()) {
        result.unsolved = solved.error();
        return result;
    }
    result.changes = changes_from_published(result.rest.programme, solved->times);
    result.solved = std::move(*solved);
    return result;
}

}  // namespace ararat::planning::scheduler
