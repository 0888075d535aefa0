// What both ends of the wire must agree on before anything else is said. Raised when a message changes
// its meaning; a new field that may be ignored does not raise it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace ararat {

inline constexpr std::uint32_t kProtocolVersion = 1;
inline constexpr std::string_view kProgramVersion = "0.1.0";

// One message on a control stream or in a call, at most; larger things travel in pieces.
inline constexpr int kMessageBytesMax = 1 << 20;

// A compiled plan, at most: it comes in pieces, and goes out in one answer. Answers about a run name its
// plan's tasks, with what became of them.
inline constexpr int kPlanBytesMax = 64 << 20;
inline constexpr int kAnswerBytesMax = 2 * kPlanBytesMax;

// Capabilities an agent may have: one for each verb and each kind of channel.
inline constexpr std::array<std::string_view, 12> kCapabilities = {
    "verb.run",        "verb.service",      "verb.http-probe", "verb.tcp-probe",
    "verb.write-file", "verb.restore-file", "verb.copy-tree",  "verb.verify-tree",
    "verb.facts",      "verb.power-off",    "channel.tree",    "channel.socket",
};

}  // namespace ararat
