// Serial schedule generation (Kelley 1963) with calendars: see wave_builder.h.
#include "planning/wave_builder.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <set>
#include <tuple>

#include "base/check.h"
#include "base/units.h"

namespace ararat::planning {
namespace {

// The latest refusal of each kind, and how often it spoke.
class RefusalLog {
public:
    void add(Refusal refusal) {
        Entry& entry = entries_[refusal.kind];
        if (entry.text == refusal.text) return;  // an existing wave and a new one at the same moment
        ++entry.count;
        entry.text = std::move(refusal.text);
    }
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        for (const auto& [kind, entry] : entries_) {
            lines.push_back(
                "not earlier: " + entry.text +
                (entry.count > 1 ? " (the last of " + format_count(entry.count) + " such moments)" : ""));
        }
        return lines;
    }

private:
    struct Entry {
        std::uint64_t count = 0;
        std::string text;
    };
    std::map<RefusalKind, Entry> entries_;
};

class WaveBuilder {
public:
    WaveBuilder(const Problem& problem, const std::vector<int>& urgency)
        : problem_(problem), urgency_(urgency), book_(problem) {}

    BuildOutcome run() {
        set_keys();
        std::vector<std::size_t> open(problem_.units.size());
        std::priority_queue<Key, std::vector<Key>, std::greater<>> free;
        for (std::size_t unit = 0; unit < problem_.units.size(); ++unit) {
            open[unit] = problem_.units[unit].needs.size();
            if (open[unit] == 0) free.push(keys_[unit]);
        }
        while (!free.empty()) {
            const std::size_t unit = std::get<3>(free.top());
            free.pop();
            if (auto unplaced = place(unit)) return {book_.take(), std::move(unplaced)};
            for (const std::size_t next : problem_.needed_by[unit]) {
                if (--open[next] == 0) free.push(keys_[next]);
            }
        }
        return {book_.take(), std::nullopt};
    }

private:
    // Urgency (negated), priority, latest finish, index: indices go by name, so ties do too.
    using Key = std::tuple<int, int, Instant, std::size_t>;

    // What is needed inherits the urgency, priority and deadline of what needs it.
    void set_keys() {
        keys_.resize(problem_.units.size());
        std::vector<std::size_t> order = order_by_needs(problem_);
        std::ranges::reverse(order);
        for (const std::size_t i : order) {
            const Unit& unit = problem_.units[i];
            auto& [lift, priority, finish, index] = keys_[i];
            lift = -urgency_[i];
            priority = unit.priority;
            finish = unit.deadline.value_or(Instant::max());
            index = i;
            for (const std::size_t next : problem_.needed_by[i]) {
                const auto& [next_lift, next_priority, next_finish, next_index] = keys_[next];
                lift = std::min(lift, next_lift);
                priority = std::min(priority, next_priority);
                if (next_finish == Instant::max()) continue;
                finish = std::min(finish, next_finish - problem_.units[next].duration);
            }
        }
    }

    std::optional<Unplaced> place(std::size_t index) {
        const Unit& unit = problem_.units[index];
        RefusalLog log;
        past_deadline_ = false;
        const std::vector<Candidate> joins = joinable(index);
        std::size_t join = 0;
        const Instant ready = ready_for_new_wave(index);
        for (const ChangeWindow& window : unit.windows.windows) {
            for (const Instant start : starts_in(index, window, std::max(ready, window.start))) {
                for (; join < joins.size() && joins[join].start <= start; ++join) {
                    if (try_at(index, joins[join], log)) return std::nullopt;
                    if (past_deadline_) return refused(index, log);
                }
                if (try_at(index, {start, std::nullopt, window}, log)) return std::nullopt;
                if (past_deadline_) return refused(index, log);
            }
        }
        for (; join < joins.size(); ++join) {
            if (try_at(index, joins[join], log)) return std::nullopt;
        }
        return refused(index, log);
    }

    Unplaced refused(std::size_t index, const RefusalLog& log) {
        std::vector<std::string> lines = log.lines();
        const std::string need = binding_need(index);
        if (!need.empty()) lines.insert(lines.begin(), need);
        return {index, past_deadline_, std::move(lines)};
    }

    // ---- candidates ----

    Instant ready_for_new_wave(std::size_t index) const {
        const Unit& unit = problem_.units[index];
        Instant ready = std::max(problem_.as_of, unit.not_before);
        for (const auto& [needed, why] : unit.needs) {
            ready = std::max(ready, book_.waves()[book_.placed(needed).wave].end);
        }
        return ready;
    }

