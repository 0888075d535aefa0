#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "wire/field_path.h"

namespace ararat::wire {
namespace {

std::int64_t ms(Duration duration) { return duration.count(); }

Result<void> read_operation(const char* name, bool present, const v1::Operation& value,
                            Boxed<Operation>& out) {
    if (!present) return {};
    ARARAT_ASSIGN_OR_RETURN(Operation operation, read(name, value));
    out = std::move(operation);
    return {};
}

Result<void> read_operations(const v1::Task& value, Task& task) {
    ARARAT_RETURN_IF_ERROR(read_operation("check", value.has_check(), value.check(), task.check));
    ARARAT_RETURN_IF_ERROR(read_operation("perform", value.has_perform(), value.perform(), task.perform));
    ARARAT_RETURN_IF_ERROR(read_operation("probe", value.has_probe(), value.probe(), task.probe));
    ARARAT_RETURN_IF_ERROR(read_operation("undo", value.has_undo(), value.undo(), task.undo));
    return read_operation("verify", value.has_verify(), value.verify(), task.verify);
}

Result<MoveGroup> from_proto(const v1::MoveGroup& value) {
    MoveGroup group{
        MoveGroupId(value.id()), WaveId(value.wave()), ids_of<ApplicationId>(value.applications()), {}};
    group.reasons.assign(value.reasons().begin(), value.reasons().end());
    return group;
}

Gate gate_from(const v1::Gate& value) {
    return Gate{GateId(value.id()), ids_of<RoleId>(value.roles()), value.all()};
}

template <typename Message>
std::string serialise(const Message& message) {
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream coded(&stream);
        // Maps in key order: the hash chain is over these bytes.
        coded.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&coded);
    }
    return bytes;
}

}  // namespace

v1::Operation to_proto(const Operation& value) {
    v1::Operation out;
    out.set_verb(to_proto(value.verb));
    for (const std::string& argument : value.argv) out.add_argv(argument);
    for (const auto& [name, field] : value.fields) (*out.mutable_fields())[name] = field;
    for (const auto& [name, field] : value.environment) (*out.mutable_environment())[name] = field;
    out.mutable_until()->set_every_ms(ms(value.until.every));
    out.mutable_until()->set_within_ms(ms(value.until.within));
    out.mutable_expect()->set_exit_code(value.expect.exit_code);
    out.mutable_expect()->set_output_equals(value.expect.output_equals);
    out.mutable_expect()->set_output_contains(value.expect.output_contains);
    out.set_timeout_ms(ms(value.timeout));
    return out;
}

Result<Operation> from_proto(const v1::Operation& value) {
    Operation operation;
    ARARAT_ASSIGN_OR_RETURN(operation.verb, read("verb", value.verb()));
    operation.argv.assign(value.argv().begin(), value.argv().end());
    for (const auto& [name, field] : value.fields()) operation.fields.emplace(name, field);
    for (const auto& [name, field] : value.environment()) operation.environment.emplace(name, field);
    operation.until = Until{Duration(value.until().every_ms()), Duration(value.until().within_ms())};
    operation.expect = Expectation{value.expect().exit_code(), value.expect().output_equals(),
                                   value.expect().output_contains()};
    operation.timeout = Duration(value.timeout_ms());
    return operation;
}

v1::Task to_proto(const Task& value) {
    v1::Task out;
    out.set_id(value.id.str());
    out.set_kind(to_proto(value.kind));
    out.set_application(value.application.str());
    out.set_component(value.component);
    out.set_step(value.step);
    out.set_action(value.action);
    out.set_action_class(to_proto(value.action_class));
    out.set_phase(to_proto(value.phase));
    out.set_guard(to_proto(value.guard));
    out.set_wave(value.wave.str());
    out.set_group(value.group.str());
    out.set_source(value.source.str());
    out.set_target(value.target.str());
    out.set_executor(value.executor.str());
    if (value.check) *out.mutable_check() = to_proto(*value.check);
    if (value.perform) *out.mutable_perform() = to_proto(*value.perform);
    if (value.probe) *out.mutable_probe() = to_proto(*value.probe);
    if (value.undo) *out.mutable_undo() = to_proto(*value.undo);
    if (value.verify) *out.mutable_verify() = to_proto(*value.verify);
    for (const ShippedFile& file : value.files) {
        auto* added = out.add_files();
        added->set_name(file.name);
        added->set_sha256(file.sha256.str());
    }
    for (const std::string& output : value.outputs) out.add_outputs(output);
    put_ids(out.mutable_after(), value.after);
    put_ids(out.mutable_opens(), value.opens);
    put_ids(out.mutable_closes(), value.closes);
    out.mutable_retry()->set_attempts_max(value.retry.attempts_max);
    out.mutable_retry()->set_backoff_first_ms(ms(value.retry.backoff_first));
    out.mutable_retry()->set_backoff_max_ms(ms(value.retry.backoff_max));
    out.set_point_of_no_return(value.point_of_no_return);
    out.set_gate(value.gate.str());
    out.set_text(value.text);
    out.set_soak_ms(ms(value.soak));
    out.set_expected_ms(ms(value.expected));
    out.set_undo_expected_ms(ms(value.undo_expected));
    out.set_when_late(to_proto(value.when_late));
    return out;
}

