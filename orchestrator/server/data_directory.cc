#include "server/data_directory.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cerrno>
#include <cstdio>

#include "base/identifier.h"
#include "platform/files.h"
#include "platform/random.h"

namespace ararat::server {
namespace {

constexpr mode_t kSecretMode = 0600;
constexpr int kOrchestratorDays = 825;
constexpr int kPersonDays = 365;
constexpr std::size_t kTicketKeyBytes = 32;
constexpr unsigned kFreePercentMin = 5;

std::string without_line_end(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return text;
}

Result<platform::CertificateAuthority> read_ca(const DataPaths& paths) {
    platform::CertificateAuthority ca;
    ARARAT_ASSIGN_OR_RETURN(ca.certificate_pem, platform::read_file(paths.ca_certificate()));
    ARARAT_ASSIGN_OR_RETURN(ca.key_pem, platform::read_file(paths.ca_key()));
    ARARAT_RETURN_IF_ERROR(platform::check_key_matches(ca.key_pem, ca.certificate_pem));
    return ca;
}

Result<ProjectId> read_project(const DataPaths& paths) {
    const auto text = platform::read_file(paths.project());
    if (!text.ok()) {
        return Error{text.error().code, "is no orchestrator's data directory: run init first", paths.root};
    }
    return ProjectId(without_line_end(text.value()));
}

// Key and certificate as PATH.key and PATH.crt.
Result<void> issue_to(const std::string& path, const platform::CertificateAuthority& ca,
                      const platform::Identity& identity, Instant now, int days,
                      const std::vector<std::string>& hosts) {
    ARARAT_ASSIGN_OR_RETURN(const auto key, platform::generate_p256());
    ARARAT_ASSIGN_OR_RETURN(const auto request, platform::make_csr(key));
    ARARAT_ASSIGN_OR_RETURN(const auto certificate, platform::issue(ca, request, identity, now, days, hosts));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(path + ".key", key.key_pem, kSecretMode));
    return platform::write_file_durable(path + ".crt", certificate, 0644);
}

Result<void> check_names(const ProjectId& project, const std::vector<std::string>& hosts) {
    if (const auto name = check_identifier(project.str()); !name.ok()) {
        return Error{ErrorCode::kInvalidArgument, name.error().message, "project"};
    }
    if (hosts.empty()) {
        return Error{ErrorCode::kInvalidArgument, "agents and people need a name or address to connect to",
                     "host"};
    }
    for (const std::string& host : hosts) {
        if (const auto valid = platform::check_host_name(host); !valid.ok()) {
            return Error{ErrorCode::kInvalidArgument, valid.error().message, "host"};
        }
    }
    return {};
}

Result<void> make_project(const DataPaths& paths, const ProjectId& project,
                          const std::vector<std::string>& hosts, Instant now) {
    for (const std::string& directory : {paths.root + "/ca", paths.people()}) {
        ARARAT_RETURN_IF_ERROR(platform::make_dirs(directory, 0700));
    }
    ARARAT_ASSIGN_OR_RETURN(const auto ca, platform::make_ca(project.str(), now));
    ARARAT_RETURN_IF_ERROR(platform::create_file_durable(paths.ca_key(), ca.key_pem, kSecretMode));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(paths.ca_certificate(), ca.certificate_pem, 0644));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(
        paths.ticket_key(), platform::random_bytes(kTicketKeyBytes), kSecretMode));
    ARARAT_RETURN_IF_ERROR(issue_to(paths.root + "/orchestrator", ca,
                                    platform::orchestrator_identity(project.str()), now, kOrchestratorDays,
                                    hosts));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(paths.host(), hosts.front() + "\n", 0644));
    ARARAT_RETURN_IF_ERROR(platform::write_file_durable(paths.project(), project.str() + "\n", 0644));
    return make_person(paths, {"admin", {"admin"}}, now);
}

// Replaces what is there: it is left of an init that did not come to its end.
Result<void> move_entry(const DataPaths& from, const DataPaths& to, const std::string& name) {
    const std::string target = to.root + "/" + name;
    ARARAT_RETURN_IF_ERROR(platform::remove_tree(target));
    if (::rename((from.root + "/" + name).c_str(), target.c_str()) != 0) {
        return platform::errno_error(errno, "rename", target);
    }
    return platform::fsync_dir(to.root);
}

// Everything but the project's name first: that is what says that the directory is whole.
Result<void> put_in_place(const DataPaths& made, const DataPaths& paths) {
    ARARAT_ASSIGN_OR_RETURN(const auto names, platform::list_dir(made.root));
    const std::string project = platform::base_of(made.project());
    for (const std::string& name : names) {
        if (name != project) ARARAT_RETURN_IF_ERROR(move_entry(made, paths, name));
    }
    ARARAT_RETURN_IF_ERROR(move_entry(made, paths, project));
    return platform::remove_tree(made.root);
}

}  // namespace

