#include "cli/audit_lines.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <utility>

#include "wire/chain.h"
#include "wire/convert.h"

namespace ararat::cli {
namespace {

namespace json = google::protobuf::util;

Error broken(std::string why) { return Error{ErrorCode::kDataLoss, std::move(why)}; }

Result<Sha256Digest> digest_of(const std::string& hex) {
    Sha256Digest digest{};
    if (hex.size() != digest.size() * 2 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return broken("'" + hex.substr(0, 80) + "' is no hash");
    }
    const auto value = [](char digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; };
    for (std::size_t i = 0; i < digest.size(); ++i) {
        digest[i] = static_cast<std::uint8_t>(value(hex[2 * i]) * 16 + value(hex[2 * i + 1]));
    }
    return digest;
}

// Where the chain stands after this record.
Result<ChainPoint> follow(const ChainPoint& at, std::uint64_t sequence, const std::string& bytes,
                          const std::string& hash) {
    if (sequence != at.sequence + 1) {
        return broken(
            fmt::format("record {} is missing: {} follows {}", at.sequence + 1, sequence, at.sequence));
    }
    ARARAT_ASSIGN_OR_RETURN(const Sha256Digest before, digest_of(at.hash));
    const std::string next = to_hex(wire::chain_next(before, sequence, bytes));
    if (next != hash) {
        return broken(fmt::format("record {} has hash {} but its content gives {}", sequence, hash, next));
    }
    return ChainPoint{sequence, hash};
}

}  // namespace

ChainPoint chain_origin(const std::string& project) {
    return {0, to_hex(wire::chain_start(ProjectId(project)))};
}

Result<std::string> line_of(const v1::AuditLine& line) {
    json::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string text;
    const auto status = json::MessageToJsonString(line, &text, options);
    if (!status.ok()) return Error{ErrorCode::kInternal, std::string(status.message())};
    return text;
}

Result<std::string> AuditWriter::line_of(const v1::AuditEntry& entry) {
    const auto record = wire::from_proto(entry.record());
    if (!record) {
        return broken(fmt::format("record {} cannot be read by this version: {}", entry.record().sequence(),
                                  record.error().text()));
    }
    v1::AuditLine line;
    auto* made = line.mutable_entry();
    made->set_sequence(record->sequence);
    made->set_hash(entry.hash());
    made->set_bytes(wire::to_bytes(*record));
    *made->mutable_record() = entry.record();
    ARARAT_ASSIGN_OR_RETURN(at_, follow(at_, record->sequence, made->bytes(), entry.hash()));
    return cli::line_of(line);
}

Result<void> AuditReader::take(const std::string& text) {
    v1::AuditLine line;
    const auto parsed = json::JsonStringToMessage(text, &line);
    if (!parsed.ok()) return broken("is no line of an exported journal: " + std::string(parsed.message()));
    if (has_ended_) return broken("stands behind the export's end");
    if (!has_begun_) return take_begin(line);
    switch (line.line_case()) {
        case v1::AuditLine::kEntry: return take_entry(line.entry());
        case v1::AuditLine::kEnd: return take_end(line.end());
        case v1::AuditLine::kBegin: return broken("begins a second export");
        case v1::AuditLine::LINE_NOT_SET: break;
    }
    return broken("says nothing");
}

Result<void> AuditReader::take_begin(const v1::AuditLine& line) {
    if (!line.has_begin()) return broken("does not say where the export begins");
    begin_ = line.begin();
    at_ = {begin_.after_sequence(), begin_.after_hash()};
    ARARAT_RETURN_IF_ERROR(digest_of(at_.hash));
    if (at_.sequence == 0 && at_.hash != chain_origin(begin_.project()).hash) {
        return broken("begins with another hash than that of project " + begin_.project());
    }
    has_begun_ = true;
    return {};
}

Result<void> AuditReader::take_entry(const v1::AuditRecord& entry) {
    ARARAT_ASSIGN_OR_RETURN(ChainPoint next, follow(at_, entry.sequence(), entry.bytes(), entry.hash()));
    // What people read has to be what was hashed.
    const auto record = wire::record_from_bytes(entry.bytes());
    if (!record) return broken(fmt::format("record {}: {}", entry.sequence(), record.error().text()));
    if (record->sequence != entry.sequence() ||
        wire::to_proto(*record).SerializeAsString() != entry.record().SerializeAsString()) {
        return broken(fmt::format("record {} reads otherwise than its bytes", entry.sequence()));
    }
    at_ = std::move(next);
    return {};
}

Result<void> AuditReader::take_end(const v1::AuditEnd& end) {
    if (end.sequence() != at_.sequence || end.hash() != at_.hash) {
        return broken(
            fmt::format("says that the export ends at record {} with hash {}, but the last one is {} "
                        "with hash {}",
                        end.sequence(), end.hash(), at_.sequence, at_.hash));
    }
    has_ended_ = true;
    return {};
}

Result<void> AuditReader::finish() const {
    if (has_ended_) return {};
    return broken(has_begun_ ? fmt::format("the file ends after record {}: its end was cut off", at_.sequence)
                             : std::string("the file is empty"));
}

}  // namespace ararat::cli
