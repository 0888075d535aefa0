#include "channel/frames.h"

#include "platform/pki.h"

namespace ararat::channel {
namespace {

constexpr std::string_view kHelloMagic = "ararat-channel-1";
constexpr std::string_view kLocalMagic = "ararat-rsh-1";
constexpr std::size_t kFieldsMax = 64;

void put_u32(std::string& out, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> shift) & 0xFFU));
}

std::uint32_t get_u32(std::string_view bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = (value << 8U) | static_cast<unsigned char>(bytes[i]);
    return value;
}

std::string pack(const std::vector<std::string_view>& fields) {
    std::string out;
    for (const auto field : fields) {
        put_u32(out, static_cast<std::uint32_t>(field.size()));
        out += field;
    }
    return out;
}

Result<std::vector<std::string>> unpack(std::string_view bytes) {
    std::vector<std::string> fields;
    while (!bytes.empty()) {
        if (bytes.size() < 4 || fields.size() == kFieldsMax) {
            return Error{ErrorCode::kInvalidArgument, "a malformed message from the peer"};
        }
        const std::size_t size = get_u32(bytes);
        bytes.remove_prefix(4);
        if (size > bytes.size()) {
            return Error{ErrorCode::kInvalidArgument, "a malformed message from the peer"};
        }
        fields.emplace_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    return fields;
}

Error unexpected(const char* what) {
    return Error{ErrorCode::kInvalidArgument, std::string("the peer did not send ") + what};
}

std::string generation_bytes(std::uint32_t generation) {
    std::string out;
    put_u32(out, generation);
    return out;
}

}  // namespace

std::string framed(std::string_view payload) {
    std::string out;
    out.reserve(payload.size() + kFrameHeaderBytes);
    put_u32(out, static_cast<std::uint32_t>(payload.size()));
    out += payload;
    return out;
}

Result<std::size_t> frame_size(std::string_view header) {
    const std::size_t size = get_u32(header);
    if (size > kFrameBytesMax) {
        return Error{ErrorCode::kInvalidArgument, "a message of " + std::to_string(size) + " bytes"};
    }
    return size;
}

std::string encode(const Hello& hello) {
    return pack(
        {kHelloMagic, hello.key.run, hello.key.channel, generation_bytes(hello.key.generation), hello.proof});
}

Result<Hello> decode_hello(std::string_view bytes) {
    ARARAT_ASSIGN_OR_RETURN(const auto fields, unpack(bytes));
    if (fields.size() != 5 || fields[0] != kHelloMagic || fields[3].size() != 4) return unexpected("a hello");
    return Hello{TicketKey{fields[1], fields[2], get_u32(fields[3])}, fields[4]};
}

std::string encode(const Answer& answer) {
    const std::string code(1, static_cast<char>(answer.code));
    return pack({code, answer.refused, answer.proof});
}

Result<Answer> decode_answer(std::string_view bytes) {
    ARARAT_ASSIGN_OR_RETURN(const auto fields, unpack(bytes));
    if (fields.size() != 3 || fields[0].size() != 1) return unexpected("an answer");
    const auto code = static_cast<unsigned char>(fields[0][0]);
    if (code > static_cast<unsigned char>(ErrorCode::kUnauthenticated)) return unexpected("a known answer");
    return Answer{static_cast<ErrorCode>(code), fields[1], fields[2]};
}

Answer refusal(const Error& error) { return Answer{error.code, error.text(), {}}; }

Error error_of(const Answer& answer) { return Error{answer.code, "refused by the peer: " + answer.refused}; }

std::string encode_request(const std::vector<std::string>& arguments) {
    return pack({arguments.begin(), arguments.end()});
}

Result<std::vector<std::string>> decode_request(std::string_view bytes) { return unpack(bytes); }

std::string encode(const LocalRequest& request) {
    std::vector<std::string_view> fields = {kLocalMagic, request.run, request.channel};
    fields.insert(fields.end(), request.arguments.begin(), request.arguments.end());
    return pack(fields);
}

Result<LocalRequest> decode_local_request(std::string_view bytes) {
    ARARAT_ASSIGN_OR_RETURN(auto fields, unpack(bytes));
    if (fields.size() < 3 || fields[0] != kLocalMagic) return unexpected("a request for a stream");
    LocalRequest request{fields[1], fields[2], {}};
    request.arguments.assign(fields.begin() + 3, fields.end());
    return request;
}

std::string ticket_proof(const Ticket& ticket, ProofSide side, std::string_view exporter) {
    const std::string_view side_text = side == ProofSide::kDialler ? "dialler" : "acceptor";
    return platform::hmac_sha256(ticket.secret, pack({side_text, exporter, ticket.key.run, ticket.key.channel,
                                                      generation_bytes(ticket.key.generation)}));
}

}  // namespace ararat::channel
