// Where the jobs of a programme stand so far, and what is left of everything: finds the earliest place for
// one more, puts it there and takes it away again. Every rule of the programme is held against all jobs that
// are placed, earlier and later ones. Units: minutes. Source: serial schedule generation (Kelley 1963;
// Kolisch 1996) with calendars (Franck, Neumann and Schwindt 2001) and reservoirs (Neumann and Schwindt
// 2003). Thread promise: one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_network.h"
#include "planning/scheduler/programme_refusal.h"
#include "planning/scheduler/programme_skyline.h"

namespace ararat::planning::scheduler {

struct Spot {
    Minute start = kNoMinute;  // kNoMinute: none
    Refusal refusal;           // the last; what it names beside its index is left open
};

// What lags to and from placed jobs leave.
struct LagRange {
    Minute floor = 0;
    Refusal floor_by;
    Minute ceiling = kNoMinute;
};

class ProgrammeState {
public:
    // Programme and network must outlive it.
    ProgrammeState(const Programme& programme, const ProgrammeNetwork& network);

    void clear();
    // No earlier than floor, no later than ceiling. Without `in_wave`, as if the job's wave were not pinned.
    [[nodiscard]] Spot earliest_spot(JobIndex job, std::int32_t way, const LagRange& range,
                                     bool in_wave = true);
    [[nodiscard]] LagRange lag_range(JobIndex job, std::int32_t way) const;
    void place(JobIndex job, std::int32_t way, Minute start);
    void remove(JobIndex job);

    [[nodiscard]] bool placed(JobIndex job) const { return times_.start[at(job)] != kNoMinute; }
    [[nodiscard]] Minute start(JobIndex job) const { return times_.start[at(job)]; }
    [[nodiscard]] Minute end(JobIndex job) const { return times_.start[at(job)] + way_of(job).duration; }
    [[nodiscard]] std::int32_t way(JobIndex job) const { return times_.way[at(job)]; }
    [[nodiscard]] const Way& way_of(JobIndex job) const {
        return programme_.ways[programme_.jobs[at(job)].ways.first + at(times_.way[at(job)])];
    }
    [[nodiscard]] const ProgrammeTimes& times() const { return times_; }
    [[nodiscard]] bool stocks_hold() const;
    [[nodiscard]] std::size_t month_of(Minute time) const;
    // Minutes that this outage would want beyond what is left to its service in the month in which it begins.
    [[nodiscard]] Minute outage_lacking(const Outage& outage, Minute start) const;
    [[nodiscard]] const Skyline& stock(std::int32_t index) const { return stocks_[at(index)]; }
    [[nodiscard]] const Skyline& resource(std::int32_t index) const { return resources_[at(index)]; }

    // Of a placed job: what refuses the latest start before its own that its calendar allows.
    [[nodiscard]] Refusal refusal_of(JobIndex job);
    // The part of refusal_of that needs to know who stands where; for all jobs at once.
    void name_blockers(std::vector<Refusal>& refusals) const;

private:
    static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

    // A window that has turned away so much for so long turns away all that is larger.
    struct Turned {
        std::int32_t amount = std::numeric_limits<std::int32_t>::max();
        Minute duration = kNoMinute;
    };
    struct Memory {
        std::int32_t calendar = kNone;
        std::vector<Turned> windows;
    };
    // No start in from ... to - 1 has so much for so long.
    struct Full {
        std::int32_t amount = 0;
        Minute duration = 0;
        Minute from = 0;
        Minute to = 0;
    };
    static constexpr std::size_t kFullRuns = 6;
    struct FullRuns {
        std::array<Full, kFullRuns> runs;
        std::uint32_t next = 0;
    };
    struct Wave {
        std::int32_t placed = 0;
        Minute window_start = 0;  // what the windows of its cutovers share
        Minute window_end = kNoMinute;
        Minute first = kNoMinute;  // what the cutovers span
        Minute last = 0;
    };
    // One search for a place, and where it stands.
    struct Search {
        JobIndex job = 0;
        const Way* way = nullptr;
        Minute time = 0;
        Minute until = 0;  // the last start that can be of use here
        std::int32_t window = kNone;
        Minute window_start = 0;
        Minute window_end = kNoMinute;
        bool in_wave = true;
        Refusal refusal;
        bool moved_by_rule = false;  // by other than lags, releases and closed time

        void refuse(RefusalKind kind, std::int32_t index, Minute until_time) {
            refusal = {kind, until_time, index, scheduler::kNone};
            time = until_time;
            moved_by_rule = true;
        }
    };

    [[nodiscard]] Refusal refusal_before(JobIndex job, std::int32_t way, Minute start);
    [[nodiscard]] Minute lacking_at(JobIndex job, std::int32_t resource) const;
    // Each moves the search to the earliest time that its rule allows by itself; true: it moved.
    bool open_window(Search& search, Minute ceiling);
    [[nodiscard]] std::int32_t remembered_full(const Search& search) const;
    bool heed_apart(Search& search) const;
    bool heed_wave(Search& search) const;
    bool heed_budget(Search& search) const;
    bool heed_resources(Search& search);
    bool heed_stocks(Search& search) const;
    [[nodiscard]] Minute apart_until(const Search& search, const ApartEnd& end) const;
    [[nodiscard]] Minute budget_until(const Way& way, Minute time, std::int32_t& service) const;
    [[nodiscard]] Minute stock_until(const Way& way, const StockChange& change, Minute time) const;
    void remember(const Search& search, const Demand& demand);
    void forget(const Demand& demand, Minute from, Minute to);
    Minute fit_past_full(const Demand& demand, Minute duration, Minute from, Minute until);
    void note_full(const Demand& demand, Minute duration, Minute from, Minute to);
    void change(JobIndex job, std::int32_t sign);
    void charge(const Way& way, Minute start, Minute sign);
    void measure_wave(std::int32_t wave);
    [[nodiscard]] std::int32_t wave_of(JobIndex job) const {
        const Job& is = programme_.jobs[at(job)];
        return is.kind == JobKind::kCutover ? is.wave : scheduler::kNone;
    }
    [[nodiscard]] Minute month_end(std::size_t month) const;

    const Programme& programme_;
    const ProgrammeNetwork& network_;
    ProgrammeTimes times_;
    std::vector<Skyline> fresh_resources_;
    std::vector<Skyline> fresh_stocks_;
    std::vector<Skyline> resources_;
    std::vector<Skyline> stocks_;
    std::vector<std::vector<Memory>> memories_;  // by resource
    std::vector<FullRuns> full_;                 // by resource
    std::vector<Minute> left_;                   // by service and month
    std::vector<Wave> waves_;
};

}  // namespace ararat::planning::scheduler
