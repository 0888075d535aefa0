// The registry in SQLite. Internal to store; made by open_sqlite().
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/registry.h"
#include "store/sqlite.h"

namespace ararat::store {

class SqliteRegistry : public Registry {
public:
    SqliteRegistry(std::shared_ptr<Connection> connection, ProjectId project)
        : connection_(std::move(connection)), project_(std::move(project)) {}

    Result<void> add_token(const std::string& token, const Enrolment& enrolment) override;
    Result<Enrolment> use_token(const std::string& token, const std::string& host, Instant now) override;
    Result<void> pin_host_key(const HostId& host, const std::string& public_key) override;
    Result<std::optional<std::string>> host_key(const HostId& host) override;

private:
    std::shared_ptr<Connection> connection_;
    ProjectId project_;
};

}  // namespace ararat::store
