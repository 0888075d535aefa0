#include "transport/ssh_install_agent.h"

#include <algorithm>
#include <map>
#include <sstream>
#include <vector>

#include "base/join.h"
#include "base/sha256.h"
#include "base/time_text.h"
#include "base/utf8.h"
#include "platform/files.h"
#include "platform/pki.h"
#include "transport/ssh_supervisor.h"

namespace ararat::transport {
namespace {

constexpr Duration kCommandTime = std::chrono::seconds{60};
constexpr Duration kUploadTime = std::chrono::seconds{600};
constexpr std::size_t kProgramBytesMax = std::size_t{512} << 20U;

class Installation {
public:
    Installation(SshSession& session, const InstallRequest& wanted, SupervisorPlace place,
                 const std::function<void(const std::string&)>& say)
        : session_(session), wanted_(wanted), place_(std::move(place)), say_(say) {}

    Result<void> run() {
        ARARAT_ASSIGN_OR_RETURN(const auto supervisor,
                                platform::read_file(wanted_.supervisor_binary, kProgramBytesMax));
        ARARAT_ASSIGN_OR_RETURN(const auto agent,
                                platform::read_file(wanted_.agent_binary, kProgramBytesMax));
        ARARAT_RETURN_IF_ERROR(ensure_supervisor(session_, place_, supervisor));
        ARARAT_RETURN_IF_ERROR(read_hashes());
        const auto& paths = wanted_.paths;
        ARARAT_RETURN_IF_ERROR(place_file(paths.programs + "/ararat-supervisor", "0755", supervisor));
        ARARAT_RETURN_IF_ERROR(place_file(paths.programs + "/ararat-agent", "0755", agent));
        ARARAT_RETURN_IF_ERROR(place_config());
        ARARAT_RETURN_IF_ERROR(enrol());
        ARARAT_RETURN_IF_ERROR(place_file(paths.unit_file, "0644", wanted_.unit_text));
        return start_unit();
    }

private:
    // What is there already, in one round trip.
    Result<void> read_hashes() {
        const auto& paths = wanted_.paths;
        const std::vector<std::string> files = {paths.programs + "/ararat-supervisor",
                                                paths.programs + "/ararat-agent", paths.config_file,
                                                paths.unit_file};
        std::vector<std::string> argv = {"sha256sum", "--"};
        argv.insert(argv.end(), files.begin(), files.end());
        // Missing files make it fail; what it prints about the others counts.
        ARARAT_ASSIGN_OR_RETURN(const auto output,
                                session_.run(place_.exec_command(), exec_input(argv), kCommandTime));
        std::istringstream lines(output.standard_output);
        std::string hash;
        std::string path;
        while (lines >> hash >> path) hashes_[path] = hash;
        return {};
    }

    Result<void> place_file(const std::string& path, const std::string& mode, const std::string& bytes,
                            const std::string& remark = {}) {
        const auto hash = sha256_hex(bytes);
        const auto there = hashes_.find(path);
        if (there != hashes_.end() && there->second == hash) {
            say_(path + ": is there already");
            return {};
        }
        ARARAT_RETURN_IF_ERROR(request(session_, place_, put_input(path, mode, hash, bytes), kUploadTime));
        say_(path + ": written, " + std::to_string(bytes.size()) + " bytes" + remark);
        return {};
    }

    // A person may have written it; or changed what was ours, which is written anew, but not in silence.
    Result<void> place_config() {
        const std::string& path = wanted_.paths.config_file;
        const auto there = hashes_.find(path);
        std::string instead;
        if (there != hashes_.end() && there->second != sha256_hex(wanted_.config_text)) {
            ARARAT_ASSIGN_OR_RETURN(const auto old, execute({"cat", "--", path}, "reading " + path));
            const auto mark = split(wanted_.config_text, '\n').front();
            if (split(old, '\n').front() != mark) {
                say_(path + ": kept, for it does not begin with \"" + mark +
                     "\"; it would say: " + lines_not_in(wanted_.config_text, old + "\n" + mark));
                return {};
            }
            instead = lines_not_in(old, wanted_.config_text);
        }
        return place_file(path, "0644", wanted_.config_text,
                          instead.empty() ? "" : ", instead of: " + instead);
    }

