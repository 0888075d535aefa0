// What a person signs when deciding about a gate: the decision, bound to one project, one gate of one
// wave and that wave's subtree of the plan's hash. Any change of any of these makes other bytes.
// Thread promise: values.
#pragma once

#include <string>

#include "model/ids.h"

namespace ararat {

struct Approval {
    ProjectId project;
    WaveId wave;
    GateId gate;
    Hash subtree;
    bool granted = false;
    std::string comment = {};
    friend bool operator==(const Approval&, const Approval&) = default;
};

// Canonical bytes: a fixed heading, then every field in order as its length (8 bytes, big endian) and
// its bytes; `granted` is one byte, 0 or 1. The signature is ECDSA P-256 over their SHA-256.
[[nodiscard]] std::string approval_bytes(const Approval& approval);

}  // namespace ararat