Result<Task> from_proto(const v1::Task& value) {
    Task task;
    task.id = TaskId(value.id());
    ARARAT_ASSIGN_OR_RETURN(task.kind, read("kind", value.kind()));
    task.application = ApplicationId(value.application());
    task.component = value.component();
    task.step = value.step();
    task.action = value.action();
    ARARAT_ASSIGN_OR_RETURN(task.action_class, read("action_class", value.action_class()));
    ARARAT_ASSIGN_OR_RETURN(task.phase, read("phase", value.phase()));
    ARARAT_ASSIGN_OR_RETURN(task.guard, read("guard", value.guard()));
    task.wave = WaveId(value.wave());
    task.group = MoveGroupId(value.group());
    task.source = HostId(value.source());
    task.target = HostId(value.target());
    task.executor = HostId(value.executor());
    ARARAT_RETURN_IF_ERROR(read_operations(value, task));
    for (const auto& file : value.files()) task.files.push_back({file.name(), Hash(file.sha256())});
    task.outputs.assign(value.outputs().begin(), value.outputs().end());
    task.after = ids_of<TaskId>(value.after());
    task.opens = ids_of<ChannelId>(value.opens());
    task.closes = ids_of<ChannelId>(value.closes());
    task.retry = RetryPolicy{value.retry().attempts_max(), Duration(value.retry().backoff_first_ms()),
                             Duration(value.retry().backoff_max_ms())};
    task.point_of_no_return = value.point_of_no_return();
    task.gate = GateId(value.gate());
    task.text = value.text();
    task.soak = Duration(value.soak_ms());
    task.expected = Duration(value.expected_ms());
    task.undo_expected = Duration(value.undo_expected_ms());
    // Plans that were stored before there was an answer.
    if (value.when_late() != v1::WHEN_LATE_UNSPECIFIED) {
        ARARAT_ASSIGN_OR_RETURN(task.when_late, read("when_late", value.when_late()));
    }
    return task;
}

v1::EstateHost to_proto(const EstateHost& value) {
    v1::EstateHost out;
    out.set_id(value.id.str());
    out.set_site(value.site.str());
    out.set_address(value.address);
    out.set_via(to_proto(value.via));
    out.set_ssh_user(value.ssh_user);
    out.set_ssh_port(value.ssh_port);
    out.set_ssh_jump(value.ssh_jump.str());
    out.set_proxy(value.proxy.str());
    return out;
}

Result<EstateHost> from_proto(const v1::EstateHost& value) {
    EstateHost host;
    host.id = HostId(value.id());
    host.site = SiteId(value.site());
    host.address = value.address();
    ARARAT_ASSIGN_OR_RETURN(host.via, read("via", value.via()));
    host.ssh_user = value.ssh_user();
    ARARAT_ASSIGN_OR_RETURN(host.ssh_port, narrow<std::uint16_t>("ssh_port", value.ssh_port()));
    host.ssh_jump = HostId(value.ssh_jump());
    host.proxy = HostId(value.proxy());
    return host;
}

v1::Channel to_proto(const Channel& value) {
    v1::Channel out;
    out.set_id(value.id.str());
    out.set_kind(to_proto(value.kind));
    out.set_source(value.source.str());
    out.set_target(value.target.str());
    out.set_path(value.path);
    out.set_expose(value.expose);
    out.set_expose_owner(value.expose_owner);
    out.set_listen(to_proto(value.listen));
    out.set_bytes_per_second_max(value.bytes_per_second_max);
    return out;
}

Result<Channel> from_proto(const v1::Channel& value) {
    Channel channel;
    channel.id = ChannelId(value.id());
    ARARAT_ASSIGN_OR_RETURN(channel.kind, read("kind", value.kind()));
    channel.source = HostId(value.source());
    channel.target = HostId(value.target());
    channel.path = value.path();
    channel.expose = value.expose();
    channel.expose_owner = value.expose_owner();
    ARARAT_ASSIGN_OR_RETURN(channel.listen, read("listen", value.listen()));
    channel.bytes_per_second_max = value.bytes_per_second_max();
    return channel;
}