    static std::string lines_not_in(const std::string& text, const std::string& other) {
        std::vector<std::string> more;
        const auto known = split(other, '\n');
        for (const std::string& line : split(text, '\n')) {
            if (std::ranges::find(known, line) == known.end()) more.push_back(displayable(line));
        }
        return join(more, "; ");
    }

    // A program on the host; what it must not do is fail.
    Result<std::string> execute(const std::vector<std::string>& argv, const std::string& doing,
                                const std::string& input = {}) {
        ARARAT_ASSIGN_OR_RETURN(auto output,
                                session_.run(place_.exec_command(), exec_input(argv) + input, kCommandTime));
        if (output.exit_code != 0) {
            return Error{ErrorCode::kInternal, doing + ": " + reason_of(output), wanted_.host.str()};
        }
        return std::move(output.standard_output);
    }

    Result<void> enrol() {
        const auto& paths = wanted_.paths;
        const std::string file = paths.data_dir + "/agent.crt";
        ARARAT_ASSIGN_OR_RETURN(
            const auto found,
            session_.run(place_.exec_command(), exec_input({"cat", "--", file}), kCommandTime));
        if (found.exit_code == 0) {
            const auto ends = platform::certificate_not_after(found.standard_output);
            if (ends.ok() && *ends >= wanted_.good_until) {
                say_(file + ": enrolled already, until " + time_text(*ends));
                return {};
            }
            say_(file + ": to be replaced, " +
                 (ends.ok() ? "it ends at " + time_text(*ends) : ends.error().message));
        }
        ARARAT_ASSIGN_OR_RETURN(const auto token, wanted_.make_token());
        // Not on the command line, which every user of the host can read.
        ARARAT_RETURN_IF_ERROR(
            execute({paths.programs + "/ararat-agent", "enrol", "--orchestrator", wanted_.enrol_address,
                     "--token-file", "-", "--host", wanted_.host.str(), "--dir", paths.data_dir,
                     "--ca-sha256", wanted_.ca_sha256},
                    "enrolling", token + "\n"));
        say_("enrolled as " + wanted_.host.str());
        return {};
    }

    Result<void> start_unit() {
        const auto& service = wanted_.paths.service_command;
        const std::string unit = "ararat-agent.service";
        ARARAT_RETURN_IF_ERROR(execute({service, "daemon-reload"}, "reading the unit"));
        ARARAT_RETURN_IF_ERROR(execute({service, "enable", unit}, "enabling the unit"));
        // Also where nothing was written now: an earlier attempt may have been cut off after it wrote
        // something, and the agent reads certificate and configuration only when it starts. Steps under way
        // are not hurt: the unit kills only the agent's own process.
        ARARAT_RETURN_IF_ERROR(execute({service, "restart", unit}, "starting the agent"));
        ARARAT_RETURN_IF_ERROR(execute({service, "is-active", unit}, "the agent does not stay up"));
        say_(unit + ": running");
        return {};
    }

    SshSession& session_;
    const InstallRequest& wanted_;
    SupervisorPlace place_;
    const std::function<void(const std::string&)>& say_;
    std::map<std::string, std::string> hashes_;  // by path
};

}  // namespace

Result<void> install_agent(SshSession& session, const InstallRequest& wanted,
                           const std::function<void(const std::string&)>& say) {
    ARARAT_ASSIGN_OR_RETURN(auto place, SupervisorPlace::make(wanted.paths.remote_root, wanted.user));
    return Installation(session, wanted, std::move(place), say).run();
}

}  // namespace ararat::transport
