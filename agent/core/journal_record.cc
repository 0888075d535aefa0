#include "agent/core/journal_record.h"

#include "agent/step_spec/field_codec.h"

namespace ararat::agent {

namespace {

struct Encoder {
    FieldWriter& writer;

    void operator()(const JournalCreated& record) const {
        writer.text("created");
        writer.text(record.journal_id);
    }
    void operator()(const EpochSeen& record) const {
        writer.text("epoch");
        writer.unsigned_number(record.epoch);
    }
    void operator()(const Started& record) const {
        writer.text("started");
        writer.text(record.key);
        writer.unsigned_number(record.epoch);
        writer.unsigned_number(record.sequence);
    }
    void operator()(const Finished& record) const {
        writer.text("finished");
        writer.text(record.key);
        writer.unsigned_number(record.epoch);
        writer.blob(encode_result(record.result));
    }
    void operator()(const Acknowledged& record) const {
        writer.text("acknowledged");
        writer.text(record.key);
    }
    void operator()(const Withdrawn& record) const {
        writer.text("withdrawn");
        writer.text(record.key);
    }
    void operator()(const ChainSeen& record) const {
        writer.text("chain");
        writer.unsigned_number(record.sequence);
        writer.text(record.hash);
    }
};

Result<JournalRecord> decode_finished(FieldReader& reader) {
    Finished finished;
    finished.key = reader.text();
    finished.epoch = reader.unsigned_number();
    ARARAT_ASSIGN_OR_RETURN(finished.result, decode_result(reader.blob()));
    return JournalRecord(std::move(finished));
}

Result<JournalRecord> decode_kind(const std::string& kind, FieldReader& reader) {
    if (kind == "created") return JournalRecord(JournalCreated{reader.text()});
    if (kind == "epoch") return JournalRecord(EpochSeen{reader.unsigned_number()});
    if (kind == "started") {
        Started started;
        started.key = reader.text();
        started.epoch = reader.unsigned_number();
        started.sequence = reader.unsigned_number();
        return JournalRecord(std::move(started));
    }
    if (kind == "finished") return decode_finished(reader);
    if (kind == "acknowledged") return JournalRecord(Acknowledged{reader.text()});
    if (kind == "withdrawn") return JournalRecord(Withdrawn{reader.text()});
    if (kind == "chain") {
        ChainSeen seen;
        seen.sequence = reader.unsigned_number();
        seen.hash = reader.text();
        return JournalRecord(std::move(seen));
    }
    return Error{ErrorCode::kDataLoss, "a journal record of unknown kind \"" + kind + "\""};
}

}  // namespace

std::string encode_record(const JournalRecord& record) {
    FieldWriter writer;
    std::visit(Encoder{writer}, record);
    return writer.take();
}

Result<JournalRecord> decode_record(std::string_view bytes) {
    FieldReader reader(bytes);
    const std::string kind = reader.text();
    ARARAT_ASSIGN_OR_RETURN(JournalRecord record, decode_kind(kind, reader));
    if (!reader.complete()) return Error{ErrorCode::kDataLoss, "a damaged journal record \"" + kind + "\""};
    return record;
}

}  // namespace ararat::agent
