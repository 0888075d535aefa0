#include "cli/output/table.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdio>

namespace ararat::cli {

namespace {

std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string to_json(const google::protobuf::Message& message, bool pretty) {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = pretty;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = true;
    std::string text;
    const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
    if (!status.ok()) return "{}\n";
    if (text.empty() || text.back() != '\n') text.push_back('\n');
    return text;
}

std::string to_json_lines(const google::protobuf::Message& message) {
    const auto* descriptor = message.GetDescriptor();
    const auto* reflection = message.GetReflection();
    for (int i = 0; i < descriptor->field_count(); ++i) {
        const auto* field = descriptor->field(i);
        if (!field->is_repeated() ||
            field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
            continue;
        }
        std::string lines;
        for (int k = 0; k < reflection->FieldSize(message, field); ++k) {
            lines += to_json(reflection->GetRepeatedMessage(message, field, k), false);
        }
        return lines;
    }
    return to_json(message, false);
}

// JSON is YAML: read as such, written in YAML's own block style.
std::string to_yaml(const google::protobuf::Message& message) {
    try {
        YAML::Node node = YAML::Load(to_json(message, false));
        YAML::Emitter out;
        node.SetStyle(YAML::EmitterStyle::Block);
        out.SetMapFormat(YAML::Block);
        out.SetSeqFormat(YAML::Block);
        out << node;
        return std::string(out.c_str()) + "\n";
    } catch (const YAML::Exception&) {
        return to_json(message, true);
    }
}

std::string csv_cell(std::string cell) {
    // A tab or a return in front is dropped by some spreadsheets, and a formula is left.
    if (cell != "-" && cell.find_first_of("=+-@\t\r") == 0) cell.insert(cell.begin(), '\'');
    if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) {
        if (c == '"') quoted.push_back('"');
        quoted.push_back(c);
    }
    return quoted + "\"";
}

}  // namespace

std::string render_table(const Table& table, bool wide) {
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (wide || !table.columns[i].wide_only) shown.push_back(i);
    }
    std::vector<std::size_t> widths;
    for (const auto i : shown) {
        std::size_t width = code_points(table.columns[i].title);
        for (const auto& row : table.rows) width = std::max(width, code_points(row[i]));
        widths.push_back(width);
    }
    std::string text;
    const auto add_row = [&](const auto& cell_of) {
        for (std::size_t k = 0; k < shown.size(); ++k) {
            const std::string cell = cell_of(shown[k]);
            text += cell;
            if (k + 1 < shown.size()) text.append(widths[k] - code_points(cell) + 2, ' ');
        }
        text.push_back('\n');
    };
    add_row([&](std::size_t i) { return table.columns[i].title; });
    for (const auto& row : table.rows) add_row([&](std::size_t i) { return row[i]; });
    return text;
}

std::string render_csv(const Table& table) {
    std::string text;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (i > 0) text.push_back(',');
        text += csv_cell(table.columns[i].title);
    }
    text += "\r\n";
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i > 0) text.push_back(',');
            text += csv_cell(row[i]);
        }
        text += "\r\n";
    }
    return text;
}

std::string json_line(const google::protobuf::Message& message) { return to_json(message, false); }

void emit(const Context& context, const google::protobuf::Message& message, const Table& table) {
    std::string text;
    switch (context.format) {
        case OutputFormat::kTable: text = render_table(table, false); break;
        case OutputFormat::kWide: text = render_table(table, true); break;
        case OutputFormat::kJson: text = to_json(message, true); break;
        case OutputFormat::kYaml: text = to_yaml(message); break;
        case OutputFormat::kJsonLines: text = to_json_lines(message); break;
        case OutputFormat::kCsv: text = render_csv(table); break;
        case OutputFormat::kName:
            for (const auto& row : table.rows) text += row.front() + "\n";
            break;
    }
    fmt::print("{}", text);
}

}  // namespace ararat::cli
