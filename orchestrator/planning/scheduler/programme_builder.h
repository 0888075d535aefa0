// Schedules of a programme, job by job in the order of ranks, each as early as all rules allow. A maximum lag
// that a job would break moves the job at its other end: that is taken away and may come back later, no
// earlier than the lag asks (unscheduling and shifting, bounded); a pinned wave whose window one of its
// cutovers cannot reach moves as a whole. What waits for a stock waits until somebody has given.
// Source: Franck, Neumann and Schwindt 2001. Thread promise: one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <span>
#include <vector>

#include "planning/scheduler/programme.h"
#include "planning/scheduler/programme_network.h"
#include "planning/scheduler/programme_state.h"

namespace ararat::planning::scheduler {

struct BuildOrder {
    std::vector<std::int32_t> rank;  // by job; the lowest that may go, goes
    std::vector<std::int32_t> way;  // by unit; kNone, or ruled out: the one that asks least of what is scarce
};

struct Unplaced {
    JobIndex job = 0;
    Refusal refusal;
};

// Jobs that in some way use a resource, a service's budget or a stock.
struct UserIndex {
    Rows<JobIndex> of_resource;
    Rows<JobIndex> of_service;
    Rows<JobIndex> of_stock;
};

class ProgrammeBuilder {
public:
    // Programme and network must outlive it. Precondition: the network has no flaw.
    ProgrammeBuilder(const Programme& programme, const ProgrammeNetwork& network);

    // All jobs, from nothing; false: see unplaced().
    bool build(const BuildOrder& order);
    // For a better place of some jobs beside the others: take them away, extend, and where that has come to
    // nothing put all that moved back to where it stood.
    void take_away(JobIndex job);
    bool extend(const BuildOrder& order);  // false: some are not placed
    void put_back(const ProgrammeTimes& times);
    void load(const ProgrammeTimes& times);  // a whole schedule, in place of what stands

    [[nodiscard]] const std::vector<Unplaced>& unplaced() const { return unplaced_; }
    [[nodiscard]] ProgrammeState& state() { return state_; }
    // Taken away since the last begin of a build or the last settled change, placed again or not.
    [[nodiscard]] const std::vector<JobIndex>& moved() const { return moved_; }
    void keep() { moved_.clear(); }  // what has moved stays where it is

private:
    static std::size_t at(std::int32_t index) { return static_cast<std::size_t>(index); }

    void weigh_ways();
    void reserve_stocks();
    void want_stocks(std::int32_t unit, double sign);
    void charge_stocks(std::int32_t unit, std::int32_t way, std::int32_t sign);
    [[nodiscard]] double stock_share(std::int32_t unit, std::int32_t way) const;
    [[nodiscard]] std::int32_t only_way(std::int32_t unit) const;
    bool waits_at_gate(JobIndex job);
    [[nodiscard]] bool follows_in_wave(JobIndex job) const;
    void open_gate();
    void begin(const BuildOrder& order);
    void empty();
    void take_way(std::int32_t unit, std::int32_t way);
    void run();
    void push(JobIndex job);
    void attempt(JobIndex job);
    bool choose_way(JobIndex job, Refusal& refusal);
    [[nodiscard]] bool sites_allow(std::int32_t unit, std::int32_t way, Refusal& refusal) const;
    [[nodiscard]] LagRange range_of(JobIndex job, std::int32_t way) const;
    void lift(JobIndex job);
    void record(JobIndex job, std::int32_t way, Minute start);
    void put(JobIndex job, std::int32_t way, Minute start);
    void turn_away(JobIndex job, const Refusal& refusal);
    bool shift_for(JobIndex job, std::int32_t way, LagRange range, Refusal& refusal);
    bool shift_lags(JobIndex job, Minute duration, Minute start);
    bool shift_wave(JobIndex job, std::int32_t way, LagRange range, Refusal& refusal);
    bool shift(JobIndex job, Minute floor);
    void remove_takers(std::int32_t stock);
    void retry_deferred(std::int32_t stock);
    void flush_deferred();
    void refuse_deferred();
    void make_room_for_one();
    bool make_room(JobIndex job);
    void index_users();
    [[nodiscard]] bool leaves_a_site(JobIndex other, std::int32_t site) const;
    [[nodiscard]] bool is_fixed(JobIndex job) const {
        return programme_.jobs[at(job)].fixed_start != kNoMinute;
    }

    const Programme& programme_;
    const ProgrammeNetwork& network_;
    ProgrammeState state_;
    std::vector<float> weights_;               // of units' ways
    std::vector<std::uint32_t> first_weight_;  // by unit
    std::vector<std::int64_t> stock_left_;
    std::vector<double> stock_wanted_;
    std::vector<std::vector<JobIndex>> takers_;  // by stock
    UserIndex users_;
    std::vector<char> given_;  // by stock: some way gives to it

    const BuildOrder* order_ = nullptr;
    std::vector<std::int32_t> unit_way_;
    std::vector<std::int32_t> unit_placed_;  // jobs placed, by unit
    std::vector<std::int32_t> waiting_;      // for so many that come first
    std::vector<Minute> floor_;              // what shifts have asked, by job
    std::vector<Minute> wave_floor_;
    std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> ready_;
    std::vector<std::vector<JobIndex>> deferred_;  // by stock
    std::vector<char> turned_away_;                // by job
    std::vector<char> gates_;                      // by wave: open
    std::vector<Unplaced> refused_;                // may yet get room
    std::vector<std::int32_t> ejected_;            // how often, by job
    std::int64_t ejections_left_ = 0;
    bool making_room_ = false;
    std::vector<Unplaced> unplaced_;
    std::vector<JobIndex> moved_;
    std::int64_t shifts_left_ = 0;
    bool placed_since_flush_ = false;
};

}  // namespace ararat::planning::scheduler
