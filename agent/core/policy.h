// What this host's own administrator lets be done on it, whatever the orchestrator says: a file that only
// root can write. Without the file everything is allowed; docs/allow-list.md has examples.
//   # comment
//   verb run               a verb that may be used: run service http-probe tcp-probe write-file restore-file
//                          copy-tree verify-tree facts power-off
//   program shipped        run may start files that the action ships
//   program /usr/bin/x     run may start this program
//   path /srv/shares       write-file, restore-file, copy-tree and verify-tree may touch what is below
//   environment PGPORT     a step may set this variable of its processes
//   serve /srv/shares      a data channel may read what is below
//   dial /run/postgresql   a data channel may connect to this socket, or those below
//   dial 127.0.0.1:5432    ... to this host and port
//   expose /run/ararat     a data channel may make sockets below
// What is not named is refused; but where no program, or no path, is named, a verb that is may use any.
// A path counts by where it really is: links are followed beforehand, by whoever has the disk, for the rule's
// path and the step's.
// Thread promise: value, pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agent/step_spec/step_spec.h"
#include "base/result.h"

namespace ararat::agent {

// A path as it is written to where it is, without links. One that is missing cannot be told.
using PathsOnDisk = std::map<std::string, std::string>;

// What a data channel's ticket asks of this host.
struct TicketRequest {
    bool is_source = false;
    bool is_tree = false;
    std::string path;    // source: the directory, the Unix socket, or host:port
    std::string expose;  // target of a socket: the Unix socket to make
};

class Policy {
public:
    // Allows everything.
    Policy() = default;
    // Errors: invalid-argument with the number of the line.
    [[nodiscard]] static Result<Policy> parse(std::string_view text);

    // The paths whose places it must be told to judge this.
    [[nodiscard]] std::vector<std::string> paths_of(const StepSpec& spec) const;
    [[nodiscard]] std::vector<std::string> paths_of(const TicketRequest& ticket) const;

    // Why it is refused; empty: it is allowed.
    [[nodiscard]] std::string refusal(const StepSpec& spec, const PathsOnDisk& on_disk) const;
    [[nodiscard]] std::string refusal(const TicketRequest& ticket, const PathsOnDisk& on_disk) const;

private:
    // The value of a rule; false: it is none.
    [[nodiscard]] bool add_rule(const std::string& word, const std::string& value);
    [[nodiscard]] std::string refusal(const Operation& operation, const PathsOnDisk& on_disk) const;

    bool allow_all_ = true;
    std::set<Verb> verbs_;
    std::set<std::string> programs_;
    std::vector<std::string> paths_;
    std::set<std::string> environment_;
    std::vector<std::string> serve_;
    std::vector<std::string> dial_;  // absolute paths, and host:port
    std::vector<std::string> expose_;
};

// "run", "service", "http-probe", ...
[[nodiscard]] const char* verb_name(Verb verb);

}  // namespace ararat::agent
