#include "cli/run_watch.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
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

// What was heard, shown: on a terminal a picture that is drawn over the one before, several times a second,
// since time passes also while nothing is heard; elsewhere a line a change.
class Screen {
public:
    explicit Screen(const Context& context)
        : live_(context.stdout_is_terminal()), color_(context.use_color()) {
        if (live_) thread_ = std::thread([this] { run(); });
    }
    ~Screen() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        woken_.notify_all();
        if (thread_.joinable()) thread_.join();
        const std::lock_guard lock(mutex_);
        draw_locked();
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    void take(const v1::RunUpdate& update) {
        const std::lock_guard lock(mutex_);
        const auto lines = picture_.take(update, now_unix_ms());
        picture_.set_away(false);
        if (live_) return;
        for (const auto& line : lines) fmt::print("{}\n", line);
        std::fflush(stdout);
    }
    void set_away() {
        const std::lock_guard lock(mutex_);
        picture_.set_away(true);
    }
    [[nodiscard]] bool ended() const { return picture_.ended(); }
    [[nodiscard]] v1::RunStatus status() const { return picture_.run().status(); }

private:
    void run() {
        constexpr auto kInterval = std::chrono::milliseconds(200);
        std::unique_lock lock(mutex_);
        while (!woken_.wait_for(lock, kInterval, [this] { return stopping_; })) draw_locked();
    }
    void draw_locked() {
        if (!live_ || picture_.run().run().empty()) return;
        winsize size{};
        const bool known =
            ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
        const std::string text = picture_.draw(
            now_unix_ms(), known ? TerminalSize{size.ws_col, size.ws_row} : TerminalSize{}, color_);
        if (height_ > 0) fmt::print("\x1b[{}F\x1b[J", height_);
        fmt::print("{}", text);
        std::fflush(stdout);
        height_ = std::count(text.begin(), text.end(), '\n');
    }

    bool live_;
    bool color_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool stopping_ = false;      // guarded by mutex_, as is the picture's drawing
    RunPicture picture_;         // changed by the thread that reads, under mutex_
    std::ptrdiff_t height_ = 0;  // guarded by mutex_
    std::thread thread_;
};

}  // namespace

Result<void> watch_run(Context& context, Client& client, const std::string& run) {
    constexpr auto kAwayMax = std::chrono::seconds(60);
    InterruptWatch interrupt;  // before the screen's thread: it inherits the blocked signal
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
            screen.take(update);
        }
        const grpc::Status status = reader->Finish();
        interrupt.set_call(nullptr);
        if (screen.ended()) {
            context.exit_code = exit_code_of(screen.status());
            return {};
        }
        if (interrupt.interrupted()) {
            context.say("The run goes on. To follow it again: ararat run watch " + run);
            context.exit_code = ExitCode::kInterrupted;
            return {};
        }
        const bool away = status.error_code() == grpc::StatusCode::UNAVAILABLE || status.ok();
        if (!away || SteadyClock::now() - heard > kAwayMax) return error_of(status);
        screen.set_away();
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
}

}  // namespace ararat::cli
