#include <fmt/format.h>

#include <memory>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/output/table.h"
#include "model/approval.h"
#include "platform/pki.h"

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

// Signs what the orchestrator shows for this wave now: after a change of the wave the signature is void.
Result<void> decide(Context& context, const ApprovalCommand& command, bool granted) {
    const auto slash = command.approval.find('/');
    if (slash == std::string::npos) {
        return Error{ErrorCode::kInvalidArgument, fmt::format("'{}' is not WAVE/GATE (see 'ararat approval list')", command.approval), {}};
    }
    ARARAT_ASSIGN_OR_RETURN(auto client, Client::connect(context));
    ARARAT_ASSIGN_OR_RETURN(const auto known, fetch(client));
    for (const auto& view : known.approvals()) {
        if (view.wave() + "/" + view.gate() != command.approval) continue;
        Approval approval;
        approval.project = ProjectId(known.project());
        approval.wave = WaveId(view.wave());
        approval.gate = GateId(view.gate());
        approval.subtree = Hash(view.subtree());
        approval.granted = granted;
        approval.comment = command.comment;
        v1::DecideApprovalRequest request;
        request.set_wave(view.wave());
        request.set_gate(view.gate());
        request.set_subtree(view.subtree());
        request.set_granted(granted);
        request.set_comment(command.comment);
        ARARAT_ASSIGN_OR_RETURN(const auto signature, platform::sign_p256(client.key_pem(), approval_bytes(approval)));
        request.set_signature(signature);
        ARARAT_ASSIGN_OR_RETURN(const auto done, client.call(&v1::Control::Stub::DecideApproval, request));
        context.say(fmt::format("{} {} (record {}).", command.approval, granted ? "granted" : "rejected", done.sequence()));
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
        auto* command = approval->add_subcommand(granted ? "grant" : "reject",
                                                 granted ? "Sign a go" : "Sign a no-go");
        command->add_option("APPROVAL", options->approval, "WAVE/GATE")->required();
        command->add_option("-m,--comment", options->comment, "Recorded with the signature");
        command->callback([&context, options, granted] {
            if (const auto done = decide(context, *options, granted); !done.ok()) context.fail(done.error());
        });
    }
}

}  // namespace ararat::cli
