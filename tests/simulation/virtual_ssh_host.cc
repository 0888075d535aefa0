#include "tests/simulation/virtual_ssh_host.h"

#include <algorithm>
#include <charconv>

#include "base/sha256.h"

namespace ararat::simulation {

using transport::SshOutput;

namespace {

constexpr std::size_t kWordsMax = 16;
constexpr std::uint64_t kOrphansWaitPercent = 90;

SshOutput said(std::string text) { return {0, std::move(text), "", false}; }
SshOutput fault(const std::string& why) { return {1, "", "ararat-supervisor: " + why + "\n", false}; }
agent::AttemptReport refused(std::string why) {
    agent::AttemptReport report;
    report.state = agent::AttemptState::kRefused;
    report.detail = std::move(why);
    return report;
}
SshOutput killed() { return {-1, "", "", false}; }

std::uint64_t to_number(const std::string& text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

struct Request {
    std::vector<std::string> words;
    std::string_view rest;
};

// Nothing: it is cut short.
std::optional<Request> read_request(std::string_view input) {
    Request request;
    std::size_t count = 1;
    for (std::size_t i = 0; i <= count; ++i) {
        const auto end = input.find('\0');
        if (end == std::string_view::npos) return std::nullopt;
        std::string word(input.substr(0, end));
        input.remove_prefix(end + 1);
        if (i > 0) {
            request.words.push_back(std::move(word));
        } else {
            count = to_number(word);
            if (count == 0 || count > kWordsMax) return std::nullopt;
        }
    }
    request.rest = input;
    return request;
}

}  // namespace

void VirtualSshHost::take(Command command) {
    processes_.push_back({std::move(command), around_.boottime(), false, std::nullopt});
}

void VirtualSshHost::on_closed(std::uint64_t session) {
    for (auto at = processes_.begin(); at != processes_.end();) {
        if (at->command.session != session || at->is_orphan) {
            ++at;
            continue;
        }
        at->is_orphan = true;
        const std::uint64_t fate = around_.dice->below(100);
        if (at->output || fate < 20) {
            at = processes_.erase(at);
            continue;
        }
        if (fate < 35) at->command.input.resize(around_.dice->below(at->command.input.size() + 1));
        ++at;
    }
}

bool VirtualSshHost::can_go_on(const Process& process) const {
    if (process.output) return true;
    const auto request = read_request(process.command.input);
    if (!request) return true;
    const std::vector<std::string>& words = request->words;
    if (words[0] == "wait" && words.size() == 5) {
        const auto report = around_.supervisors->report_of(words[2], to_number(words[4]));
        const Duration waited = around_.boottime() - process.began;
        return report.state != agent::AttemptState::kRunning || !report.output.empty() ||
               waited >= Duration{static_cast<std::int64_t>(to_number(words[3]))};
    }
    return true;
}

bool VirtualSshHost::run_some(bool calm) {
    // What nobody waits for any more is late, by many sessions perhaps.
    const bool orphans_wait = !calm && around_.dice->percent(kOrphansWaitPercent);
    std::vector<std::list<Process>::iterator> ready;
    for (auto at = processes_.begin(); at != processes_.end(); ++at) {
        if (can_go_on(*at) && !(at->is_orphan && orphans_wait)) ready.push_back(at);
    }
    if (unborn_ && (ready.empty() || around_.dice->percent(30))) {
        be_born(calm);
        return true;
    }
    if (ready.empty()) return false;
    const auto chosen = ready[around_.dice->below(ready.size())];
    if (!chosen->output) {
        run(*chosen, calm);
        if (chosen->is_orphan) processes_.erase(chosen);
        return true;
    }
    const Process done = std::move(*chosen);
    processes_.erase(chosen);
    around_.answer(done.command.session, done.command.number, *done.output);
    return true;
}

// A process may be killed before it did anything, or when it has done everything but say so; one in the
// middle of starting a step leaves a supervisor behind that has still to be born.
void VirtualSshHost::run(Process& process, bool calm) {
    const std::uint64_t fate = calm ? 100 : around_.dice->below(100);
    if (fate < 2) {
        process.output = killed();
    } else if (fate < 4) {
        process.output = fault("too many open files");
    } else {
        process.output = carry_out(process.command, fate < 10);
        if (fate < 14 && fate >= 10) process.output = killed();
    }
}

SshOutput VirtualSshHost::carry_out(const Command& command, bool unlucky) {
    if (command.line == around_.place.look_command()) return look(command.input);
    if (command.line == around_.place.ship_command()) return ship(command.input);
    if (command.line == around_.place.request_command()) return request(command.input, unlucky);
    return fault("there is no such command");
}

SshOutput VirtualSshHost::look(std::string_view input) {
    const auto end = input.find('\n');
    if (end == std::string_view::npos || input.substr(0, end) != program_sha256_) return said("other\n");
    auto listed = request(input.substr(end + 1), false);
    listed.standard_output.insert(0, "same " + files_[around_.place.journal_id_file()] + "\n");
    return listed;
}

SshOutput VirtualSshHost::ship(std::string_view input) {
    const auto end = input.find('\n');
    if (end == std::string_view::npos || sha256_hex(input.substr(end + 1)) != input.substr(0, end))
        return fault("the bytes received do not have that hash");
    program_sha256_ = std::string(input.substr(0, end));
    return said("shipped\n");
}

SshOutput VirtualSshHost::put(const std::vector<std::string>& words, std::string_view bytes) {
    if (bytes.size() != to_number(words[4]) || sha256_hex(bytes) != words[3])
        return fault("the bytes received do not have that hash");
    files_[words[1]] = std::string(bytes);
    return said("ok\n");
}

SshOutput VirtualSshHost::request(std::string_view input, bool unlucky) {
    if (program_sha256_.empty()) return {127, "", "sh: not found\n", false};
    const auto read = read_request(input);
    if (!read) return fault("the input is cut short");
    const std::vector<std::string>& words = read->words;
    VirtualSupervisors& supervisors = *around_.supervisors;
    if (words[0] == "put") return put(words, read->rest);
    if (words[0] == "status" || words[0] == "wait") {
        const std::uint64_t offset = words[0] == "wait" ? to_number(words[4]) : 0;
        auto report = supervisors.report_of(words[2], offset);
        if (words[0] == "status") report.output.clear();
        return said(agent::encode_report(report));
    }
    // The rest wants the lock, and does not wait for it for ever.
    if (unborn_ && unlucky) return fault("another supervisor holds the lock");
    if (unborn_) be_born(false);
    if (words[0] == "list") return said(agent::encode_keys(supervisors.known_keys()));
    if (words[0] == "never-start")
        return said(agent::encode_report(supervisors.never_start_in(to_number(words[3]), words[2])));
    if (words[0] == "cancel")
        return said(agent::encode_report(supervisors.cancel_in(to_number(words[3]), words[2])));
    if (words[0] == "forget") {
        const auto report = supervisors.forget_in(to_number(words[3]), words[2], !unlucky);
        return unlucky ? killed() : said(agent::encode_report(report));
    }
    if (words[0] == "start") return start(read->rest, unlucky);
    return fault("there is no command \"" + words[0] + "\"");
}

SshOutput VirtualSshHost::start(std::string_view spec_bytes, bool unlucky) {
    VirtualSupervisors& supervisors = *around_.supervisors;
    auto spec = agent::decode_spec(spec_bytes);
    if (!spec.ok()) return said(agent::encode_report(refused(spec.error().text())));
    if (auto there = supervisors.judge_start(spec.value())) {
        there->output.clear();
        return said(agent::encode_report(*there));
    }
    if (const std::string missing = missing_file(spec.value()); !missing.empty())
        return said(agent::encode_report(refused(missing + ": no such file")));
    if (unlucky) {
        unborn_ = std::move(spec).value();
        return killed();
    }
    const std::string id = agent::attempt_id(spec->key);
    supervisors.publish(std::move(spec).value());
    return said(agent::encode_report(supervisors.report_of(id, 0)));
}

std::string VirtualSshHost::missing_file(const agent::StepSpec& spec) const {
    for (const agent::SpecFile& file : spec.files) {
        if (!files_.contains(agent::shipped_file_path(around_.place.steps(), file.sha256))) return file.name;
    }
    return {};
}

void VirtualSshHost::be_born(bool calm) {
    agent::StepSpec spec = std::move(*unborn_);
    unborn_.reset();
    if (calm || around_.dice->percent(70)) around_.supervisors->publish(std::move(spec));
}

void VirtualSshHost::write_some() {
    const auto running = around_.supervisors->running();
    if (running.empty()) return;
    const std::string& key = running[around_.dice->below(running.size())];
    around_.supervisors->write_output(
        key, std::string(1 + around_.dice->below(20), static_cast<char>('a' + around_.dice->below(26))));
}

void VirtualSshHost::kill_some() {
    const auto running = around_.supervisors->running();
    if (!running.empty()) around_.supervisors->kill(running[around_.dice->below(running.size())]);
}

void VirtualSshHost::lose_power() {
    processes_.clear();
    unborn_.reset();
    around_.supervisors->lose_power();
}

std::vector<std::string> VirtualSshHost::lose_disk() {
    lose_power();
    program_sha256_.clear();
    files_.clear();
    return around_.supervisors->lose_disk();
}

}  // namespace ararat::simulation