Result<void> init_data_directory(const DataPaths& paths, const ProjectId& project,
                                 const std::vector<std::string>& hosts, Instant now) {
    ARARAT_RETURN_IF_ERROR(check_names(project, hosts));
    if (platform::file_exists(paths.project())) {
        return Error{ErrorCode::kAlreadyExists, "has a project already: it is left as it is", paths.root};
    }
    // A key that certificates may have been made with is not thrown away on a guess.
    if (platform::file_exists(paths.ca_key()) && !platform::file_exists(paths.unfinished())) {
        return Error{
            ErrorCode::kAlreadyExists,
            "has a CA's key but no project: put it elsewhere when nothing uses it, then run init again",
            paths.ca_key()};
    }
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(paths.root, 0700));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(paths.logs(), 0700));
    // The folder itself stays all the while: it says that what stands beside it is unfinished.
    const DataPaths made{paths.unfinished()};
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(made.root, 0700));
    ARARAT_ASSIGN_OR_RETURN(const auto left, platform::list_dir(made.root));
    for (const std::string& name : left) {
        ARARAT_RETURN_IF_ERROR(platform::remove_tree(made.root + "/" + name));
    }
    ARARAT_RETURN_IF_ERROR(make_project(made, project, hosts, now));
    return put_in_place(made, paths);
}

Result<void> make_person(const DataPaths& paths, const NewPerson& person, Instant now) {
    if (const auto valid = check_identifier(person.name); !valid.ok()) {
        return Error{ErrorCode::kInvalidArgument, valid.error().message, "name"};
    }
    if (person.roles.empty()) {
        return Error{ErrorCode::kInvalidArgument, "a person has at least one role", "roles"};
    }
    for (const std::string& role : person.roles) {
        if (const auto valid = check_identifier(role); !valid.ok()) {
            return Error{ErrorCode::kInvalidArgument, valid.error().message, "roles"};
        }
    }
    ARARAT_ASSIGN_OR_RETURN(const ProjectId project, read_project(paths));
    ARARAT_ASSIGN_OR_RETURN(const auto ca, read_ca(paths));
    ARARAT_RETURN_IF_ERROR(platform::make_dirs(paths.people(), 0700));
    const std::string prefix = paths.people() + "/" + person.name;
    const bool is_there = platform::file_exists(prefix + ".key") || platform::file_exists(prefix + ".crt");
    if (is_there && !person.replace) {
        return Error{ErrorCode::kAlreadyExists,
                     "has a key and a certificate already: --replace makes new ones in their place", prefix};
    }
    ARARAT_RETURN_IF_ERROR(
        platform::write_file_durable(paths.people() + "/ca.crt", ca.certificate_pem, 0644));
    return issue_to(prefix, ca, platform::person_identity(project.str(), person.name, person.roles), now,
                    kPersonDays, {});
}

Result<Room> room_of(const std::string& path) {
    struct statvfs status {};
    if (::statvfs(path.c_str(), &status) != 0) return platform::errno_error(errno, "statvfs", path);
    return Room{status.f_bavail, status.f_blocks};
}

Result<void> check_room_for_runs(const DataPaths& paths, const Room& room) {
    if (room.free * 100 >= room.all * kFreePercentMin) return {};
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("less than {}% of the file system is free: no run is started", kFreePercentMin),
                 paths.root};
}

Result<DataDirectory> open_data_directory(const DataPaths& paths) {
    DataDirectory directory;
    directory.paths = paths;
    ARARAT_ASSIGN_OR_RETURN(directory.project, read_project(paths));
    ARARAT_ASSIGN_OR_RETURN(const std::string host, platform::read_file(paths.host()));
    directory.host = without_line_end(host);
    ARARAT_ASSIGN_OR_RETURN(directory.ca, read_ca(paths));
    ARARAT_ASSIGN_OR_RETURN(directory.certificate_pem, platform::read_file(paths.certificate()));
    ARARAT_ASSIGN_OR_RETURN(directory.key_pem, platform::read_file(paths.key()));
    ARARAT_RETURN_IF_ERROR(platform::check_key_matches(directory.key_pem, directory.certificate_pem));
    ARARAT_ASSIGN_OR_RETURN(directory.ticket_key, platform::read_file(paths.ticket_key()));
    if (directory.ticket_key.size() != kTicketKeyBytes) {
        return Error{ErrorCode::kInvalidArgument, fmt::format("must have {} bytes", kTicketKeyBytes),
                     paths.ticket_key()};
    }
    return directory;
}

}  // namespace ararat::server
