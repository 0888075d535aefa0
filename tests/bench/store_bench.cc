// How many records a second the journal takes, in batches of several sizes, and how long a restart takes from
// a long one. The records are those of real runs: revisions of a plan, each carried through by the engine.
//
//   store_bench FOLDER [RECORDS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <string>

#include "execution/engine_core.h"
#include "platform/files.h"
#include "store/snapshot.h"
#include "store/sqlite_store.h"
#include "tests/support/plan_text.h"

namespace {

using namespace ararat;
using namespace ararat::execution;

const ProjectId kProject("exit");
constexpr int kGroups = 400;
constexpr int kSteps = 10;
constexpr int kHosts = 200;

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
    }

    // What is left of it where others have the machine, too.
    [[nodiscard]] double processor_seconds() const { return processor() - processor_begin_; }

private:
    static double processor() {
        timespec now{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
    }

    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    double processor_begin_ = processor();
};

// Revision `n` moves groups that no other one does.
CompiledPlan revision(int n) {
    std::string text;
    for (int h = 0; h < kHosts; ++h) text += "host h" + std::to_string(h) + "\n";
    text += "wave w\n";
    for (int g = 0; g < kGroups; ++g) {
        const std::string group = "p" + std::to_string(n) + "g" + std::to_string(g);
        text += "group " + group + " w\n";
        for (int s = 0; s < kSteps; ++s) {
            text +=
                "task " + group + "/" + std::to_string(s) + " " + group + " h" + std::to_string(g % kHosts);
            if (s > 0) text += " after=" + group + "/" + std::to_string(s - 1);
            text += "\n";
        }
    }
    return testing::parse_plan_text(text);
}

// The engine's loop, with every step succeeding; what it records is taken out of `fresh`.
class Maker {
public:
    Maker() {
        state_.project = kProject;
        commit(EpochStarted{1, "bench"});
    }
    void run_revision() {
        auto plan = std::make_shared<const CompiledPlan>(revision(++revisions_));
        state_.plans.emplace(plan->hash, plan);
        const Hash base = state_.plan ? state_.plan->hash : Hash{};
        fresh_plans.push_back(plan);
        take(ApplyPlan{{"ann", {}}, plan, base});
        for (const EstateHost& host : plan->hosts) connectivity_.up[host.id] = "bench";
        take(StartWave{{"ann", {}}, WaveId("w"), true, "a bench"});
        schedule_all();
        while (!out_.empty()) {
            for (int i = 0; i < 64 && !out_.empty(); ++i) {
                const Command command = std::move(out_.front());
                out_.pop_front();
                take(StepStarted{command.host, command.key});
                take(StepFinished{command.host,
                                  command.key,
                                  Outcome::kSucceeded,
                                  false,
                                  0,
                                  "",
                                  {{"lsn", "0/16B3748"}},
                                  128});
            }
            schedule_all();
        }
    }
    [[nodiscard]] const State& state() const { return state_; }
    std::vector<Record> fresh;
    std::vector<CompiledPlanPtr> fresh_plans;

private:
    void take(const Input& input) {
        auto bodies = decide(state_, connectivity_, input, now_);
        if (!bodies) {
            std::fprintf(stderr, "%s\n", bodies.error().text().c_str());
            std::exit(1);
        }
        for (RecordBody& body : *bodies) commit(std::move(body));
    }
    void schedule_all() {
        const std::size_t before = turn_begin_;
        while (true) {
            auto more = schedule(state_, connectivity_, now_);
            if (more.empty()) break;
            for (RecordBody& body : more) commit(std::move(body));
        }
        const std::vector<Record> turn(fresh.begin() + static_cast<std::ptrdiff_t>(before), fresh.end());
        for (Effect& effect : effects_of(state_, turn)) {
            if (auto* command = std::get_if<Command>(&effect)) out_.push_back(std::move(*command));
        }
        turn_begin_ = fresh.size();
    }
    void commit(RecordBody body) {
        if (fresh.empty()) turn_begin_ = 0;
        fresh.push_back(Record{state_.sequence + 1, now_, std::move(body)});
        apply(state_, fresh.back());
    }

