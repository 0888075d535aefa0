// The waves built so far, and whether a unit may go into one of them or into a new one at a moment.
// Internal to the scheduler.
// Thread promise: one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "planning/schedule_problem.h"

namespace ararat::planning {

// A wave while it is being filled.
struct OpenWave {
    ChangeWindow window;
    bool unrestricted = false;  // its window is no calendar's
    Instant start;
    Instant end;
    std::vector<std::size_t> units;  // in order of placing
    std::map<std::string, int> demand;
    std::size_t hosts = 0;
    bool pinned = false;
};

struct PlacedUnit {
    std::size_t wave = 0;
    Instant start;
    Instant end;
    std::vector<std::string> reasons;
};

struct BuiltWaves {
    std::vector<OpenWave> waves;     // in order of opening
    std::vector<PlacedUnit> placed;  // by unit
};

// Where a unit might go: into an existing wave, or into a new one in a window.
struct Candidate {
    Instant start;
    std::optional<std::size_t> wave;
    ChangeWindow window;
};

enum class RefusalKind { kWindow, kLockout, kSize, kPair, kSuccessor, kResource, kLink, kDeadline };

struct Refusal {
    RefusalKind kind = RefusalKind::kWindow;
    std::string text;
};

// The problem outlives the book.
class WaveBook {
public:
    explicit WaveBook(const Problem& problem);

    [[nodiscard]] const std::vector<OpenWave>& waves() const { return built_.waves; }
    [[nodiscard]] const PlacedUnit& placed(std::size_t unit) const { return built_.placed[unit]; }
    // Empty: nothing refuses. Precondition: all that the unit needs is placed.
    [[nodiscard]] std::optional<Refusal> refusal_of(std::size_t index, const Candidate& candidate) const;
    // The moments at which the links will have carried the unit's data, after this or that many of the
    // moves that are placed: between them nothing about the links changes for it.
    [[nodiscard]] std::vector<Instant> seeding_ends(std::size_t index) const;
    // Precondition: nothing refuses.
    void place(std::size_t index, const Candidate& candidate, std::vector<std::string> reasons);
    // An instant in the unit's time zone, for people.
    [[nodiscard]] std::string moment(std::size_t index, Instant instant) const;
    [[nodiscard]] BuiltWaves take() { return std::move(built_); }

private:
    // Of a wave, with the unit in it.
    struct Span {
        Instant start;
        Instant end;
    };
    // `wave`: as it is without the unit.
    [[nodiscard]] std::optional<Refusal> refusal_by_wave(std::size_t index, const Candidate& candidate,
                                                         const OpenWave& wave, const Span& span) const;
    [[nodiscard]] std::optional<Refusal> refusal_by_pair(std::size_t index, std::size_t member,
                                                         const Candidate& candidate, const Span& span) const;
    [[nodiscard]] std::optional<Refusal> refusal_by_successor(std::size_t index, std::size_t member,
                                                              const Candidate& candidate,
                                                              const Span& span) const;
    [[nodiscard]] std::optional<Refusal> refusal_by_resource(std::size_t index, const Candidate& candidate,
                                                             const OpenWave& wave, const Span& span) const;
    [[nodiscard]] std::optional<Refusal> refusal_by_link(std::size_t index, Instant start) const;
    [[nodiscard]] int own_demand(std::size_t index, const std::string& resource) const;

    const Problem& problem_;
    BuiltWaves built_;
    std::vector<bool> is_placed_;
    // By link: wave's start -> for how long the link is taken by what must be there by then.
    std::vector<std::map<Instant, Duration>> link_deadlines_;
};

}  // namespace ararat::planning
