#include <fmt/format.h>

#include <memory>

#include "cli/approval_subject.h"
#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"
#include "model/approval.h"
#include "platform/pki.h"
#include "wire/convert.h"

namespace ararat::cli {

namespace {

struct ApprovalCommand {
    std::string approval;  // WAVE/GATE
    std::string comment;
};

Result<v1::ListApprovalsResponse> fetch(Client& client) {
    return client.call(&v1::Control::Stub::ListApprovals, v1::ListApprovalsRequest{});
}

Result<void> list(Context& context) {
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto response, fetch(client));
    Table table{{{"APPROVAL"}, {"STATE"}, {"NEEDS"}, {"DECIDED"}, {"MISSING"}, {"SUBTREE", true}}, {}};
    for (const auto& view : response.approvals()) {
        std::string needs = view.all() ? "all of" : "one of";
        for (const auto& role : view.roles()) needs += " " + role;
        std::string decided;
        for (const auto& decision : view.decisions()) {
            decided += fmt::format("{}{} {} as {}", decided.empty() ? "" : "; ", decision.by(),
                                   decision.granted() ? "granted" : "rejected", decision.role());
            if (!decision.comment().empty()) decided += " (" + decision.comment() + ")";
        }
        table.rows.push_back({view.wave() + "/" + view.gate(), view.state(), needs,
                              decided.empty() ? "-" : decided,
                              view.waits_for().empty() ? "-" : view.waits_for(), view.subtree()});
    }
    emit(context, response, table);
    return {};
}

// What is signed is what the plan says: the subtree is computed again from the plan's contents, so that an
// orchestrator in strange hands cannot have one thing shown and another signed.
Result<void> check_subject(const Context& context, Client& client, const v1::ApprovalView& view) {
    ARARAT_ASSIGN_OR_RETURN(const auto current,
                            client.call(&v1::Control::Stub::GetCurrentPlan, v1::GetCurrentPlanRequest{}));
    ARARAT_ASSIGN_OR_RETURN(const CompiledPlan plan, wire::from_proto(current.plan()));
    ARARAT_ASSIGN_OR_RETURN(const Wave wave, verified_wave(plan, WaveId(view.wave()), Hash(view.subtree())));
    context.say(fmt::format("Wave {}, gate {} (window {} to {}):", view.wave(), view.gate(),
                            context.window_time(to_unix_ms(wave.window_start)),
                            context.window_time(to_unix_ms(wave.window_end))));
    for (const auto& line : describe_wave(plan, wave)) context.say("  " + line);
    return {};
}

// After a change of the wave the signature is void.
Result<v1::DecideApprovalRequest> signed_decision(const Client& client, const v1::ApprovalView& view,
                                                  const ApprovalCommand& command, bool granted) {
    const Approval approval{ProjectId(client.project()),
                            WaveId(view.wave()),
                            GateId(view.gate()),
                            Hash(view.subtree()),
                            granted,
                            command.comment};
    v1::DecideApprovalRequest request;
    request.set_wave(view.wave());
    request.set_gate(view.gate());
    request.set_subtree(view.subtree());
    request.set_granted(granted);
    request.set_comment(command.comment);
    ARARAT_ASSIGN_OR_RETURN(const auto signature,
                            platform::sign_p256(client.key_pem(), approval_bytes(approval)));
    request.set_signature(signature);
    return request;
}

Result<void> decide(Context& context, const ApprovalCommand& command, bool granted) {
    const auto slash = command.approval.find('/');
    if (slash == std::string::npos) {
        return Error{ErrorCode::kInvalidArgument,
                     fmt::format("'{}' is not WAVE/GATE (see 'ararat approval list')", command.approval),
                     {}};
    }
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto known, fetch(client));
    for (const auto& view : known.approvals()) {
        if (view.wave() + "/" + view.gate() != command.approval) continue;
        ARARAT_RETURN_IF_ERROR(check_subject(context, client, view));
        ARARAT_ASSIGN_OR_RETURN(const auto request, signed_decision(client, view, command, granted));
        ARARAT_ASSIGN_OR_RETURN(const auto done, client.call(&v1::Control::Stub::DecideApproval, request));
        context.say(fmt::format("{} {} (record {}).", command.approval, granted ? "granted" : "rejected",
                                done.sequence()));
        return {};
    }
    return Error{ErrorCode::kNotFound, "no such approval", command.approval};
}

}  // namespace

void add_approval_commands(CLI::App& app, Context& context) {
    auto* approval = app.add_subcommand("approval", "Approvals: list, grant, reject");
    approval->require_subcommand(1);
    auto options = std::make_shared<ApprovalCommand>();
    approval->add_subcommand("list", "Every approval, and who decided")->callback([&context] {
        if (const auto done = list(context); !done.ok()) context.fail(done.error());
    });
    for (const bool granted : {true, false}) {
        auto* command =
            approval->add_subcommand(granted ? "grant" : "reject", granted ? "Sign a go" : "Sign a no-go");
        command->add_option("APPROVAL", options->approval, "WAVE/GATE")->required();
        command->add_option("-m,--comment", options->comment, "Recorded with the signature");
        command->callback([&context, options, granted] {
            if (const auto done = decide(context, *options, granted); !done.ok()) context.fail(done.error());
        });
    }
}

}  // namespace ararat::cli
