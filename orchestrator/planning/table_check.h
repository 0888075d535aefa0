// Checks trees against the table of fields: unknown and missing keys, shapes, types, identifiers, and
// names that nothing defines. What the table cannot say (orders, contradictions) is the validator's.
// Owner: one parse. Thread promise: none; used by one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/instant.h"
#include "planning/diagnostic.h"
#include "planning/field_table.h"
#include "planning/strict_tree.h"

namespace ararat::planning {

class TableCheck {
public:
    TableCheck(DiagnosticList& faults, Instant as_of) : faults_(faults), as_of_(as_of) {}

    // One file against a section of the table. `part`: where the model says that it stands.
    void check(const TreeNode& node, const Section& section, const SourcePlace& part);

    // Something with a name, for references: kind "hosts", "actions", ... A second definition is a fault.
    void define(std::string_view kind, const std::string& name, const SourcePlace& place);

    // Called once, after everything was checked: reports references to what nothing defines.
    void check_names();

    // "plan.yaml:9:3: hosts: cpus": keys that were accepted although nothing acts on them yet.
    [[nodiscard]] std::vector<std::string> not_enforced() const;

private:
    struct Use {
        std::string_view kind;
        std::string name;
        SourcePlace place;
        std::size_t part = 0;    // in parts_
        std::string_view field;  // of that part
    };
    // A section on the way to what is being checked.
    struct Part {
        SourcePlace place;
        std::size_t above = 0;
    };
    static constexpr std::size_t kNoPart = static_cast<std::size_t>(-1);

    void check_section(const TreeNode& node, const Section& section, const SourcePlace& where,
                       const SourcePlace& part);
    void check_fields(const TreeNode& node, const Section& section, const SourcePlace& where);
    void check_field(const TreeEntry& entry, const Field& field, const Section& section);
    // A field of the part that cannot be used; what the part is in is faulty, too.
    void mark(std::size_t part, std::string_view field);
    void check_value(const TreeNode& node, const Field& field, const Section& section);
    void check_scalar(const TreeNode& node, const Field& field);
    void check_scalars(const TreeNode& node, const Field& field, FieldType each);
    void check_section_map(const TreeNode& node, const Field& field, const Section& owner);
    void check_section_list(const TreeNode& node, const Field& field);
    void check_text_map(const TreeNode& node, const Field& field);
    void check_counts(const TreeNode& node, const Field& field, const Section& owner);
    void check_capacities(const TreeNode& node, const Field& field);
    void check_month_durations(const TreeNode& node, const Field& field);
    void check_needs(const TreeNode& node, const Field& field);
    void check_imports(const TreeNode& node, const Field& field);
    void check_windows(const TreeNode& node, const Field& field);
    void check_targets(const TreeNode& node, const Field& field);
    void check_target(const TreeEntry& entry);
    void check_waits(const TreeNode& node, const Field& field);
    void check_waves(const TreeNode& node, const Field& field);
    void check_integer(const TreeNode& node, const Field& field);
    void check_known_zone(const TreeNode& node, const Field& field);
    void check_choice(const TreeNode& node, const Field& field);
    void check_key(const TreeEntry& entry);
    // False, with a fault reported, when the node has another shape.
    bool wants(const TreeNode& node, TreeNode::Kind kind, const Field& field);
    void refuse(const TreeNode& node, const Field& field, DiagnosticCode code, const std::string& what);
    void use(std::string_view kind, const TreeNode& node);

    DiagnosticList& faults_;
    Instant as_of_;
    std::map<std::string, std::map<std::string, SourcePlace>, std::less<>> definitions_;
    std::vector<Use> uses_;
    std::vector<std::pair<SourcePlace, std::string>> not_enforced_;
    std::vector<Part> parts_;
    std::size_t part_ = kNoPart;  // the innermost one
    std::string_view field_;      // of that one
};

}  // namespace ararat::planning