    // Within a window: its beginning, and the moments at which waves there end or links are free.
    std::vector<Instant> starts_in(std::size_t index, const ChangeWindow& window, Instant first) const {
        std::vector<Instant> starts;
        if (first >= window.end) return starts;
        starts.push_back(first);
        for (const OpenWave& wave : book_.waves()) {
            if (wave.end > first && wave.end < window.end) starts.push_back(wave.end);
        }
        for (const Instant end : book_.seeding_ends(index)) {
            if (end > first && end < window.end) starts.push_back(end);
        }
        std::ranges::sort(starts);
        const auto repeated = std::unique(starts.begin(), starts.end());
        starts.erase(repeated, starts.end());
        return starts;
    }

    // Waves whose window suits the unit and whose other waves' needs are met before they start.
    std::vector<Candidate> joinable(std::size_t index) const {
        const Unit& unit = problem_.units[index];
        std::vector<Candidate> candidates;
        if (unit.pin) return candidates;
        for (std::size_t w = 0; w < book_.waves().size(); ++w) {
            const OpenWave& wave = book_.waves()[w];
            if (wave.pinned || !window_suits(unit, wave)) continue;
            Instant start = std::max({wave.start, unit.not_before, problem_.as_of});
            bool met = true;
            for (const auto& [needed, why] : unit.needs) {
                const PlacedUnit& before = book_.placed(needed);
                if (before.wave == w) {
                    start = std::max(start, before.end);
                } else if (book_.waves()[before.wave].end > wave.start) {
                    met = false;
                }
            }
            if (met && start <= wave.end) candidates.push_back({start, w, wave.window});
        }
        std::ranges::stable_sort(candidates, {}, &Candidate::start);
        return candidates;
    }

    static bool window_suits(const Unit& unit, const OpenWave& wave) {
        if (unit.any_time) return true;
        if (wave.unrestricted) return false;
        const auto& windows = unit.windows.windows;
        const auto at = std::ranges::lower_bound(windows, wave.window.start, {}, &ChangeWindow::start);
        return at != windows.end() && *at == wave.window;
    }

    bool try_at(std::size_t index, const Candidate& candidate, RefusalLog& log) {
        if (auto refusal = book_.refusal_of(index, candidate)) {
            past_deadline_ = refusal->kind == RefusalKind::kDeadline;
            log.add(std::move(*refusal));
            return false;
        }
        book_.place(index, candidate, reasons_for(index, candidate, log));
        return true;
    }

    // The need whose end is latest.
    std::string binding_need(std::size_t index) const {
        std::optional<Instant> latest;
        std::string text;
        for (const auto& [needed, why] : problem_.units[index].needs) {
            const Instant end = book_.placed(needed).end;
            if (latest && end <= *latest) continue;
            latest = end;
            text = "after " + problem_.units[needed].name + ", which ends at " + book_.moment(index, end) +
                   ": " + why;
        }
        return text;
    }

    std::vector<std::string> reasons_for(std::size_t index, const Candidate& candidate,
                                         const RefusalLog& log) const {
        const Unit& unit = problem_.units[index];
        std::vector<std::string> reasons;
        if (unit.pin) reasons.push_back("the plan pins it (" + to_string(unit.place) + ")");
        const std::string need = binding_need(index);
        if (!need.empty()) reasons.push_back(need);
        if (unit.any_time) {
            reasons.push_back("no calendar restricts it");
        } else {
            reasons.push_back("in the window " + local_text(candidate.window, unit.timezone) + " of " +
                              unit.calendars);
        }
        if (!unit.not_before_text.empty()) {
            reasons.push_back("not before " + book_.moment(index, unit.not_before) + ": " +
                              unit.not_before_text);
        }
        std::set<std::string> told;
        for (const ClosedTime& closed : unit.windows.closed) {
            if (closed.end <= problem_.as_of || closed.start >= candidate.start) continue;
            if (told.insert(closed.why).second) reasons.push_back("not earlier: " + closed.why);
        }
        for (std::string& line : log.lines()) reasons.push_back(std::move(line));
        return reasons;
    }

    const Problem& problem_;
    const std::vector<int>& urgency_;
    std::vector<Key> keys_;
    WaveBook book_;
    bool past_deadline_ = false;
};

}  // namespace

BuildOutcome build_waves(const Problem& problem, const std::vector<int>& urgency) {
    return WaveBuilder(problem, urgency).run();
}

}  // namespace ararat::planning
