#include "cli/run_watch.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

#include "cli/run_picture.h"
#include "cli/words.h"

namespace ararat::cli {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::int64_t now_unix_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Waits for Ctrl-C on a thread of its own and cancels the call under way; a signal handler could not.
class InterruptWatch {
public:
    InterruptWatch() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
        thread_ = std::thread([this] { wait(); });
    }
    ~InterruptWatch() {
        stopping_ = true;
        thread_.join();
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    InterruptWatch(const InterruptWatch&) = delete;
    InterruptWatch& operator=(const InterruptWatch&) = delete;

    void set_call(grpc::ClientContext* call) {
        const std::lock_guard lock(mutex_);
        call_ = call;
        if (interrupted_ && call_ != nullptr) call_->TryCancel();
    }
    [[nodiscard]] bool interrupted() const { return interrupted_; }

private:
    void wait() {
        constexpr timespec kSlice{0, 100'000'000};
        while (!stopping_) {
            if (sigtimedwait(&signals_, nullptr, &kSlice) != SIGINT) continue;
            const std::lock_guard lock(mutex_);
            interrupted_ = true;
            if (call_ != nullptr) call_->TryCancel();
        }
    }

    sigset_t signals_{};
    sigset_t before_{};
    std::mutex mutex_;
    grpc::ClientContext* call_ = nullptr;  // guarded by mutex_
    std::atomic<bool> stopping_{false};
    std::atomic<bool> interrupted_{false};
    std::thread thread_;
};

// Draws the picture over the one before it.
class Screen {
public:
    explicit Screen(const Context& context)
        : live_(context.stdout_is_terminal()), color_(context.use_color()) {}

    void show(const RunPicture& picture, const std::vector<std::string>& lines, bool last) {
        if (!live_) {
            for (const auto& line : lines) fmt::print("{}\n", line);
            std::fflush(stdout);
            return;
        }
        const auto now = SteadyClock::now();
        if (!last && now - drawn_ < std::chrono::milliseconds(80)) return;
        drawn_ = now;
        winsize size{};
        const int width =
            ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 100;
        const std::string text = picture.draw(now_unix_ms(), width, color_);
        if (height_ > 0) fmt::print("\x1b[{}F\x1b[J", height_);
        fmt::print("{}", text);
        std::fflush(stdout);
        height_ = std::count(text.begin(), text.end(), '\n');
    }

private:
    bool live_;
    bool color_;
    std::ptrdiff_t height_ = 0;
    SteadyClock::time_point drawn_{};
};

}  // namespace

Result<void> watch_run(Context& context, Client& client, const std::string& run) {
    constexpr auto kAwayMax = std::chrono::seconds(60);
    InterruptWatch interrupt;
    RunPicture picture;
    Screen screen(context);
    auto heard = SteadyClock::now();
    while (true) {
        grpc::ClientContext call;
        v1::DescribeRunRequest request;
        request.set_run(run);
        interrupt.set_call(&call);
        auto reader = client.stub().WatchRun(&call, request);
        v1::RunUpdate update;
        while (reader->Read(&update)) {
            heard = SteadyClock::now();
            const auto lines = picture.take(update);
            screen.show(picture, lines, picture.ended());
        }
        const grpc::Status status = reader->Finish();
        interrupt.set_call(nullptr);
        if (picture.ended()) {
            context.exit_code = exit_code_of(picture.run().status());
            return {};
        }
        if (interrupt.interrupted()) {
            context.say("The run goes on. To follow it again: ararat run watch " + run);
            context.exit_code = ExitCode::kInterrupted;
            return {};
        }
        const bool away = status.error_code() == grpc::StatusCode::UNAVAILABLE || status.ok();
        if (!away || SteadyClock::now() - heard > kAwayMax) return error_of(status);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
}

}  // namespace ararat::cli
