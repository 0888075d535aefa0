// The orchestrator's data directory, and how it is made.
//   .init               what an init that has not come to its end has made so far
//   project             the project's id; written last by init
//   host                the first name given to init: how hosts reach this machine
//   ca/ca.crt ca.key    the project's certificate authority (key: 0600)
//   orchestrator.crt .key
//   ticket.key          32 bytes, for data-channel tickets (0600)
//   people/NAME.{crt,key}, people/ca.crt
//   journal.db          journal and registry
//   logs/               output of steps
//   quarantine/         copies of a database that was found damaged, and why
//   backup.request .answer  between `backup save` and the orchestrator that serves
//   orchestrator.json   where a running orchestrator listens
// Thread promise: free functions; one process owns the directory (the lock is taken by who serves).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/ids.h"
#include "platform/pki.h"

namespace ararat::server {

struct DataPaths {
    std::string root;
    [[nodiscard]] std::string unfinished() const { return root + "/.init"; }
    [[nodiscard]] std::string project() const { return root + "/project"; }
    [[nodiscard]] std::string host() const { return root + "/host"; }
    [[nodiscard]] std::string ca_certificate() const { return root + "/ca/ca.crt"; }
    [[nodiscard]] std::string ca_key() const { return root + "/ca/ca.key"; }
    [[nodiscard]] std::string certificate() const { return root + "/orchestrator.crt"; }
    [[nodiscard]] std::string key() const { return root + "/orchestrator.key"; }
    [[nodiscard]] std::string ticket_key() const { return root + "/ticket.key"; }
    [[nodiscard]] std::string people() const { return root + "/people"; }
    [[nodiscard]] std::string database() const { return root + "/journal.db"; }
    [[nodiscard]] std::string logs() const { return root + "/logs"; }
    [[nodiscard]] std::string quarantine() const { return root + "/quarantine"; }
    [[nodiscard]] std::string lock() const { return root + "/lock"; }
    [[nodiscard]] std::string addresses() const { return root + "/orchestrator.json"; }
};

// What serving needs of it.
struct DataDirectory {
    DataPaths paths;
    ProjectId project;
    std::string host;
    platform::CertificateAuthority ca;
    std::string certificate_pem;
    std::string key_pem;
    std::string ticket_key;
};

// Makes the CA, the orchestrator's certificate for these host names and addresses, the ticket key and the
// first administrator (people/admin): all of it, or nothing that keeps the next try from doing so.
// Errors: invalid-argument (a name), already-exists when the directory has a project.
Result<void> init_data_directory(const DataPaths& paths, const ProjectId& project,
                                 const std::vector<std::string>& hosts, Instant now);

struct NewPerson {
    std::string name;
    std::vector<std::string> roles;
    bool replace = false;  // what is there under this name; its certificate stays valid until it expires
};
// A new key and certificate people/NAME.{key,crt}. Errors: already-exists without `replace`.
Result<void> make_person(const DataPaths& paths, const NewPerson& person, Instant now);

// Of the file system that has this path, in blocks. Errors: those of statvfs.
struct Room {
    std::uint64_t free = 0;
    std::uint64_t all = 0;
};
[[nodiscard]] Result<Room> room_of(const std::string& path);

// Errors: resource-exhausted when less than 5% of the file system is free: then no run is started.
[[nodiscard]] Result<void> check_room_for_runs(const DataPaths& paths, const Room& room);

// Errors: not-found when init has not been run, invalid-argument when keys and certificates do not fit.
[[nodiscard]] Result<DataDirectory> open_data_directory(const DataPaths& paths);

}  // namespace ararat::server
