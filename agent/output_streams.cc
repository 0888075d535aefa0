#include "agent/output_streams.h"

#include <fcntl.h>
#include <unistd.h>

#include "agent/convert.h"
#include "agent/step_spec/step_spec.h"
#include "platform/unique_fd.h"

namespace ararat::agent {

namespace {

constexpr std::size_t kChunkBytes = 64UL * 1024;

}  // namespace

void OutputStreams::look_at(const std::string& key) { streams_[key].may_have_more = true; }

void OutputStreams::finish(const std::string& key, StepResult result) {
    Stream& stream = streams_[key];
    stream.may_have_more = true;
    stream.result = std::move(result);
}

void OutputStreams::forget(const std::string& key) { streams_.erase(key); }

void OutputStreams::rewind() {
    for (auto& [key, stream] : streams_) {
        stream.sent = 0;
        stream.told_truncated = false;
        stream.may_have_more = true;
    }
}

void OutputStreams::pump() {
    for (auto& [key, stream] : streams_) {
        if (stream.may_have_more && !send_output(key, stream)) continue;
        if (!stream.result || !destination_.has_room()) continue;
        v1::AgentMessage message;
        *message.mutable_step_finished() = to_proto(key, *stream.result);
        destination_.send(std::move(message));
        stream.result.reset();
    }
}

bool OutputStreams::send_output(const std::string& key, Stream& stream) {
    const std::string path = root_ + "/" + attempt_id(key) + "/output";
    const platform::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    std::string chunk(kChunkBytes, '\0');
    while (destination_.has_room()) {
        const ssize_t size =
            fd.valid() ? pread(fd.get(), chunk.data(), chunk.size(), static_cast<off_t>(stream.sent)) : 0;
        const bool truncated = stream.result && stream.result->output_truncated && !stream.told_truncated;
        if (size <= 0 && !truncated) {
            stream.may_have_more = false;
            return true;
        }
        v1::AgentMessage message;
        v1::StepOutput& output = *message.mutable_step_output();
        *output.mutable_key() = key_from_text(key);
        output.set_offset(stream.sent);
        if (size > 0) {
            output.set_data(chunk.data(), static_cast<std::size_t>(size));
            stream.sent += static_cast<std::uint64_t>(size);
        } else {
            output.set_truncated(true);
            stream.told_truncated = true;
        }
        destination_.send(std::move(message));
    }
    return false;
}

}  // namespace ararat::agent
