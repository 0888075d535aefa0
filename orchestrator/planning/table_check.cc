#include "planning/table_check.h"

#include <algorithm>

#include "base/identifier.h"
#include "base/join.h"
#include "planning/calendar.h"
#include "planning/field_text.h"
#include "planning/nearest_name.h"
#include "planning/scalar_types.h"

namespace ararat::planning {
namespace {

using Kind = TreeNode::Kind;

constexpr std::size_t kHintsMax = 2 * DiagnosticList::kShown;

// Depth is bounded by the tree's own limit.
bool holds_faulty(const TreeNode& node) {
    if (node.kind == Kind::kFaulty) return true;
    return std::any_of(node.items.begin(), node.items.end(), holds_faulty) ||
           std::any_of(node.entries.begin(), node.entries.end(),
                       [](const TreeEntry& entry) { return holds_faulty(entry.value); });
}

bool has_parts(FieldType type) {
    return type == FieldType::kSection || type == FieldType::kSectionMap || type == FieldType::kSectionList ||
           type == FieldType::kWaves || type == FieldType::kCapacities || type == FieldType::kNeeds;
}

bool has_shape(const TreeNode& node, FieldType type) {
    switch (type) {
        case FieldType::kSection:
        case FieldType::kCounts:
        case FieldType::kCapacities:
        case FieldType::kSectionMap: return node.kind == Kind::kMap;
        case FieldType::kNeeds:
        case FieldType::kSectionList: return node.kind == Kind::kList;
        case FieldType::kWaves: return node.kind == Kind::kList || node.text == "auto";
        default: return true;
    }
}

}  // namespace

void TableCheck::check(const TreeNode& node, const Section& section, const SourcePlace& part) {
    part_ = kNoPart;
    check_section(node, section, node.place(), part);
}

void TableCheck::mark(std::size_t part, std::string_view field) {
    faults_.parts().mark(parts_[part].place, field);
    for (; part != kNoPart; part = parts_[part].above) faults_.parts().mark(parts_[part].place);
}

void TableCheck::define(std::string_view kind, const std::string& name, const SourcePlace& place) {
    auto& names = definitions_[std::string(kind)];
    const auto [found, is_new] = names.emplace(name, place);
    if (is_new) return;
    faults_.parts().mark(found->second, FaultyParts::kEveryKey);  // nobody knows which is meant
    faults_.add(place, DiagnosticCode::kRepeatedName,
                "'" + shown(name) + "' is defined twice (first at " + to_string(found->second) + ")");
}

std::vector<std::string> TableCheck::not_enforced() const {
    auto sorted = not_enforced_;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::string> lines;
    for (const auto& [place, key] : sorted) lines.push_back(to_string(place) + ": " + key);
    return lines;
}

void TableCheck::check_names() {
    for (const Use& reference : uses_) {
        if (!faults_.parts().knows(reference.kind)) continue;
        const auto names = definitions_.find(reference.kind);
        if (names != definitions_.end() && names->second.count(reference.name) > 0) continue;
        std::vector<std::string> known;
        // Comparing every unknown name with every known one would take long in a large plan.
        if (names != definitions_.end() && faults_.count() < kHintsMax) {
            for (const auto& [name, place] : names->second) known.push_back(name);
        }
        mark(reference.part, reference.field);
        const bool plural = reference.kind.ends_with('s');
        const std::string singular(reference.kind.substr(0, reference.kind.size() - (plural ? 1 : 0)));
        faults_.add(
            reference.place, DiagnosticCode::kUnknownName,
            "unknown " + singular + " '" + shown(reference.name) + "'" + did_you_mean(reference.name, known));
    }
    uses_.clear();
}

void TableCheck::check_section(const TreeNode& node, const Section& section, const SourcePlace& where,
                               const SourcePlace& part) {
    const std::size_t above = part_;
    const std::string_view field_above = field_;
    const std::size_t before = faults_.count();
    part_ = parts_.size();
    parts_.push_back({part, above});
    check_fields(node, section, where);
    if (node.kind != Kind::kMap) mark(part_, FaultyParts::kEveryKey);
    if (faults_.count() != before) faults_.parts().mark(part);
    part_ = above;
    field_ = field_above;
}

void TableCheck::check_fields(const TreeNode& node, const Section& section, const SourcePlace& where) {
    if (node.kind == Kind::kFaulty) return;
    if (node.kind != Kind::kMap) {
        faults_.add(where, DiagnosticCode::kWrongShape,
                    "a mapping is wanted here, not " + std::string(shape_name(node.kind)) +
                        " (meant: keys such as " + std::string(section.fields.front().key) + ")");
        return;
    }
    for (const TreeEntry& entry : node.entries) {
        const Field* field = section.find(entry.key);
        if (field == nullptr) {
            const std::vector<std::string> known = section.keys();
            if (const std::string near = nearest_name(entry.key, known); !near.empty()) mark(part_, near);
            std::string hint = did_you_mean(entry.key, known);
            if (hint.empty()) hint = " (known here: " + join(known, ", ") + ")";
            faults_.add(entry.place(), DiagnosticCode::kUnknownKey,
                        "unknown key '" + shown(entry.key) + "'" + hint);
            continue;
        }
        check_field(entry, *field, section);
    }
    for (const Field& field : section.fields) {
        if (!field.required() || node.find_entry(field.key) != nullptr) continue;
        mark(part_, field.key);
        faults_.add(where, DiagnosticCode::kMissingKey,
                    key_text(field) + " is missing (" + std::string(field.doc) + ")");
    }
}

void TableCheck::check_field(const TreeEntry& entry, const Field& field, const Section& section) {
    const TreeNode& value = entry.value;
    const std::size_t before = faults_.count();
    field_ = field.key;
    check_value(value, field, section);
    const auto is_map = [&field](const TreeNode& item) {
        return item.kind == Kind::kMap || (field.type == FieldType::kNeeds && item.kind == Kind::kScalar);
    };
    const bool usable =
        has_parts(field.type)
            ? has_shape(value, field.type) && std::all_of(value.items.begin(), value.items.end(), is_map)
            : faults_.count() == before && !holds_faulty(value);
    if (!usable) mark(part_, field.key);
    if (section.name == "plan" && !has_shape(value, field.type)) faults_.parts().mark_kind(field.key);
    if (field.not_enforced()) {
        const std::string owner = section.name == "plan" ? "" : std::string(section.title) + ": ";
        not_enforced_.emplace_back(entry.place(), owner + entry.key);
    }
}

void TableCheck::check_value(const TreeNode& node, const Field& field, const Section& section) {
    if (node.kind == Kind::kFaulty) return;
    if (node.kind == Kind::kNull) {
        faults_.add(node.place(), DiagnosticCode::kWrongShape,
                    key_text(field) + " has no value" + meant(field.type));
        return;
    }
    switch (field.type) {
        case FieldType::kReferences: check_scalars(node, field, FieldType::kReference); return;
        case FieldType::kIdentifiers: check_scalars(node, field, FieldType::kIdentifier); return;
        case FieldType::kDates: check_scalars(node, field, FieldType::kDate); return;
        case FieldType::kImports: check_imports(node, field); return;
        case FieldType::kNeeds: check_needs(node, field); return;
        case FieldType::kCapacities: check_capacities(node, field); return;
        case FieldType::kMonthDurations: check_month_durations(node, field); return;
        case FieldType::kDateRanges:
        case FieldType::kFileName:
        case FieldType::kIncludePath:
        case FieldType::kStepNames: check_scalars(node, field, field.type); return;
        case FieldType::kTexts:
        case FieldType::kTemplates: check_scalars(node, field, FieldType::kTemplate); return;
        case FieldType::kTextMap:
        case FieldType::kTemplateMap: check_text_map(node, field); return;
        case FieldType::kCounts: check_counts(node, field, section); return;
        case FieldType::kWeeklyWindows: check_windows(node, field); return;
        case FieldType::kTargets: check_targets(node, field); return;
        case FieldType::kWaits: check_waits(node, field); return;
        case FieldType::kWaves: check_waves(node, field); return;
        case FieldType::kSection:
            check_section(node, planning::section(field.extra), node.place(), node.place());
            return;
        case FieldType::kSectionMap: check_section_map(node, field, section); return;
        case FieldType::kSectionList: check_section_list(node, field); return;
        case FieldType::kEmpty:
            if (wants(node, Kind::kMap, field) && !node.entries.empty()) {
                refuse(node, field, DiagnosticCode::kWrongShape, "takes no keys");
            }
            return;
        default: check_scalar(node, field); return;
    }
}

bool TableCheck::wants(const TreeNode& node, Kind kind, const Field& field) {
    if (node.kind == kind) return true;
    if (node.kind != Kind::kFaulty) {
        refuse(node, field, DiagnosticCode::kWrongShape,
               "wants " + std::string(words_of(field.type).noun) + ", not " +
                   std::string(shape_name(node.kind)));
    }
    return false;
}

void TableCheck::refuse(const TreeNode& node, const Field& field, DiagnosticCode code,
                        const std::string& what) {
    faults_.add(node.place(), code, key_text(field) + " " + what + meant(field.type));
}

void TableCheck::use(std::string_view kind, const TreeNode& node) {
    uses_.push_back({kind, node.text, node.place(), part_, field_});
}

void TableCheck::check_scalar(const TreeNode& node, const Field& field) {
    if (!wants(node, Kind::kScalar, field)) return;
    const std::string& text = node.text;
    const std::string value = key_text(field) + ": '" + shown(text) + "'";
    switch (field.type) {
        case FieldType::kInteger: check_integer(node, field); return;
        case FieldType::kChoice: check_choice(node, field); return;
        case FieldType::kReference: use(field.extra, node); return;
        case FieldType::kBoolean:
            if (node.quoted || !read_boolean(text).ok()) {
                faults_.add(
                    node.place(), DiagnosticCode::kWrongType,
                    value + (node.quoted ? " is text, being in quotes, not a boolean" : " is not a boolean") +
                        meant(field.type));
            }
            return;
        case FieldType::kIdentifier:
            if (const auto checked = check_identifier(text); !checked.ok()) {
                faults_.add(node.place(), DiagnosticCode::kBadIdentifier,
                            key_text(field) + ": " + checked.error().message);
            }
            return;
        case FieldType::kIncludePath:
            if (const auto checked = check_relative_path(text); !checked.ok()) {
                faults_.add(node.place(), DiagnosticCode::kBadPath,
                            value + " is " + checked.error().message + meant(field.type));
            }
            return;
        case FieldType::kFileName:
            if (!is_file_name(text)) {
                const auto path = check_relative_path(text);
                const std::string why = path.ok() ? "not a file name" : path.error().message;
                faults_.add(node.place(), DiagnosticCode::kBadPath, value + " is " + why + meant(field.type));
            }
            return;
        default: break;
    }
    const auto checked = check_field_text(field.type, text, as_of_);
    if (checked.ok() && field.type == FieldType::kTimezone) check_known_zone(node, field);
    if (checked.ok()) return;
    if (field.type == FieldType::kDateRanges) {
        faults_.add(node.place(), DiagnosticCode::kWrongType,
                    value + " " + checked.error().message + meant(field.type));
        return;
    }
    faults_.add(node.place(), DiagnosticCode::kWrongType,
                value + " is not " + std::string(words_of(field.type).noun) + meant(field.type));
}

void TableCheck::check_integer(const TreeNode& node, const Field& field) {
    const auto value = read_integer(node.text);
    if (node.quoted || !value.ok()) {
        faults_.add(node.place(), DiagnosticCode::kWrongType,
                    key_text(field) + ": '" + shown(node.text) + "' is " +
                        (node.quoted ? "text, being in quotes, not a whole number" : "not a whole number") +
                        meant(FieldType::kInteger));
        return;
    }
    const std::size_t dots = field.extra.find("..");
    if (dots == std::string_view::npos) return;
    const auto low = read_integer(field.extra.substr(0, dots));
    const auto high = read_integer(field.extra.substr(dots + 2));
    if (low.ok() && high.ok() && *value >= *low && *value <= *high) return;
    faults_.add(node.place(), DiagnosticCode::kWrongType,
                key_text(field) + ": " + node.text +
                    " is out of range (meant: " + std::string(field.extra.substr(0, dots)) + " to " +
                    std::string(field.extra.substr(dots + 2)) + ")");
}

// Here and not where a calendar uses it: a zone that no calendar uses yet is wrong all the same.
void TableCheck::check_known_zone(const TreeNode& node, const Field& field) {
    const auto checked = check_zone(node.text);
    if (checked.ok()) return;
    const bool hint = faults_.count() < kHintsMax;
    faults_.add(node.place(), DiagnosticCode::kWrongType,
                key_text(field) + ": '" + shown(node.text) + "' " + checked.error().message +
                    (hint ? did_you_mean(node.text, zone_names()) : ""));
}

void TableCheck::check_choice(const TreeNode& node, const Field& field) {
    const std::vector<std::string> choices = choices_of(field);
    if (std::find(choices.begin(), choices.end(), node.text) != choices.end()) return;
    faults_.add(node.place(), DiagnosticCode::kBadChoice,
                key_text(field) + ": '" + shown(node.text) + "' is not one of " + join(choices, ", ") +
                    did_you_mean(node.text, choices));
}

}  // namespace ararat::planning
