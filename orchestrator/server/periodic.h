// One thread that calls functions now and then: heartbeats, lease renewals, progress.
// Thread promise: every() before start(); stop() by the owner. The functions must not block for long.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/instant.h"

namespace ararat::server {

class Periodic {
public:
    ~Periodic() { stop(); }

    void every(Duration interval, std::function<void()> call) {
        jobs_.push_back({interval, std::chrono::steady_clock::now() + interval, std::move(call)});
    }
    void start() {
        thread_ = std::thread([this] { run(); });
    }
    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        woken_.notify_all();
        if (thread_.joinable()) thread_.join();
    }

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Job {
        Duration interval{0};
        Time due;
        std::function<void()> call;
    };

    void run() {
        std::unique_lock lock(mutex_);
        while (!stopping_ && !jobs_.empty()) {
            Time next = Time::max();
            for (const Job& job : jobs_) next = std::min(next, job.due);
            if (woken_.wait_until(lock, next, [this] { return stopping_; })) return;
            lock.unlock();
            call_due(std::chrono::steady_clock::now());
            lock.lock();
        }
    }
    void call_due(Time now) {
        for (Job& job : jobs_) {
            if (job.due > now) continue;
            job.call();
            job.due = now + job.interval;  // after a pause once, not once for each that was missed
        }
    }

    std::vector<Job> jobs_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace ararat::server
