// An action's manifest, from its checked tree to the model. Every ${...} in it names a parameter or a
// shipped file, which is checked here with its exact place.
// Thread promise: functions of their arguments.
#pragma once

#include <map>
#include <string>

#include "model/plan.h"
#include "planning/diagnostic.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

using FolderFiles = std::map<std::string, std::string>;  // name -> bytes, or where a link ends

// Precondition: checked against section "action-file". The bytes of the files that it ships are added
// to `shipped` under their hashes; the folder's links are not shipped.
[[nodiscard]] Action read_action(const TreeNode& root, const FolderFiles& folder, const FolderFiles& links,
                                 std::map<Hash, std::string>& shipped, DiagnosticList& faults);

// "run", "service", ...: as written in manifests.
[[nodiscard]] std::string_view verb_key(Verb verb);

}  // namespace ararat::planning
