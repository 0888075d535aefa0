#include <algorithm>
#include <array>

#include "transport/ssh_session.h"
#include "transport/ssh_session_impl.h"

namespace ararat::transport {
namespace {

constexpr std::size_t kWriteBytes = 32 * 1024;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kErrorBytesMax = 4096;

// A libssh callback; the answer means that no byte was taken.
int note(void* session) {
    static_cast<SshSession::Impl*>(session)->news = true;
    return 0;
}

}  // namespace

Result<std::unique_ptr<SshExec>> SshSession::start(const std::string& command, std::string input,
                                                   std::size_t output_bytes_max, bool keep_input_open) {
    ssh_channel channel = ssh_channel_new(impl_->handle());
    if (channel == nullptr) return impl_->failure("channel");
    // Owns the channel from here on.
    auto exec =
        std::make_unique<SshExec::Impl>(*impl_, channel, std::move(input), output_bytes_max, keep_input_open);
    const auto within = impl_->timeouts().open_channel;
    ARARAT_ASSIGN_OR_RETURN(
        const int opened,
        impl_->await([channel] { return ssh_channel_open_session(channel); }, within, "channel"));
    if (opened != SSH_OK) return impl_->failure("channel");
    const auto call = [channel, &command] { return ssh_channel_request_exec(channel, command.c_str()); };
    ARARAT_ASSIGN_OR_RETURN(const int requested, impl_->await(call, within, "command"));
    if (requested != SSH_OK) return impl_->failure("command");
    return std::unique_ptr<SshExec>(new SshExec(std::move(exec)));
}

Result<std::unique_ptr<SshExec>> SshSession::forward(const std::string& address, std::uint16_t port,
                                                     Duration within) {
    ssh_channel channel = ssh_channel_new(impl_->handle());
    if (channel == nullptr) return impl_->failure("channel");
    auto exec = std::make_unique<SshExec::Impl>(*impl_, channel, std::string(), 0, true);
    // The last two say where it comes from: words for the server's log.
    const auto call = [&] {
        return ssh_channel_open_forward(channel, address.c_str(), port, "127.0.0.1", 0);
    };
    ARARAT_ASSIGN_OR_RETURN(const int opened, impl_->await(call, within, "forwarding"));
    if (opened != SSH_OK) return impl_->failure("forwarding");
    return std::unique_ptr<SshExec>(new SshExec(std::move(exec)));
}

SshExec::Impl::~Impl() {
    (void)ssh_remove_channel_callbacks(channel, &callbacks);
    ssh_channel_free(channel);
}

void SshExec::Impl::listen() {
    callbacks.userdata = &session;
    // Nothing is taken here: who steps the command reads it.
    callbacks.channel_data_function = [](ssh_session, ssh_channel, void*, std::uint32_t, int, void* owner) {
        return note(owner);
    };
    callbacks.channel_write_wontblock_function = [](ssh_session, ssh_channel, std::uint32_t, void* owner) {
        return note(owner);
    };
    callbacks.channel_eof_function = [](ssh_session, ssh_channel, void* owner) { (void)note(owner); };
    callbacks.channel_close_function = [](ssh_session, ssh_channel, void* owner) { (void)note(owner); };
    callbacks.channel_exit_status_function = [](ssh_session, ssh_channel, int, void* owner) {
        (void)note(owner);
    };
    ssh_callbacks_init(&callbacks);
    (void)ssh_set_channel_callbacks(channel, &callbacks);
}

bool SshExec::Impl::write_input() {
    if (input_ended) return false;
    if (written < input.size()) {
        const auto rest = std::min(input.size() - written, kWriteBytes);
        const int put = ssh_channel_write(channel, input.data() + written, static_cast<std::uint32_t>(rest));
        if (put == SSH_ERROR) {
            // The command may have ended without reading everything: what it said is still to be read.
            written = input.size();
            return true;
        }
        if (put > 0) written += static_cast<std::size_t>(put);
        return put > 0;
    }
    if (keep_input_open) return false;
    input_ended = true;
    (void)ssh_channel_send_eof(channel);
    return true;
}

bool SshExec::Impl::read_stream(bool is_error) {
    std::array<char, kReadBytes> buffer;
    const int got = ssh_channel_read_nonblocking(channel, buffer.data(),
                                                 static_cast<std::uint32_t>(buffer.size()), is_error ? 1 : 0);
    if (got == SSH_EOF || (got == 0 && ssh_channel_is_eof(channel) != 0)) {
        (is_error ? error_ended : output_ended) = true;
        return false;
    }
    if (got == SSH_ERROR) broken = true;
    if (got <= 0) return false;
    auto& text = is_error ? output.standard_error : output.standard_output;
    const auto limit = is_error ? kErrorBytesMax : output_bytes_max;
    const auto room = limit - std::min(limit, text.size());
    const auto bytes = static_cast<std::size_t>(got);
    text.append(buffer.data(), std::min(room, bytes));
    if (!is_error && bytes > room) output.truncated = true;
    return true;
}

void SshExec::Impl::look_for_end() {
    if (ssh_is_connected(session.handle()) == 0) broken = true;
    if (broken) {
        ended = true;
        return;
    }
    if (!output_ended || !error_ended) return;
    // In a non-blocking session this only looks.
    output.exit_code = ssh_channel_get_exit_status(channel);
    if (output.exit_code != -1 || ssh_channel_is_closed(channel) != 0) ended = true;
}

SshExec::SshExec(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SshExec::~SshExec() = default;

bool SshExec::step() {
    if (impl_->ended) return false;
    bool moved = impl_->write_input();
    if (!impl_->output_ended) moved = impl_->read_stream(false) || moved;
    if (!impl_->error_ended) moved = impl_->read_stream(true) || moved;
    if (!moved) impl_->look_for_end();
    return moved;
}

bool SshExec::ended() const { return impl_->ended; }

Result<SshOutput> SshExec::take() {
    if (impl_->broken) return impl_->session.failure("command");
    return std::move(impl_->output);
}

Result<std::size_t> SshExec::write_some(std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(std::min(bytes.size(), kWriteBytes));
    const int put = ssh_channel_write(impl_->channel, bytes.data(), size);
    if (put == SSH_ERROR) return impl_->session.failure("stream");
    return put > 0 ? static_cast<std::size_t>(put) : std::size_t{0};
}

void SshExec::end_input() { (void)ssh_channel_send_eof(impl_->channel); }

Result<std::size_t> SshExec::read_some(char* buffer, std::size_t size) {
    // Standard error shares the window with nothing, but unread it would stop the command.
    if (!impl_->error_ended) (void)impl_->read_stream(true);
    const auto limit = static_cast<std::uint32_t>(std::min(size, kReadBytes));
    const int got = ssh_channel_read_nonblocking(impl_->channel, buffer, limit, 0);
    if (got == SSH_ERROR || ssh_is_connected(impl_->session.handle()) == 0) {
        return impl_->session.failure("stream");
    }
    if (got == SSH_EOF || (got == 0 && ssh_channel_is_eof(impl_->channel) != 0)) impl_->output_ended = true;
    return got > 0 ? static_cast<std::size_t>(got) : std::size_t{0};
}

bool SshExec::at_end() const { return impl_->output_ended; }

}  // namespace ararat::transport
