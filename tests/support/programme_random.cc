#include "support/programme_random.h"

#include <algorithm>

#include "planning/scheduler/dice.h"
#include "support/programme_in_words.h"

namespace ararat::planning::scheduler {
namespace {

class Draw {
public:
    Draw(const TinyProgramme& shape, std::uint64_t seed) : dice_(seed), builder_(shape.horizon) {
        builder_.programme.month_starts = {below(2) == 0 ? 0 : -5, 1 + below(shape.horizon - 1)};
        builder_.resource({{0, 1 + below(2)}, {2 + below(6), below(4)}, {9, 2}});
        builder_.stock(below(4), {{below(6), below(3)}, {6 + below(4), 1}});
        builder_.service({below(6), below(8)});
        for (int i = 0; i < 2; ++i) builder_.calendar(windows());
        const std::int32_t jobs = 2 + below(shape.jobs_max - 1);
        // Every second job of a few is of the group of the one before, and has its number of ways.
        for (std::int32_t i = 0; i < jobs; ++i) add_job();
        const std::int32_t constraints = below(shape.constraints_max + 1);
        for (std::int32_t i = 0; i < constraints; ++i) constrain();
    }
    Programme take() { return std::move(builder_.programme); }

private:
    std::int32_t below(std::int32_t bound) {
        return static_cast<std::int32_t>(dice_.below(static_cast<std::uint32_t>(bound)));
    }
    JobIndex any_job() { return below(static_cast<std::int32_t>(builder_.programme.jobs.size())); }

    std::vector<OpenTime> windows() {
        std::vector<OpenTime> result;
        for (Minute at = below(3); at < builder_.programme.horizon - 3; at += 2 + below(3)) {
            const Minute end = at + 3 + below(4);
            result.push_back({at, end, at + below(end - at + 1)});
            at = end;
        }
        return result;
    }

    void add_job() {
        Programme& programme = builder_.programme;
        const bool joins = !programme.jobs.empty() && below(3) == 0;
        const std::size_t ways = joins ? programme.jobs.back().ways.count : 1U + (below(3) == 0 ? 1U : 0U);
        std::vector<WayWords> words;
        for (std::size_t i = 0; i < ways; ++i) words.push_back(way());
        const JobIndex index = builder_.job(words);
        Job& job = builder_.at(index);
        const GroupNumber before = joins ? programme.jobs[static_cast<std::size_t>(index) - 1].group : kNone;
        job.group = before != kNone ? before : programme.group_count++;
        job.kind = below(2) == 0 ? JobKind::kCutover : JobKind::kTask;
        job.hosts = below(3);
        job.urgency = 1 + below(10);
        if (below(3) == 0) job.published_start = below(programme.horizon);
    }

    WayWords way() {
        WayWords way{.duration = below(5), .site = below(3) - 1, .cost = below(3)};
        if (below(2) == 0) way.demands.push_back({0, 1 + below(2)});
        return way;
    }

    void constrain() {
        Programme& programme = builder_.programme;
        Job& job = builder_.at(any_job());
        Way& way = programme.ways[job.ways.first + dice_.below(job.ways.count)];
        const JobIndex a = any_job();
        const JobIndex b = any_job();
        switch (below(9)) {
            case 0: job.release = below(8); break;
            case 1:
                job.due = 3 + below(programme.horizon);
                job.due_is_hard = below(2) == 0;
                job.price_per_day = below(3);
                break;
            case 2: way.calendar = below(2); break;
            case 3:
                if (a != b) builder_.after(a, b, below(4) - 1);
                break;
            case 4:
                if (a != b) builder_.within(a, b, 2 + below(4));
                break;
            case 5:
                if (a != b && builder_.at(a).group != builder_.at(b).group)
                    builder_.apart({a, b, below(2) == 0, below(2) == 0, below(2) == 0, 0});
                break;
            case 6: change_stock(way); break;
            case 7:
                if (way.duration > 0 && way.outages.count == 0) {
                    way.outages = {static_cast<std::uint32_t>(programme.outages.size()), 1};
                    const Minute offset = below(way.duration);
                    programme.outages.push_back({0, offset, 1 + below(way.duration - offset)});
                }
                break;
            default: pin(job);
        }
    }

    void change_stock(Way& way) {
        if (way.stock_changes.count != 0) return;
        way.stock_changes = {static_cast<std::uint32_t>(builder_.programme.stock_changes.size()), 1};
        builder_.programme.stock_changes.push_back({0, below(5) - 3, below(4) - 1});
    }

    void pin(Job& job) {
        Programme& programme = builder_.programme;
        const std::int32_t way = 0;
        if (below(2) == 0) {
            programme.wave_count = 1;
            for (Job& other : programme.jobs) {
                if (other.kind != JobKind::kCutover || below(2) == 0) continue;
                other.wave = 0;
                for (std::uint32_t i = 0; i < other.ways.count; ++i)
                    programme.ways[other.ways.first + i].calendar = below(2);
            }
            return;
        }
        const bool started = std::ranges::none_of(
            programme.jobs, [](const Job& other) { return other.fixed_start != kNoMinute; });
        if (!started) return;
        job.fixed_start = below(6) - 3;
        job.fixed_way = way;
    }

    Dice dice_;
    ProgrammeInWords builder_;
};

}  // namespace

Programme random_programme(const TinyProgramme& shape, std::uint64_t seed) {
    return Draw(shape, seed).take();
}

}  // namespace ararat::planning::scheduler
