#include <array>

#include "planning/field_table.h"

namespace ararat::planning {
namespace {

using Type = FieldType;
constexpr FieldFlag kRequired = FieldFlag::kRequired;

constexpr std::string_view kPhases =
    "prepare|precopy|start|quiesce|final-sync|verify|switch|soak|decommission";

constexpr Field kVersion = {"ararat", Type::kChoice, "v1", "v1", "Version of the plan language."};
constexpr Field kParams = {"params", Type::kTextMap, "", "",
                           "Parameters and their defaults; `required`: a component has to give it."};
constexpr Field kChannels = {"channels", Type::kSectionMap, "channel", "",
                             "Data channels between source and target."};
constexpr Field kSteps = {"steps",
                          Type::kSectionList,
                          "step",
                          "",
                          "In order: each step waits for the one before it, unless it says `after`.",
                          kRequired};

constexpr Field kRunbook[] = {kParams, kChannels, kSteps};
constexpr Field kRunbookFile[] = {
    kVersion, {"runbook", Type::kIdentifier, "", "", "Name of the runbook.", kRequired}, kParams, kChannels,
    kSteps,
};

constexpr Field kChannel[] = {
    {"kind", Type::kChoice, "tree|socket", "tree",
     "`tree`: a directory of the source, read only; `socket`: a socket of the source, exposed on the "
     "target."},
    {"path", Type::kTemplate, "", "",
     "The directory; or the source's Unix socket, or host:port as the source reaches it.", kRequired},
    {"expose", Type::kTemplate, "", "", "For `socket`: the Unix socket made on the target."},
    {"expose_owner", Type::kIdentifier, "", "root",
     "For `socket`: the user of the target to whom the socket belongs; nobody else but root can connect to "
     "it."},
    {"bandwidth", Type::kRate, "", "the link's usable share", "What this channel may take."},
};

constexpr Field kStep[] = {
    {"id", Type::kIdentifier, "", "", "Name of the step, unique in the runbook.", kRequired},
    {"phase", Type::kChoice, kPhases, "", "What it is part of; the change window covers quiesce to switch.",
     kRequired},
    {"action", Type::kReference, "actions", "",
     "The action that does it. Exactly one of action, gate, "
     "manual and soak is given."},
    {"gate", Type::kIdentifier, "", "", "Waits for the approval of this gate."},
    {"manual", Type::kTemplate, "", "", "Waits for a person who does this and says so."},
    {"soak", Type::kDurationTemplate, "", "", "Waits for this time to pass."},
    {"on", Type::kTemplate, "", "", "Where the action runs: source, target, or a host's name."},
    {"with", Type::kTemplateMap, "", "", "Values for the action's parameters."},
    {"after", Type::kStepNames, "", "the step before it",
     "Steps it waits for, instead of the one before it; [] for none."},
    {"once", Type::kBoolean, "", "false",
     "One task for all hosts of the component, executed for the first pair, after all its predecessors "
     "everywhere. Gates, manual tasks and soaks always are."},
    {"opens", Type::kIdentifiers, "", "", "Channels opened before it."},
    {"closes", Type::kIdentifiers, "", "", "Channels closed when it has succeeded."},
    {"point_of_no_return", Type::kBoolean, "", "false", "From this step on there is no back-out."},
    {"retry", Type::kSection, "retry", "", "How often it is tried; else as the action says."},
    {"timeout", Type::kDurationTemplate, "", "as the action says", "How long its main operation may take."},
    {"expected", Type::kDurationTemplate, "", "",
     "How long it is expected to take, until it has been measured: the longest that it ever took. A step of "
     "the "
     "cutover that would end too late for a back-out inside the window is not started without a decision."},
    {"undo_expected", Type::kDurationTemplate, "", "its undo's timeout",
     "How long its undo is expected to take, until it has been measured. The latest moment for a back-out is "
     "computed from it."},
    {"verify_waived", Type::kText, "", "", "On a switch step: why nothing is verified before it."},
};

constexpr Field kRetry[] = {
    {"attempts", Type::kInteger, "1..100", "3", "Tries in all."},
    {"backoff", Type::kDuration, "", "1s", "Wait before the second try; doubles each time."},
    {"backoff_max", Type::kDuration, "", "30s", "The longest wait."},
};

constexpr Field kActionFile[] = {
    kVersion,
    {"action", Type::kIdentifier, "", "", "Name of the action; the name of its folder.", kRequired},
    {"summary", Type::kText, "", "", "What state it brings about, in one line.", kRequired},
    {"class", Type::kChoice, "idempotent|probeable|one-shot", "",
     "What happens when nobody knows whether it took effect: done again, probed, or held for a person.",
     kRequired},
    {"guard", Type::kChoice, "none|cutover|power-off|decommission", "none",
     "Needs an approval by others than the plan's author. `power-off`, or `decommission`, where it powers a "
     "host off."},
    {"params", Type::kSectionMap, "action-param", "", "Its parameters."},
    {"outputs", Type::kIdentifiers, "", "",
     "Values it reports, for later steps: of text, up to 4096 bytes each."},
    {"files", Type::kFileName, "", "", "Files in its folder that are sent along."},
    {"retry", Type::kSection, "retry", "", "How often it is tried."},
    {"check", Type::kSection, "operation", "", "Judged good: already so, `do` is left out."},
    {"do", Type::kSection, "operation", "", "Brings the state about.", kRequired},
    {"probe", Type::kSection, "operation", "", "Judged good: it took effect; else it did not."},
    {"undo", Type::kSection, "operation", "", "Takes it back; none: nothing is taken back."},
    {"verify", Type::kSection, "operation", "", "Judged good: the state is there."},
};

constexpr Field kActionParam[] = {
    {"type", Type::kChoice, "text|integer|duration|size|path|identifier|address|boolean", "text",
     "What its values are."},
    {"required", Type::kBoolean, "", "false", "A step has to give it."},
    {"default", Type::kText, "", "", "What is taken when a step does not give it."},
};

constexpr Field kOperation[] = {
    {"run", Type::kTemplates, "", "", "An argument vector; no shell is involved. Exactly one verb is given."},
    {"service", Type::kSection, "verb-service", "", "A systemd unit's state."},
    {"http", Type::kSection, "verb-http", "", "A page answers."},
    {"tcp", Type::kSection, "verb-tcp", "", "A port accepts connections."},
    {"write-file", Type::kSection, "verb-write-file", "", "A file with this content."},
    {"restore-file", Type::kSection, "verb-restore-file", "", "Takes back what write-file of this step did."},
    {"copy-tree", Type::kSection, "verb-copy-tree", "", "A directory through a data channel."},
    {"verify-tree", Type::kSection, "verb-verify-tree", "", "Both ends compared by checksum."},
    {"facts", Type::kEmpty, "", "", "What the host is."},
    {"power-off", Type::kEmpty, "", "", "The host powers off."},
    {"timeout", Type::kDurationTemplate, "", "60s", "How long it may take."},
    {"until", Type::kSection, "until", "", "Repeated until judged good."},
    {"expect", Type::kSection, "expect", "", "How the outcome is judged; all that is given has to hold."},
    {"env", Type::kTemplateMap, "", "", "Environment of what it starts."},
};

constexpr Field kUntil[] = {
    {"every", Type::kDurationTemplate, "", "", "Between two tries.", kRequired},
    {"within", Type::kDurationTemplate, "", "", "In all.", kRequired},
};
constexpr Field kExpect[] = {
    {"exit", Type::kInteger, "0..255", "0", "Exit code."},
    {"equals", Type::kTemplate, "", "", "Standard output, without white space at its ends."},
    {"contains", Type::kTemplate, "", "", "Part of standard output."},
};
constexpr Field kVerbService[] = {
    {"unit", Type::kTemplate, "", "", "Name of the unit.", kRequired},
    {"state", Type::kTemplate, "", "",
     "started, stopped, restarted, reloaded, or masked (stopped, disabled and masked).", kRequired},
};
constexpr Field kVerbHttp[] = {
    {"url", Type::kTemplate, "", "", "http://HOST[:PORT]/PATH.", kRequired},
    {"host_header", Type::kTemplate, "", "the URL's host", "Host header."},
    {"status", Type::kTemplate, "", "200", "Status that is right."},
    {"contains", Type::kTemplate, "", "", "Text in the page."},
};
constexpr Field kVerbTcp[] = {
    {"address", Type::kTemplate, "", "", "Host.", kRequired},
    {"port", Type::kTemplate, "", "", "Port.", kRequired},
};
constexpr Field kVerbWriteFile[] = {
    {"path", Type::kTemplate, "", "", "Absolute path.", kRequired},
    {"content", Type::kTemplate, "", "", "The whole content.", kRequired},
    {"mode", Type::kTemplate, "", "0644", "Permissions, octal."},
    {"owner", Type::kTemplate, "", "root:root", "User and group."},
};
constexpr Field kVerbRestoreFile[] = {
    {"path", Type::kTemplate, "", "", "Absolute path.", kRequired},
};
constexpr Field kVerbCopyTree[] = {
    {"channel", Type::kTemplate, "", "", "Channel of kind `tree`.", kRequired},
    {"path", Type::kTemplate, "", "", "Directory on the receiving host.", kRequired},
    {"delete", Type::kTemplate, "", "true", "Whether what the source does not have is removed."},
    {"checksum", Type::kTemplate, "", "false", "Compare contents even where size and time agree."},
    {"estimate", Type::kTemplate, "", "false",
     "Whether what will travel is counted first, by a walk over both trees, so that progress has an end."},
};
constexpr Field kVerbVerifyTree[] = {
    {"channel", Type::kTemplate, "", "", "Channel of kind `tree`.", kRequired},
    {"path", Type::kTemplate, "", "", "Directory on the receiving host.", kRequired},
};

constexpr Section kSections[] = {
    {"runbook", "runbooks", "One runbook, under its name.", kRunbook},
    {"runbook-file", "Runbook file", "The top level of plans/runbooks/NAME.yaml.", kRunbookFile},
    {"channel", "Runbook: channels", "One data channel, under its name.", kChannel},
    {"step", "Runbook: steps", "One step.", kStep},
    {"retry", "retry", "", kRetry},
    {"action-file", "Action file", "The top level of plans/actions/NAME/action.yaml.", kActionFile},
    {"action-param", "Action: params", "One parameter, under its name.", kActionParam},
    {"operation", "Action: check, do, probe, undo, verify", "One operation: a verb and how it is judged.",
     kOperation},
    {"until", "Operation: until", "", kUntil},
    {"expect", "Operation: expect", "", kExpect},
    {"verb-service", "Verb: service", "", kVerbService},
    {"verb-http", "Verb: http", "", kVerbHttp},
    {"verb-tcp", "Verb: tcp", "", kVerbTcp},
    {"verb-write-file", "Verb: write-file", "", kVerbWriteFile},
    {"verb-restore-file", "Verb: restore-file", "", kVerbRestoreFile},
    {"verb-copy-tree", "Verb: copy-tree", "", kVerbCopyTree},
    {"verb-verify-tree", "Verb: verify-tree", "", kVerbVerifyTree},
};

}  // namespace

std::span<const Section> library_sections() { return kSections; }

}  // namespace ararat::planning