    State state_;
    Connectivity connectivity_;
    Instant now_ = testing::kTestStart;
    std::deque<Command> out_;
    std::size_t turn_begin_ = 0;
    int revisions_ = 0;
};

store::Store open(const std::string& path) {
    auto opened = store::open_sqlite(path, kProject);
    if (opened) return std::move(opened).value();
    std::fprintf(stderr, "%s\n", opened.error().text().c_str());
    std::exit(1);
}

void check(const Result<void>& done) {
    if (done.ok()) return;
    std::fprintf(stderr, "%s\n", done.error().text().c_str());
    std::exit(1);
}

void append_in_batches(const std::string& folder, const Maker& made, std::size_t batch) {
    const std::string path = folder + "/batch.db";
    const std::size_t count = std::min<std::size_t>(made.fresh.size(), batch * 2000);
    {
        const store::Store store = open(path);
        const Stopwatch watch;
        for (std::size_t at = 0; at + batch <= count; at += batch) {
            const auto begin = made.fresh.begin() + static_cast<std::ptrdiff_t>(at);
            check(store.journal->append({begin, begin + static_cast<std::ptrdiff_t>(batch)},
                                        at == 0 ? made.fresh_plans : std::vector<CompiledPlanPtr>{}));
        }
        std::printf("append, batches of %zu: %.0f records/s\n", batch,
                    static_cast<double>(count) / watch.seconds());
    }
    for (const char* end : {"", "-wal", "-shm"}) static_cast<void>(platform::remove_file(path + end));
}

const store::SnapshotTerms kTerms{"key", "bench"};

void restore(const std::string& path, const Maker& made, const store::SnapshotTerms& terms) {
    const store::Store store = open(path);
    const Stopwatch watch;
    const auto restored = store::restore(*store.journal, kProject, terms);
    const double took = watch.seconds();
    const double processor = watch.processor_seconds();
    if (!restored || !restored->problem.empty() || !restored->snapshot_problem.empty()) {
        std::fprintf(stderr, "not restored\n");
        std::exit(1);
    }
    const bool same = fingerprint(restored->state) == fingerprint(made.state());
    std::printf("restore: %llu records, a snapshot of record %llu: %.2f s, %.2f s of a processor%s\n",
                static_cast<unsigned long long>(restored->head.sequence),
                static_cast<unsigned long long>(restored->from_snapshot), took, processor,
                same ? "" : ": ANOTHER STATE");
    if (!same) std::exit(1);
}

void keep_snapshot(const std::string& path, const Maker& made) {
    const store::Store store = open(path);
    const store::ChainHead head = store.journal->head().value();
    const Stopwatch watch;
    const std::string bytes = store::seal_snapshot(made.state(), head, kTerms);
    const double sealed = watch.seconds();
    check(store.journal->put_snapshot({head, bytes}));
    std::printf("snapshot: %.1f MB, made in %.2f s, written in %.2f s\n",
                static_cast<double>(bytes.size()) / 1e6, sealed, watch.seconds() - sealed);
}

// A head that comes after the snapshot, as a restart finds it.
void append_run(const std::string& path, Maker& made) {
    made.run_revision();
    const store::Store store = open(path);
    check(store.journal->append(made.fresh, made.fresh_plans));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: store_bench FOLDER [RECORDS]\n");
        return 3;
    }
    const std::string folder = argv[1];
    const std::uint64_t wanted = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
    Maker made;
    made.run_revision();
    for (const std::size_t batch : {std::size_t{1}, std::size_t{8}, std::size_t{64}}) {
        append_in_batches(folder, made, batch);
    }
    const std::string path = folder + "/long.db";
    {
        const store::Store store = open(path);
        const Stopwatch watch;
        while (true) {
            check(store.journal->append(made.fresh, made.fresh_plans));
            made.fresh.clear();
            made.fresh_plans.clear();
            if (made.state().sequence >= wanted) break;
            made.run_revision();
        }
        std::printf("filled: %llu records, %zu runs in %.1f s\n",
                    static_cast<unsigned long long>(made.state().sequence), made.state().runs.size(),
                    watch.seconds());
    }
    restore(path, made, {});
    keep_snapshot(path, made);
    append_run(path, made);
    restore(path, made, kTerms);
    return 0;
}
