// Makes the corpus: fuzz_seeds FOLDER writes FOLDER/TARGET/NAME for every seed and FOLDER/plan.dict, the
// words of the plan language. To be run again when a format changes; inputs that once broke something stand
// beside them and are left alone.
#include <filesystem>
#include <fstream>
#include <set>

#include "agent/core/journal_frame.h"
#include "agent/step_spec/step_spec.h"
#include "channel/frames.h"
#include "planning/compile.h"
#include "planning/field_table.h"
#include "tests/fuzz/plan_sources.h"
#include "tests/fuzz/target.h"
#include "tests/unit/planning/small_plan.h"
#include "tests/unit/planning/source_builder.h"
#include "wire/convert.h"

namespace ararat::fuzzing {
namespace {

namespace fs = std::filesystem;

class Corpus {
public:
    explicit Corpus(fs::path folder) : folder_(std::move(folder)) {}

    void put(const std::string& target, const std::string& name, const std::string& bytes) const {
        fs::create_directories(folder_ / target);
        write(folder_ / target / name, bytes);
    }
    // With the byte that says how it is taken.
    void put(const std::string& target, const std::string& name, char way, const std::string& bytes) const {
        put(target, name, way + bytes);
    }
    void write(const fs::path& path, const std::string& bytes) const {
        std::ofstream stream(path, std::ios::binary);
        stream << bytes;
        ARARAT_CHECK(stream.flush().good(), "a seed cannot be written");
    }
    [[nodiscard]] const fs::path& folder() const { return folder_; }

private:
    fs::path folder_;
};

// The ways of choose() as readable bytes.
char way(std::size_t number) { return static_cast<char>('0' + number); }

std::string key_text() { return "p|w.1|a/b|forward|1"; }

agent::StepResult a_result() {
    agent::StepResult result;
    result.outcome = agent::Outcome::kSucceeded;
    result.duration_ms = 12;
    result.detail = "well";
    result.output_bytes = 5;
    result.outputs = {{"lsn", "0/16B3748"}, {"rows", "3"}};
    return result;
}

agent::AttemptReport a_report(agent::AttemptState state) {
    agent::AttemptReport report;
    report.state = state;
    if (state == agent::AttemptState::kRunning) report.output = "line\n";
    if (state == agent::AttemptState::kFinished) report.result = a_result();
    return report;
}

agent::StepSpec a_spec() {
    agent::StepSpec spec;
    spec.key = key_text();
    spec.epoch = 7;
    spec.outputs = {"lsn"};
    spec.files = {{"f.sh", std::string(64, 'a')}};
    Operation operation;
    operation.argv = {"true", "with 'quotes'"};
    operation.fields = {{"path", "/srv"}};
    operation.environment = {{"LANG", "C"}};
    spec.stages = {{"check", operation}, {"perform", operation}};
    return spec;
}

CompiledPlan compiled(const planning::PlanSources& sources) {
    const auto outcome = planning::testing::parse(sources);
    const auto schedule = planning::make_schedule(outcome.plan, planning::testing::test_now());
    ARARAT_CHECK(outcome.ok() && schedule.ok(), "a seed's plan has faults");
    return planning::compile(outcome.plan, *schedule).value();
}

void plan_seeds(const Corpus& corpus) {
    const planning::PlanSources small = planning::testing::small_plan();
    corpus.put("plan", "small", joined_sources(small));
    corpus.put("plan", "empty", "ararat: v1\nprogramme: {name: empty}\n");
    // The programme that is demonstrated, against a library that is not there: names that lead nowhere.
    for (const std::string& name : planning::testing::example_plans())
        corpus.put("plan", fs::path(name).stem().string(), planning::testing::read_project_file(name));
    std::set<std::string> names;
    for (const auto cases : {planning::testing::text_fault_cases(), planning::testing::plan_fault_cases()}) {
        // One in eight: they differ in one place, and an input takes a millisecond.
        for (std::size_t i = 0; i < cases.size(); i += 8) {
            std::string name = "fault-";
            for (const char c : std::string_view(cases[i].name)) name += c == ' ' || c == '/' ? '-' : c;
            if (names.insert(name).second)
                corpus.put("plan", name, joined_sources(planning::testing::spoil(small, cases[i])));
        }
    }
}

void scalar_seeds(const Corpus& corpus) {
    const std::vector<std::pair<std::size_t, std::vector<std::string>>> kTexts = {
        {0, {"-17", "1h 30min", "200ms", "1w", "99.5%", "1.5 TB", "32 GiB", "1 Gbit/s", "2 GiB/h"}},
        {1,
         {"2017-12-15", "2017-09-30T18:00:00+01:00", "now-5min", "now+2h",
          "Mon-Thu 19:00-23:00, Sat 22:00-02:00", "2017-12-15/2018-01-03"}},
        {2,
         {"ark-hsg-db1", "/srv/data", "plans/a.yaml", "a/../b", "host.example.org", "2001:db8::1",
          "198.18.1.1", "Europe/London", "ararat://p/person/ann/approver+board", "ararat://p/agent/h",
          "ararat://p/orchestrator"}},
        {3, {"a ${param.tree} b", "$${x} ${step.a/b.lsn}", "${file.check.sh}"}},
        {4,
         {"plain\ttext\n",
          "\xe2\x80\xae"
          "reversed",
          "\xff\xc0\x80", "\xf0\x9f\x98\x80"}}};
    for (const auto& [number, texts] : kTexts)
        for (std::size_t i = 0; i < texts.size(); ++i)
            corpus.put("scalars", std::to_string(number) + "-" + std::to_string(i), way(number), texts[i]);
}

void wire_seeds(const Corpus& corpus) {
    corpus.put("wire", "plan", way(0), wire::to_bytes(compiled(planning::testing::small_plan())));
    const execution::AttemptKey key{ProjectId("p"), RunId("w.1"), TaskId("a/b"), execution::Purpose::kForward,
                                    1};
    const std::vector<execution::RecordBody> bodies = {
        execution::EpochStarted{7, "0.1"},
        execution::PlanApplied{Hash("aa"), Hash("bb"), "ann"},
        execution::GateDecided{WaveId("w"), GateId("g"), RoleId("r"), true, "bob", "well", Hash("cc"), "\xff",
                               "pem"},
        execution::RunStarted{RunId("w.1"), WaveId("w"), Hash("aa"), "ann", true, {MoveGroupId("g")}, "why"},
        execution::RunStatusChanged{RunId("w.1"), RunStatus::kHeld, "ann", "why", true},
        execution::AttemptStarted{key, HostId("h")},
        execution::AttemptFinished{key, execution::Outcome::kFailed, true, 3, "why", {{"lsn", "0/1"}}, 12}};
    for (std::size_t i = 0; i < bodies.size(); ++i)
        corpus.put("wire", "record-" + std::to_string(i), way(1),
                   wire::to_bytes(execution::Record{i + 1, planning::testing::test_now(), bodies[i]}));
    v1::AgentMessage message;
    *message.mutable_step_started()->mutable_key() = wire::to_proto(key);
    corpus.put("wire", "started", way(2), message.SerializeAsString());
    *message.mutable_step_finished()->mutable_key() = wire::to_proto(key);
    message.mutable_step_finished()->set_outcome(v1::OUTCOME_SUCCEEDED);
    (*message.mutable_step_finished()->mutable_outputs())["lsn"] = "0/1";
    corpus.put("wire", "finished", way(2), message.SerializeAsString());
    *message.mutable_hello()->add_unacknowledged() = wire::to_proto(key);
    corpus.put("wire", "hello", way(2), message.SerializeAsString());
}

void command_seeds(const Corpus& corpus) {
    const execution::AttemptKey key{ProjectId("p"), RunId("w.1"), TaskId("a/b"), execution::Purpose::kForward,
                                    1};
    std::vector<v1::OrchestratorMessage> told(6);
    told[0].mutable_welcome()->set_epoch(7);
    told[0].mutable_welcome()->set_chain_hash("aa");
    v1::StartStep& start = *told[1].mutable_start_step();
    *start.mutable_key() = wire::to_proto(key);
    start.set_epoch(7);
    start.set_sequence(9);
    v1::Stage& stage = *start.add_stages();
    stage.set_name("perform");
    stage.mutable_operation()->set_verb(v1::VERB_RUN);
    stage.mutable_operation()->add_argv("true");
    stage.mutable_operation()->set_timeout_ms(1000);
    *told[2].mutable_cancel_step()->mutable_key() = wire::to_proto(key);
    told[2].mutable_cancel_step()->set_epoch(7);
    *told[3].mutable_acknowledge_result()->mutable_key() = wire::to_proto(key);
    told[3].mutable_acknowledge_result()->set_epoch(7);
    v1::OpenTicket& ticket = *told[4].mutable_open_ticket();
    ticket.set_run("w.1");
    ticket.set_generation(1);
    ticket.mutable_channel()->set_id("c");
    ticket.mutable_channel()->set_kind(v1::CHANNEL_KIND_TREE);
    ticket.mutable_channel()->set_path("/srv/data");
    ticket.set_secret(std::string(32, 's'));
    ticket.set_is_source(true);
    ticket.set_peer("ararat://p/agent/h");
    ticket.set_peer_address("198.18.1.1:7444");
    ticket.set_lease_ms(30'000);
    told[5].mutable_close_ticket()->set_run("w.1");
    told[5].mutable_close_ticket()->set_channel("c");
    told[5].mutable_close_ticket()->set_generation(1);
    std::vector<std::string> pieces;
    for (const v1::OrchestratorMessage& message : told) {
        pieces.push_back(message.SerializeAsString());
        corpus.put("command", "one-" + std::to_string(pieces.size()), joined_pieces({pieces.back()}));
    }
    corpus.put("command", "conversation", joined_pieces(pieces));
    told[0].mutable_welcome()->set_sequence(5);
    told[0].mutable_welcome()->set_chain_hash(std::string("a\0b", 3));
    corpus.put("command", "nul-in-chain-hash", joined_pieces({told[0].SerializeAsString()}));
}

void journal_seeds(const Corpus& corpus) {
    const std::vector<agent::JournalRecord> records = {
        agent::JournalCreated{"id"},       agent::EpochSeen{3},
        agent::Started{key_text(), 3, 10}, agent::Finished{key_text(), a_result(), 3},
        agent::Acknowledged{key_text()},   agent::Withdrawn{"k2"},
        agent::ChainSeen{7, "abc"}};
    std::string file;
    std::vector<std::string> payloads;
    for (const agent::JournalRecord& record : records) {
        file += agent::frame(record);
        payloads.push_back(agent::encode_record(record));
        corpus.put("journal", "record-" + std::to_string(payloads.size()), way(1),
                   std::string(4, '\1') + joined_pieces({payloads.back()}));
    }
    corpus.put("journal", "file", way(0), file);
    corpus.put("journal", "torn", way(0), file.substr(0, file.size() - 3));
    corpus.put("journal", "payloads", way(1), std::string("\0\0\1\7", 4) + joined_pieces(payloads));
}

void ssh_seeds(const Corpus& corpus) {
    using agent::AttemptState;
    std::vector<std::string> reports;
    for (const auto state : {AttemptState::kAbsent, AttemptState::kRunning, AttemptState::kFinished,
                             AttemptState::kLost, AttemptState::kRefused}) {
        reports.push_back("w" + agent::encode_report(a_report(state)));
        corpus.put("ssh", "report-" + std::to_string(reports.size()), way(2), reports.back().substr(1));
        corpus.put("ssh", "watching-" + std::to_string(reports.size()), way(1),
                   joined_pieces({reports.back()}));
    }
    corpus.put("ssh", "conversation", way(0), joined_pieces({"wok\n", reports[1], reports[2]}));
    corpus.put("ssh", "failing", way(0), joined_pieces({"wok\n", "fno space", reports[1], reports[3]}));
    corpus.put("ssh", "result", way(3), agent::encode_result(a_result()));
    corpus.put("ssh", "spec", way(4), agent::encode_spec(a_spec()).value());
}

void channel_seeds(const Corpus& corpus) {
    corpus.put("channel", "hello", way(0),
               channel::encode(channel::Hello{{"w.1", "c", 1}, std::string(32, 'p')}));
    corpus.put("channel", "accepted", way(1),
               channel::encode(channel::Answer{ErrorCode::kUnknown, "", "proof"}));
    corpus.put("channel", "refused", way(1),
               channel::encode(channel::Answer{ErrorCode::kNotFound, "why", ""}));
    const std::vector<std::string> rsync = {
        "rsync",         "--server",       "--sender", "-lHogDtpAXre.iLsfxCIvu",
        "--numeric-ids", "--bwlimit=1000", ".",        "/"};
    corpus.put("channel", "local", way(2), channel::encode(channel::LocalRequest{"w.1", "c", rsync}));
    corpus.put("channel", "rsync", way(3), channel::encode_request(rsync));
    corpus.put("channel", "frame", way(4), channel::framed("payload"));
}

// libFuzzer's form: one quoted word a line.
void write_dictionary(const Corpus& corpus) {
    std::set<std::string> words = {"=== runbooks/r.yaml",
                                   "=== actions/a/action.yaml",
                                   "${param.",
                                   "${target.address}",
                                   "${source.address}",
                                   "${step.",
                                   "auto",
                                   "required"};
    for (const planning::Section& section : planning::sections()) {
        for (const planning::Field& field : section.fields) {
            if (!field.key.empty()) words.insert(std::string(field.key) + ": ");
            if (field.type != planning::FieldType::kChoice) continue;
            for (const std::string& choice : planning::choices_of(field)) words.insert(choice);
        }
    }
    std::string text = "# The plan language's words, made from its table of fields.\n";
    for (const std::string& word : words) text += "\"" + word + "\"\n";
    corpus.write(corpus.folder() / "plan.dict", text);
}

}  // namespace
}  // namespace ararat::fuzzing

int main(int argc, char** argv) {
    using namespace ararat::fuzzing;
    if (argc != 2) return 3;
    const Corpus corpus{argv[1]};
    for (const auto make : {plan_seeds, scalar_seeds, wire_seeds, command_seeds, journal_seeds, ssh_seeds,
                            channel_seeds, write_dictionary})
        make(corpus);
    return 0;
}
