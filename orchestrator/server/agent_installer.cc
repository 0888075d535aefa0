#include "server/agent_installer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/host_port.h"
#include "base/join.h"
#include "platform/log.h"
#include "server/methods.h"
#include "transport/grpc_status.h"

namespace ararat::server {
namespace {

constexpr std::size_t kAddressBytesMax = 255;
constexpr std::size_t kUserBytesMax = 64;

}  // namespace

Result<std::string> agent_config_text(const std::vector<std::string>& orchestrators) {
    std::vector<std::string> once;
    for (const std::string& address : orchestrators) {
        ARARAT_RETURN_IF_ERROR(check_host_port(address));
        if (std::ranges::find(once, address) == once.end()) once.push_back(address);
    }
    return fmt::format(
        "# Written by 'ararat agent install'.\norchestrator = {}\ndata_dir = /var/lib/ararat\n",
        join(once, " "));
}

AgentInstaller::~AgentInstaller() { stop(); }

Result<InstallTarget> AgentInstaller::target_of(const v1::InstallAgentRequest& request) const {
    ARARAT_RETURN_IF_ERROR(require_id("host", request.host()));
    ARARAT_RETURN_IF_ERROR(require_text("address", request.address(), kAddressBytesMax));
    ARARAT_RETURN_IF_ERROR(require_text("user", request.user(), kUserBytesMax));
    if (request.port() > 65'535) return Error{ErrorCode::kInvalidArgument, "is no port", "port"};
    InstallTarget target;
    target.host = HostId(request.host());
    if (const auto planned = estate_.host(target.host)) {
        target.address = planned->address;
        target.user = planned->ssh_user;
        target.port = planned->ssh_port;
        target.jumps = estate_.jumps_to(target.host);
    }
    if (!request.address().empty()) target.address = request.address();
    if (!request.user().empty()) target.user = request.user();
    if (request.port() != 0) target.port = static_cast<std::uint16_t>(request.port());
    if (target.address.empty()) {
        return Error{ErrorCode::kInvalidArgument, "is missing: the plan does not know this host", "address"};
    }
    return target;
}

void AgentInstaller::install(const std::shared_ptr<Writer>& writer, const execution::Principal& by,
                             const v1::InstallAgentRequest& request) {
    auto target = target_of(request);
    if (target.ok()) target->by = by.name;
    if (!target.ok()) {
        writer->end(transport::to_status(target.error()));
        return;
    }
    const std::lock_guard lock(mutex_);
    join_over_locked();
    if (stopping_ || works_.size() >= kInstallationsMax) {
        writer->end({grpc::StatusCode::RESOURCE_EXHAUSTED, "other installations are under way: try again"});
        return;
    }
    spdlog::info("{} installs an agent on {} ({})", by.name, target->host.str(), target->address);
    const auto work = std::make_shared<Work>();
    works_.push_back(work);
    work->thread = std::thread([this, work, writer, where = target.value()] {
        run(writer, where);
        const std::lock_guard over(mutex_);
        work->is_over = true;
    });
}

void AgentInstaller::run(const std::shared_ptr<Writer>& writer, const InstallTarget& target) {
    const auto say = [&](std::string line) {
        v1::InstallAgentUpdate update;
        update.set_line(std::move(line));
        writer->offer(std::move(update));
    };
    const auto installed = install_(target, say);
    v1::InstallAgentUpdate update;
    update.set_done(true);
    update.set_failed(!installed.ok());
    update.set_line(installed.ok() ? fmt::format("{} has an agent", target.host.str())
                                   : installed.error().text());
    if (!installed.ok()) spdlog::warn("no agent on {}: {}", target.host.str(), installed.error().text());
    writer->offer(std::move(update));
    writer->end(grpc::Status::OK);
}

void AgentInstaller::stop() {
    std::list<std::shared_ptr<Work>> works;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        works = std::exchange(works_, {});
    }
    for (const auto& work : works) work->thread.join();
}

void AgentInstaller::join_over_locked() {
    for (auto work = works_.begin(); work != works_.end();) {
        if ((*work)->is_over) {
            (*work)->thread.join();
            work = works_.erase(work);
        } else {
            ++work;
        }
    }
}

}  // namespace ararat::server
