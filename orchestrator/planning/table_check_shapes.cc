// The part of the check against the table that goes down into lists and mappings.
#include <string>

#include "base/identifier.h"
#include "planning/field_text.h"
#include "planning/scalar_types.h"
#include "planning/table_check.h"

namespace ararat::planning {
namespace {

using Kind = TreeNode::Kind;

constexpr std::string_view kCountRange = "0..1000000";

}  // namespace

void TableCheck::check_scalars(const TreeNode& node, const Field& field, FieldType each) {
    if (!wants(node, Kind::kList, field)) return;
    Field item = field;
    item.type = each;
    for (const TreeNode& value : node.items) {
        if (value.kind == Kind::kNull) {
            refuse(value, field, DiagnosticCode::kWrongShape, "has an empty entry");
        } else {
            check_scalar(value, item);
        }
    }
}

void TableCheck::check_section_map(const TreeNode& node, const Field& field, const Section& owner) {
    if (!wants(node, Kind::kMap, field)) return;
    const Section& inner = planning::section(field.extra);
    for (const TreeEntry& entry : node.entries) {
        check_key(entry);
        if (owner.name == "plan") define(field.key, entry.key, entry.place());
        // A name alone is enough where nothing has to be said about it.
        if (entry.value.kind == Kind::kNull) {
            TreeNode empty = entry.value;
            empty.kind = Kind::kMap;
            check_section(empty, inner, entry.place(), entry.place());
        } else {
            check_section(entry.value, inner, entry.place(), entry.place());
        }
    }
}

void TableCheck::check_section_list(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kList, field)) return;
    const Section& inner = planning::section(field.extra);
    for (const TreeNode& item : node.items) check_section(item, inner, item.place(), item.place());
}

void TableCheck::check_text_map(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kMap, field)) return;
    Field text = field;
    text.type = FieldType::kText;
    for (const TreeEntry& entry : node.entries) {
        text.key = entry.key;
        if (entry.value.kind == Kind::kNull) {
            faults_.add(entry.value.place(), DiagnosticCode::kWrongShape,
                        key_text(text) + " has no value (meant: text; \"\" for an empty one)");
        } else {
            wants(entry.value, Kind::kScalar, text);
        }
    }
}

void TableCheck::check_counts(const TreeNode& node, const Field& field, const Section& owner) {
    if (!wants(node, Kind::kMap, field)) return;
    Field count = field;
    count.type = FieldType::kInteger;
    count.extra = kCountRange;
    for (const TreeEntry& entry : node.entries) {
        check_key(entry);
        if (owner.name == "plan") {
            define(field.key, entry.key, entry.place());
        } else {
            uses_.push_back({field.extra, entry.key, entry.place(), part_, field_});
        }
        count.key = entry.key;
        check_value(entry.value, count, owner);
    }
}

void TableCheck::check_capacities(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kMap, field)) return;
    Field count{field.key, FieldType::kInteger, kCountRange, "", ""};
    Field list{field.key, FieldType::kSectionList, field.extra, "", ""};
    for (const TreeEntry& entry : node.entries) {
        check_key(entry);
        define(field.key, entry.key, entry.place());
        count.key = list.key = entry.key;
        const bool changes = entry.value.kind == Kind::kList;
        check_value(entry.value, changes ? list : count, planning::section(field.extra));
    }
}

void TableCheck::check_month_durations(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kMap, field)) return;
    Field duration{field.key, FieldType::kDuration, "", "", ""};
    for (const TreeEntry& entry : node.entries) {
        duration.key = entry.key;
        if (!read_month(entry.key).ok()) {
            faults_.add(entry.place(), DiagnosticCode::kWrongType,
                        key_text(duration) + " is not a month (meant: YYYY-MM)");
        } else if (entry.value.kind == Kind::kNull) {
            refuse(entry.value, duration, DiagnosticCode::kWrongShape, "has no value");
        } else {
            check_scalar(entry.value, duration);
        }
    }
}

void TableCheck::check_needs(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kList, field)) return;
    const Section& inner = planning::section(field.extra);
    Field name{field.key, FieldType::kReference, inner.fields.front().extra, "", ""};
    for (const TreeNode& item : node.items) {
        if (item.kind == Kind::kMap) {
            check_section(item, inner, item.place(), item.place());
        } else if (item.kind == Kind::kNull) {
            refuse(item, field, DiagnosticCode::kWrongShape, "has an empty entry");
        } else {
            check_scalar(item, name);
        }
    }
}

void TableCheck::check_imports(const TreeNode& node, const Field& field) {
    if (node.kind == Kind::kList) {
        check_scalars(node, field, FieldType::kIncludePath);
    } else {
        Field path = field;
        path.type = FieldType::kIncludePath;
        check_scalar(node, path);
    }
}

void TableCheck::check_windows(const TreeNode& node, const Field& field) {
    if (node.kind == Kind::kList) {
        check_scalars(node, field, FieldType::kWeeklyWindows);
    } else {
        check_scalar(node, field);
    }
}

void TableCheck::check_target(const TreeEntry& entry) {
    uses_.push_back({"hosts", entry.key, entry.place(), part_, field_});
    Field site{"to", FieldType::kReference, "sites", "", ""};
    site.key = entry.key;
    if (entry.value.kind == Kind::kNull) {
        refuse(entry.value, site, DiagnosticCode::kWrongShape, "has no site");
    } else {
        check_scalar(entry.value, site);
    }
}

void TableCheck::check_targets(const TreeNode& node, const Field& field) {
    if (node.kind != Kind::kList) {
        if (!wants(node, Kind::kMap, field)) return;
        for (const TreeEntry& entry : node.entries) check_target(entry);
        return;
    }
    for (const TreeNode& item : node.items) {
        if (!wants(item, Kind::kMap, field)) continue;
        if (item.entries.size() != 1) {
            refuse(item, field, DiagnosticCode::kWrongShape, "wants one host in each entry of its list");
        }
        for (const TreeEntry& entry : item.entries) check_target(entry);
    }
}

void TableCheck::check_waits(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kMap, field)) return;
    for (const TreeEntry& entry : node.entries) {
        Field steps{"waits", FieldType::kStepNames, "", "", ""};
        steps.key = entry.key;
        if (entry.value.kind != Kind::kFaulty) check_scalars(entry.value, steps, FieldType::kStepNames);
    }
}

void TableCheck::check_waves(const TreeNode& node, const Field& field) {
    if (node.kind == Kind::kScalar && node.text == "auto") return;
    if (node.kind == Kind::kScalar) {
        refuse(node, field, DiagnosticCode::kBadChoice, "is '" + shown(node.text) + "'");
        return;
    }
    check_section_list(node, field);
}

void TableCheck::check_key(const TreeEntry& entry) {
    const auto checked = check_identifier(entry.key);
    if (checked.ok()) return;
    faults_.add(entry.place(), DiagnosticCode::kBadIdentifier, checked.error().message);
}

}  // namespace ararat::planning
