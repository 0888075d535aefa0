// What the orchestrator reads as messages. Conversion loses what the model has no word for (unknown fields),
// so bytes are compared from the second time on: model -> bytes -> model must be the same.
#include <google/protobuf/stubs/logging.h>

#include "tests/fuzz/target.h"
#include "wire/convert.h"

namespace ararat::fuzzing {
namespace {

void expect_explained(const Error& error) {
    ARARAT_CHECK(!error.message.empty(), "bytes are refused without a word");
}

void try_plan(const std::string& bytes) {
    const auto plan = wire::plan_from_bytes(bytes);
    if (!plan.ok()) return expect_explained(plan.error());
    const auto again = wire::plan_from_bytes(wire::to_bytes(*plan));
    ARARAT_CHECK(again.ok() && *again == *plan, "a plan is not read back");
}

// A record that cannot be read back would end every later start of the orchestrator.
void expect_kept(const execution::Record& record) {
    const std::string bytes = wire::to_bytes(record);
    const auto again = wire::record_from_bytes(bytes);
    ARARAT_CHECK(again.ok(), "a record cannot be read back");
    ARARAT_CHECK(again->body.index() == record.body.index(), "a record is read back as another kind");
    ARARAT_CHECK(wire::to_bytes(*again) == bytes, "a record is read back as another one");
}

void try_record(const std::string& bytes) {
    const auto record = wire::record_from_bytes(bytes);
    if (!record.ok()) return expect_explained(record.error());
    expect_kept(*record);
}

void try_agent_message(const std::string& bytes) {
    v1::AgentMessage message;
    if (!message.ParseFromString(bytes)) return;
    const HostId host("h");
    if (message.has_step_started()) {
        const auto started = wire::from_proto(message.step_started(), host);
        if (!started.ok()) return expect_explained(started.error());
        expect_kept({1, from_unix_ms(0), execution::AttemptRunning{started->key}});
    }
    if (message.has_step_finished()) {
        const auto finished = wire::from_proto(message.step_finished(), host);
        if (!finished.ok()) return expect_explained(finished.error());
        expect_kept({1, from_unix_ms(0),
                     execution::AttemptFinished{finished->key, finished->outcome, finished->already,
                                                finished->exit_code, finished->detail, finished->outputs,
                                                finished->duration_ms}});
    }
    for (const v1::AttemptKey& key : message.hello().unacknowledged()) {
        const auto read = wire::from_proto(key);
        if (!read.ok()) continue;
        const auto again = wire::from_proto(wire::to_proto(*read));
        ARARAT_CHECK(again.ok() && *again == *read, "a key is read back as another one");
    }
}

}  // namespace

void fuzz_wire(std::string_view bytes) {
    // It says on standard error what it refuses.
    google::protobuf::SetLogHandler(nullptr);
    if (bytes.empty()) return;
    const auto [way, rest] = choose(bytes, 3);
    switch (way) {
        case 0: try_plan(std::string(rest)); break;
        case 1: try_record(std::string(rest)); break;
        default: try_agent_message(std::string(rest));
    }
}

}  // namespace ararat::fuzzing