v1::Wave to_proto(const Wave& value) {
    v1::Wave out;
    out.set_id(value.id.str());
    out.set_window_start_unix_ms(to_unix_ms(value.window_start));
    out.set_window_end_unix_ms(to_unix_ms(value.window_end));
    out.set_latest_start_unix_ms(to_unix_ms(value.latest_start));
    out.set_start_auto(value.start_auto);
    put_ids(out.mutable_groups(), value.groups);
    put_ids(out.mutable_after(), value.after);
    for (const std::string& reason : value.reasons) out.add_reasons(reason);
    out.set_subtree(value.subtree.str());
    return out;
}

Result<Wave> from_proto(const v1::Wave& value) {
    Wave wave;
    wave.id = WaveId(value.id());
    wave.window_start = from_unix_ms(value.window_start_unix_ms());
    wave.window_end = from_unix_ms(value.window_end_unix_ms());
    wave.latest_start = from_unix_ms(value.latest_start_unix_ms());
    wave.start_auto = value.start_auto();
    wave.groups = ids_of<MoveGroupId>(value.groups());
    wave.after = ids_of<WaveId>(value.after());
    wave.reasons.assign(value.reasons().begin(), value.reasons().end());
    wave.subtree = Hash(value.subtree());
    return wave;
}

v1::CompiledPlan to_proto(const CompiledPlan& value) {
    v1::CompiledPlan out = to_proto_without_tasks(value);
    for (const Task& task : value.tasks) *out.add_tasks() = to_proto(task);
    return out;
}

v1::CompiledPlan to_proto_without_tasks(const CompiledPlan& value) {
    v1::CompiledPlan out;
    out.set_project(value.project.str());
    out.set_author(value.author);
    out.set_hash(value.hash.str());
    out.set_timezone(value.timezone);
    for (const EstateHost& host : value.hosts) *out.add_hosts() = to_proto(host);
    for (const Channel& channel : value.channels) *out.add_channels() = to_proto(channel);
    for (const Gate& gate : value.gates) {
        auto* added = out.add_gates();
        added->set_id(gate.id.str());
        put_ids(added->mutable_roles(), gate.roles);
        added->set_all(gate.all);
    }
    for (const Wave& wave : value.waves) *out.add_waves() = to_proto(wave);
    for (const MoveGroup& group : value.groups) {
        auto* added = out.add_groups();
        added->set_id(group.id.str());
        added->set_wave(group.wave.str());
        put_ids(added->mutable_applications(), group.applications);
        for (const std::string& reason : group.reasons) added->add_reasons(reason);
    }
    for (const auto& [hash, bytes] : value.files) {
        auto* added = out.add_files();
        added->set_sha256(hash.str());
        added->set_content(bytes);
    }
    return out;
}

Result<CompiledPlan> from_proto(const v1::CompiledPlan& value) {
    CompiledPlan plan;
    plan.project = ProjectId(value.project());
    plan.author = value.author();
    plan.hash = Hash(value.hash());
    plan.timezone = value.timezone();
    ARARAT_ASSIGN_OR_RETURN(plan.hosts, read_all<EstateHost>("hosts", value.hosts()));
    ARARAT_ASSIGN_OR_RETURN(plan.channels, read_all<Channel>("channels", value.channels()));
    for (const v1::Gate& gate : value.gates()) plan.gates.push_back(gate_from(gate));
    ARARAT_ASSIGN_OR_RETURN(plan.waves, read_all<Wave>("waves", value.waves()));
    for (const v1::MoveGroup& group : value.groups()) {
        ARARAT_ASSIGN_OR_RETURN(MoveGroup read_group, from_proto(group));
        plan.groups.push_back(std::move(read_group));
    }
    ARARAT_ASSIGN_OR_RETURN(plan.tasks, read_all<Task>("tasks", value.tasks()));
    for (const v1::FileBytes& file : value.files()) plan.files.emplace(file.sha256(), file.content());
    return plan;
}

std::string to_bytes(const execution::Record& value) { return serialise(to_proto(value)); }

Result<execution::Record> record_from_bytes(const std::string& bytes) {
    v1::Record message;
    if (!message.ParseFromString(bytes)) {
        return Error{ErrorCode::kDataLoss, "these bytes are not a record"};
    }
    return from_proto(message);
}

}  // namespace ararat::wire
