// What is logged while it lives, line by line. Made before the threads that log, and gone after them.
#pragma once

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace ararat::server {

class AlertLog {
public:
    AlertLog() : before_(spdlog::default_logger()), sink_(std::make_shared<Sink>()) {
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_));
    }
    ~AlertLog() { spdlog::set_default_logger(before_); }
    AlertLog(const AlertLog&) = delete;
    AlertLog& operator=(const AlertLog&) = delete;

    // Lines that begin with "alert:" and have all of these words in them.
    [[nodiscard]] std::size_t alerts(const std::vector<std::string>& words) const {
        const auto lines = sink_->lines();
        return static_cast<std::size_t>(std::ranges::count_if(lines, [&](const std::string& line) {
            return line.starts_with("alert:") && std::ranges::all_of(words, [&](const std::string& word) {
                       return line.find(word) != std::string::npos;
                   });
        }));
    }

private:
    class Sink final : public spdlog::sinks::base_sink<std::mutex> {
    public:
        std::vector<std::string> lines() {
            const std::lock_guard lock(mutex_);
            return lines_;
        }

    private:
        void sink_it_(const spdlog::details::log_msg& message) override {
            lines_.emplace_back(message.payload.data(), message.payload.size());
        }
        void flush_() override {}

        std::vector<std::string> lines_;
    };

    std::shared_ptr<spdlog::logger> before_;
    std::shared_ptr<Sink> sink_;
};

}  // namespace ararat::server
