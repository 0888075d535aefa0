// Rows for people and scripts: one Table, printed as aligned columns, CSV or names.
// Thread promise: values.
#pragma once

#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "cli/context.h"

namespace ararat::cli {

struct Column {
    std::string title;
    bool wide_only = false;
};

struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;  // the first cell is the row's name
};

// Columns as wide as their longest cell, counted in code points.
[[nodiscard]] std::string render_table(const Table& table, bool wide);
// RFC 4180; a cell that a spreadsheet would take for a formula gets an apostrophe in front.
[[nodiscard]] std::string render_csv(const Table& table);

// The message as one line of JSON, ended by a newline: every field, also those at their defaults.
[[nodiscard]] std::string json_line(const google::protobuf::Message& message);

// Prints `message` (json, yaml, jsonl: one line for each element of its first repeated field) or `table`
// (table, wide, csv, name) to standard output, as --output asks.
void emit(const Context& context, const google::protobuf::Message& message, const Table& table);

}  // namespace ararat::cli
