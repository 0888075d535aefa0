#include "model/approval.h"

#include <cstdint>
#include <string_view>

namespace ararat {
namespace {

// The length in front keeps two neighbouring fields from trading bytes.
void append_field(std::string& out, std::string_view field) {
    const auto length = static_cast<std::uint64_t>(field.size());
    for (int shift = 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<char>((length >> shift) & 0xffU));
    }
    out.append(field);
}

}  // namespace

std::string approval_bytes(const Approval& approval) {
    std::string out = "ararat-approval-v1\n";
    append_field(out, approval.project.str());
    append_field(out, approval.wave.str());
    append_field(out, approval.gate.str());
    append_field(out, approval.subtree.str());
    append_field(out, std::string(1, approval.granted ? '\1' : '\0'));
    append_field(out, approval.comment);
    return out;
}

}  // namespace ararat
