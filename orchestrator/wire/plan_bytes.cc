// A compiled plan to bytes and back, task by task: as one message a million tasks take several times the
// memory of the plan, and most of the time goes into making and freeing it. The bytes are those of the
// message.
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>

#include <unordered_map>
#include <utility>

#include "wire/field_path.h"

namespace ararat::wire {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

constexpr std::uint32_t kTasksTag =
    WireFormatLite::MakeTag(v1::CompiledPlan::kTasksFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);

void write_tasks(const std::vector<Task>& tasks, CodedOutputStream& out) {
    for (const Task& task : tasks) {
        const v1::Task message = to_proto(task);
        out.WriteVarint32(kTasksTag);
        out.WriteVarint32(static_cast<std::uint32_t>(message.ByteSizeLong()));
        message.SerializeWithCachedSizes(&out);
    }
}

// What the tasks of one step do is often equal, and was one value when the plan was compiled.
class OperationShare {
public:
    void share(Task& task) {
        Stages& last = last_[task.action];
        share(task.check, last.check);
        share(task.perform, last.perform);
        share(task.probe, last.probe);
        share(task.undo, last.undo);
        share(task.verify, last.verify);
    }

private:
    struct Stages {
        Boxed<Operation> check, perform, probe, undo, verify;
    };
    static void share(Boxed<Operation>& operation, Boxed<Operation>& last) {
        if (operation == last) {
            operation = last;
        } else {
            last = operation;
        }
    }
    std::unordered_map<std::string, Stages> last_;
};

// `end`: where the bytes end, which a limit does not say.
Result<void> read_task(CodedInputStream& in, int end, OperationShare& operations, std::vector<Task>& tasks) {
    v1::Task message;
    std::uint32_t size = 0;
    bool good = in.ReadVarint32(&size) && std::cmp_less_equal(size, end - in.CurrentPosition());
    if (good) {
        const auto limit = in.PushLimit(static_cast<int>(size));
        good = message.ParseFromCodedStream(&in) && in.BytesUntilLimit() == 0;
        in.PopLimit(limit);
    }
    if (!good) return Error{ErrorCode::kInvalidArgument, "not a task", "tasks"};
    ARARAT_ASSIGN_OR_RETURN(Task task, read("tasks[" + std::to_string(tasks.size()) + "]", message));
    operations.share(task);
    tasks.push_back(std::move(task));
    return {};
}

}  // namespace

std::string to_bytes(const CompiledPlan& value) {
    v1::CompiledPlan files;
    v1::CompiledPlan rest = to_proto_without_tasks(value);
    files.mutable_files()->Swap(rest.mutable_files());  // they come after the tasks
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        CodedOutputStream out(&stream);
        out.SetSerializationDeterministic(true);
        rest.SerializeToCodedStream(&out);
        write_tasks(value.tasks, out);
        files.SerializeToCodedStream(&out);
    }
    return bytes;
}

Result<CompiledPlan> plan_from_bytes(const std::string& bytes) {
    const Error no_plan{ErrorCode::kInvalidArgument, "these bytes are not a compiled plan"};
    if (!std::in_range<int>(bytes.size())) return no_plan;
    const int end = static_cast<int>(bytes.size());
    CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()), end);
    std::vector<Task> tasks;
    OperationShare operations;
    std::string rest;
    while (in.CurrentPosition() < end) {
        const int begin = in.CurrentPosition();
        const std::uint32_t tag = in.ReadTag();
        if (tag == kTasksTag) {
            ARARAT_RETURN_IF_ERROR(read_task(in, end, operations, tasks));
        } else if (tag != 0 && WireFormatLite::SkipField(&in, tag)) {
            rest.append(bytes, static_cast<std::size_t>(begin),
                        static_cast<std::size_t>(in.CurrentPosition() - begin));
        } else {
            return no_plan;
        }
    }
    v1::CompiledPlan message;
    if (!message.ParseFromString(rest)) return no_plan;
    ARARAT_ASSIGN_OR_RETURN(CompiledPlan plan, from_proto(message));
    plan.tasks = std::move(tasks);
    return plan;
}

}  // namespace ararat::wire
