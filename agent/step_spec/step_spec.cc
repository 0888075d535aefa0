#include "agent/step_spec/step_spec.h"

#include <algorithm>

#include "agent/step_spec/field_codec.h"
#include "base/sha256.h"

namespace ararat::agent {

namespace {

constexpr std::string_view kVersion = "ararat-step-spec/1";
constexpr std::string_view kEnd = "end";
constexpr std::size_t kListMax = 4096;
constexpr std::size_t kStagesMax = 16;

void write_map(FieldWriter& writer, const std::map<std::string, std::string>& values) {
    writer.number(static_cast<std::int64_t>(values.size()));
    for (const auto& [name, value] : values) {
        writer.text(name);
        writer.text(value);
    }
}

std::map<std::string, std::string> read_map(FieldReader& reader) {
    std::map<std::string, std::string> values;
    const std::size_t size = reader.count(kListMax);
    for (std::size_t i = 0; i < size && reader.ok(); ++i) {
        std::string name = reader.text();
        // In order, as a map writes them: none is given twice.
        if (!values.empty() && name <= values.rbegin()->first) reader.fail();
        values[std::move(name)] = reader.text();
    }
    return values;
}

void write_list(FieldWriter& writer, const std::vector<std::string>& values) {
    writer.number(static_cast<std::int64_t>(values.size()));
    for (const std::string& value : values) writer.text(value);
}

std::vector<std::string> read_list(FieldReader& reader) {
    std::vector<std::string> values;
    const std::size_t size = reader.count(kListMax);
    for (std::size_t i = 0; i < size && reader.ok(); ++i) values.push_back(reader.text());
    return values;
}

void write_stage(FieldWriter& writer, const StageSpec& stage) {
    const Operation& operation = stage.operation;
    writer.text(stage.name);
    writer.number(static_cast<int>(operation.verb));
    writer.number(operation.timeout.count());
    writer.number(operation.until.every.count());
    writer.number(operation.until.within.count());
    writer.number(operation.expect.exit_code);
    writer.text(operation.expect.output_equals);
    writer.text(operation.expect.output_contains);
    write_list(writer, operation.argv);
    write_map(writer, operation.fields);
    write_map(writer, operation.environment);
}

StageSpec read_stage(FieldReader& reader) {
    StageSpec stage;
    stage.name = reader.text();
    const std::size_t verb = reader.count(static_cast<std::size_t>(Verb::kPowerOff));
    stage.operation.verb = static_cast<Verb>(verb);
    stage.operation.timeout = Duration{reader.number()};
    stage.operation.until.every = Duration{reader.number()};
    stage.operation.until.within = Duration{reader.number()};
    const std::int64_t exit_code = reader.number();
    if (exit_code < 0 || exit_code > 255) reader.fail();
    stage.operation.expect.exit_code = static_cast<int>(exit_code);
    stage.operation.expect.output_equals = reader.text();
    stage.operation.expect.output_contains = reader.text();
    stage.operation.argv = read_list(reader);
    stage.operation.fields = read_map(reader);
    stage.operation.environment = read_map(reader);
    return stage;
}

// What decode_spec would refuse; found out before the step is sent.
bool has_too_many_parts(const StepSpec& spec) {
    const auto too_many = [](const StageSpec& stage) {
        const Operation& operation = stage.operation;
        return operation.argv.size() > kListMax || operation.fields.size() > kListMax ||
               operation.environment.size() > kListMax;
    };
    return spec.outputs.size() > kListMax || spec.files.size() > kListMax ||
           spec.stages.size() > kStagesMax || std::ranges::any_of(spec.stages, too_many);
}

}  // namespace

Result<std::string> encode_spec(const StepSpec& spec) {
    if (has_too_many_parts(spec))
        return Error{ErrorCode::kInvalidArgument, "the step has more parts than a supervisor reads",
                     spec.key};
    FieldWriter writer;
    writer.text(kVersion);
    writer.text(spec.key);
    writer.unsigned_number(spec.epoch);
    writer.unsigned_number(spec.output_bytes_max);
    write_list(writer, spec.outputs);
    writer.number(static_cast<std::int64_t>(spec.files.size()));
    for (const SpecFile& file : spec.files) {
        writer.text(file.name);
        writer.text(file.sha256);
    }
    writer.number(static_cast<std::int64_t>(spec.stages.size()));
    for (const StageSpec& stage : spec.stages) write_stage(writer, stage);
    writer.text(kEnd);
    if (!writer.ok())
        return Error{ErrorCode::kInvalidArgument, "a value of the step holds a NUL byte", spec.key};
    std::string bytes = writer.take();
    if (bytes.size() > kSpecBytesMax) {
        return Error{ErrorCode::kInvalidArgument,
                     "the step is " + std::to_string(bytes.size()) + " bytes, above the limit of " +
                         std::to_string(kSpecBytesMax),
                     spec.key};
    }
    return bytes;
}

Result<StepSpec> decode_spec(std::string_view bytes) {
    if (bytes.size() > kSpecBytesMax)
        return Error{ErrorCode::kDataLoss, "step spec is larger than its limit"};
    FieldReader reader(bytes);
    StepSpec spec;
    reader.expect(kVersion);
    spec.key = reader.text();
    spec.epoch = reader.unsigned_number();
    spec.output_bytes_max = reader.count(1ULL << 40U);
    spec.outputs = read_list(reader);
    const std::size_t files = reader.count(kListMax);
    for (std::size_t i = 0; i < files && reader.ok(); ++i) {
        SpecFile file;
        file.name = reader.text();
        file.sha256 = reader.text();
        spec.files.push_back(std::move(file));
    }
    const std::size_t stages = reader.count(kStagesMax);
    for (std::size_t i = 0; i < stages && reader.ok(); ++i) spec.stages.push_back(read_stage(reader));
    reader.expect(kEnd);
    if (!reader.complete()) {
        return Error{ErrorCode::kDataLoss,
                     "step spec is damaged after field " + std::to_string(reader.fields_read())};
    }
    return spec;
}

std::string attempt_id(std::string_view key) { return sha256_hex(key).substr(0, 32); }

std::string shipped_file_path(std::string_view root, std::string_view sha256) {
    return std::string(root) + "/../files/" + std::string(sha256);
}

bool is_sha256_hex(std::string_view text) {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace ararat::agent
