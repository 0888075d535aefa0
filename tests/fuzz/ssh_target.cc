// A host that answers over SSH whatever it likes: one attempt's whole conversation, and the encodings by
// themselves. What the engine is told must be something that its journal can hold and give back.
#include <memory>

#include "agent/step_spec/step_result.h"
#include "agent/step_spec/step_spec.h"
#include "base/sha256.h"
#include "tests/fuzz/target.h"
#include "transport/ssh_attempt.h"

namespace ararat::fuzzing {
namespace {

constexpr std::size_t kAnswersMax = 64;

const transport::SupervisorPlace& place() {
    static const auto kPlace = transport::SupervisorPlace::make("/var/lib/ararat-ssh", "root").value();
    return kPlace;
}

execution::Command a_command() {
    static const std::string kFile = "#!/bin/sh\n";
    auto plan = std::make_shared<CompiledPlan>();
    const Hash hash(sha256_hex(kFile));
    plan->files[hash] = kFile;
    execution::Command command;
    command.host = HostId("h");
    command.key = {ProjectId("p"), RunId("w.1"), TaskId("a/b"), execution::Purpose::kForward, 1};
    command.epoch = 7;
    command.stages.push_back({"perform", Operation{}});
    command.stages.back().operation.argv = {"true"};
    command.files.push_back({"f.sh", hash});
    command.pinned = plan;
    return command;
}

// Pieces of output follow each other without a gap, and nothing comes after the end.
class Listener {
public:
    void hear(const transport::SshAttempt& attempt, const transport::SshAttempt::News& news) {
        ARARAT_CHECK(!ended_, "news after the end");
        if (news.started) ARARAT_CHECK(!std::exchange(started_, true), "started twice");
        if (news.output) {
            ARARAT_CHECK(news.output->offset == offset_, "output that was not asked for");
            offset_ += news.output->data.size();
        }
        ended_ = news.finished.has_value();
        ARARAT_CHECK(attempt.done() == ended_, "an end that nobody is told of");
        ARARAT_CHECK(attempt.finished().has_value() == ended_, "an end without a result");
        if (ended_) ARARAT_CHECK(news.finished->key == attempt.key(), "the end of another attempt");
    }

private:
    bool started_ = false;
    bool ended_ = false;
    std::uint64_t offset_ = 0;
};

// Each piece is an answer; its first byte says whether the supervisor answered well.
void converse(transport::SshAttempt attempt, std::string_view bytes) {
    Listener listener;
    std::set<std::string> there;
    std::size_t answers = 0;
    for (const std::string_view piece : pieces_of(bytes)) {
        if (piece.empty() || ++answers > kAnswersMax) return;
        const auto request = attempt.next_request(place(), there, Duration{1000});
        ARARAT_CHECK(request.has_value() == !attempt.done(), "an attempt that is neither asked for nor done");
        if (!request) return;
        const auto news = attempt.on_answer({piece.front() != 'f', std::string(piece.substr(1))});
        if (!news.ok()) return;
        listener.hear(attempt, *news);
        if (!news->file_there.empty()) there.insert(news->file_there);
    }
}

// What was accepted is what would be written, byte for byte.
template <typename Value>
void expect_same(const Result<Value>& value, std::string_view bytes, std::string (*encode)(const Value&)) {
    if (value.ok()) ARARAT_CHECK(encode(*value) == bytes, "an answer was read as another one");
}

void try_spec(std::string_view bytes) {
    const auto spec = agent::decode_spec(bytes);
    if (!spec.ok()) return;
    const auto again = agent::encode_spec(*spec);
    ARARAT_CHECK(again.ok() && *again == bytes, "a spec was read as another one");
}

}  // namespace

void fuzz_ssh(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto [way, rest] = choose(bytes, 5);
    switch (way) {
        case 0: {
            static const auto kCommand = a_command();
            static const auto kSpec = transport::spec_of(kCommand).value();
            converse({kCommand, kSpec}, rest);
            break;
        }
        case 1: converse(transport::SshAttempt::watching(a_command()), rest); break;
        case 2: expect_same(agent::decode_report(rest), rest, agent::encode_report); break;
        case 3: expect_same(agent::decode_result(rest), rest, agent::encode_result); break;
        default: try_spec(rest);
    }
}

}  // namespace ararat::fuzzing
