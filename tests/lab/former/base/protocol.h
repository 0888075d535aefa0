// Stands before base/protocol.h for the agent of the former protocol: everything is as it is, but for what
// the program says of itself.
#pragma once

#define kProtocolVersion kProtocolVersionNow
#define kProgramVersion kProgramVersionNow
#include "../../../../base/protocol.h"
#undef kProtocolVersion
#undef kProgramVersion

namespace ararat {

inline constexpr std::uint32_t kProtocolVersion = kProtocolVersionNow - 1;
inline constexpr std::string_view kProgramVersion = "0.0.9";

}  // namespace ararat
