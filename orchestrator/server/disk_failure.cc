#include "server/disk_failure.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "platform/log.h"

namespace ararat::server {
namespace {

template <typename T>
Result<T> checked(Result<T> result) {
    if (!result.ok() && result.error().code == ErrorCode::kInternal) give_up(result.error());
    return result;
}

class GivingUp final : public store::Registry {
public:
    explicit GivingUp(std::unique_ptr<store::Registry> of) : of_(std::move(of)) {}

    Result<void> add_token(const std::string& token, const store::Enrolment& enrolment) override {
        return checked(of_->add_token(token, enrolment));
    }
    Result<store::Enrolment> use_token(const std::string& token, const std::string& host,
                                       Instant now) override {
        return checked(of_->use_token(token, host, now));
    }
    Result<void> pin_host_key(const HostId& host, const std::string& public_key) override {
        return checked(of_->pin_host_key(host, public_key));
    }
    Result<std::optional<std::string>> host_key(const HostId& host) override {
        return of_->host_key(host);  // reads only
    }

private:
    std::unique_ptr<store::Registry> of_;
};

}  // namespace

void give_up(const Error& why) {
    spdlog::critical("the database could not be made durable, giving up: {}", why.text());
    std::abort();
}

std::unique_ptr<store::Registry> giving_up_on_disk_failure(std::unique_ptr<store::Registry> of) {
    return std::make_unique<GivingUp>(std::move(of));
}

}  // namespace ararat::server
