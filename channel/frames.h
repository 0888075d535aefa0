// The messages that open a stream, as bytes. A frame is a 4-byte big-endian length and that many bytes;
// inside, fields are likewise length-prefixed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "channel/ticket.h"

namespace ararat::channel {

inline constexpr std::size_t kFrameHeaderBytes = 4;
inline constexpr std::size_t kFrameBytesMax = 64 * 1024;

[[nodiscard]] std::string framed(std::string_view payload);
// Error: invalid-argument above kFrameBytesMax.
[[nodiscard]] Result<std::size_t> frame_size(std::string_view header);

// Dialler to acceptor.
struct Hello {
    TicketKey key;
    std::string proof;  // see ticket_proof
};
[[nodiscard]] std::string encode(const Hello& hello);
[[nodiscard]] Result<Hello> decode_hello(std::string_view bytes);

// Acceptor to dialler (with its own proof), source to target, and endpoint to rsh client.
struct Answer {
    ErrorCode code = ErrorCode::kUnknown;  // only where refused
    std::string refused;                   // empty: accepted
    std::string proof;
};
[[nodiscard]] std::string encode(const Answer& answer);
[[nodiscard]] Result<Answer> decode_answer(std::string_view bytes);
[[nodiscard]] Answer refusal(const Error& error);
// The Error that a refusing answer stands for.
[[nodiscard]] Error error_of(const Answer& answer);

// Target to source: rsync's arguments, or none.
[[nodiscard]] std::string encode_request(const std::vector<std::string>& arguments);
[[nodiscard]] Result<std::vector<std::string>> decode_request(std::string_view bytes);

// rsh client to its local endpoint.
struct LocalRequest {
    std::string run;
    std::string channel;
    std::vector<std::string> arguments;
};
[[nodiscard]] std::string encode(const LocalRequest& request);
[[nodiscard]] Result<LocalRequest> decode_local_request(std::string_view bytes);

// What one side signs: which side it is, this connection's exporter and the ticket's key.
enum class ProofSide { kDialler, kAcceptor };
[[nodiscard]] std::string ticket_proof(const Ticket& ticket, ProofSide side, std::string_view exporter);

}  // namespace ararat::channel
