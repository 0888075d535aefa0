// Faults of runbooks: steps, references, channels, order.
#include <gtest/gtest.h>

#include "tests/unit/planning/small_plan.h"

namespace ararat::planning::testing {
namespace {

// One case a block: what is changed, and the lines as people see them.
const Spoilt kCases[] = {
    {"step with two kinds",
     "plan.yaml",
     "{id: soak, phase: soak, soak:",
     "{id: soak, phase: soak, manual: look, soak:",
     {"plan.yaml:41:9: error E016: step 'soak' wants exactly one of action, gate, manual and soak"}},
    {"step with no kind",
     "plan.yaml",
     "{id: soak, phase: soak, soak: \"${param.wait}\"}",
     "{id: soak, phase: soak}",
     {"plan.yaml:41:9: error E016: step 'soak' wants exactly one of action, gate, manual and soak"}},
    {"step without a place",
     "plan.yaml",
     "on: source, action: digest",
     "action: digest",
     {"plan.yaml:35:9: error E009: step 'count' does not say where it runs (meant: on: source, target or a "
      "host)"}},
    {"soak with an executor",
     "plan.yaml",
     "{id: soak, phase: soak,",
     "{id: soak, on: target, phase: soak,",
     {"plan.yaml:41:20: error E016: 'on' has no meaning in a step without an action"}},
    {"step twice",
     "plan.yaml",
     "{id: sync,",
     "{id: copy,",
     {"plan.yaml:38:9: error E007: step 'copy' is defined twice (first at plan.yaml:36:9)"}},
    {"unknown action",
     "plan.yaml",
     "action: digest",
     "action: digset",
     {"plan.yaml:35:57: error E015: unknown action 'digset' (did you mean 'digest'?)"}},
    {"action without its parameter",
     "plan.yaml",
     "action: stop, with: {unit: shop.service}",
     "action: stop",
     {"plan.yaml:37:9: error E018: step 'stop': action 'stop' wants parameter 'unit' of type identifier"}},
    {"unknown parameter of an action",
     "plan.yaml",
     "port: 8080,",
     "prot: 8080, port: 8080,",
     {"plan.yaml:39:100: error E018: action 'check' has no parameter 'prot' (did you mean 'port'?)"}},
    {"value of the wrong type",
     "plan.yaml",
     "port: 8080,",
     "port: eighty,",
     {"plan.yaml:39:100: error E018: parameter 'port': 'eighty' is not of type integer (meant: decimal "
      "digits without leading zeros)"}},
    {"shell characters in an identifier",
     "plan.yaml",
     "action: stop, with: {unit: shop.service}",
     "action: stop, with: {unit: \"x; rm -rf $HOME\"}",
     {"plan.yaml:37:69: error E018: parameter 'unit': 'x; rm -rf $HOME' is not of type identifier (meant: "
      "letters, digits and . _ @ : - only)"}},
    {"option instead of a name",
     "plan.yaml",
     "action: stop, with: {unit: shop.service}",
     "action: stop, with: {unit: --force}",
     {"plan.yaml:37:69: error E018: parameter 'unit': '--force' is not of type identifier (meant: letters, "
      "digits and . _ @ : - only)"}},
    {"unknown runbook parameter",
     "plan.yaml",
     "path: \"${param.tree}\"}\n    steps",
     "path: \"${param.tre}\"}\n    steps",
     {"plan.yaml:33:7: error E017: channel 'data': '${param.tre}' names nothing (did you mean "
      "'param.tree'?)"}},
    {"unclosed reference",
     "plan.yaml",
     "unit: shop.service}}\n      - {id: sync",
     "unit: \"${param.tree\"}}\n      - {id: sync",
     {"plan.yaml:37:69: error E017: parameter 'unit': '${param.tree' has no closing '}' (meant: $${ for a "
      "literal ${)"}},
    {"malformed reference",
     "plan.yaml",
     "unit: shop.service}}\n      - {id: sync",
     "unit: \"${param tree}\"}}\n      - {id: sync",
     {"plan.yaml:37:69: error E017: parameter 'unit': '${param tree}' is not a reference (meant: $${ for a "
      "literal ${)"}},
    {"unknown reference",
     "plan.yaml",
     "seen: \"${step.count.rows}\"",
     "seen: \"${source.adress}\"",
     {"plan.yaml:39:112: error E017: parameter 'seen': '${source.adress}' names nothing (did you mean "
      "'source.address'?)"}},
    {"output of an unknown step",
     "plan.yaml",
     "${step.count.rows}",
     "${step.cuont.rows}",
     {"plan.yaml:39:112: error E017: parameter 'seen': '${step.cuont.rows}': unknown step 'cuont' (did you "
      "mean 'count'?)"}},
    {"unknown output",
     "plan.yaml",
     "${step.count.rows}",
     "${step.count.row}",
     {"plan.yaml:39:112: error E017: parameter 'seen': '${step.count.row}': action 'digest' has no output "
      "'row' (did you mean 'rows'?)"}},
    {"output of a step that need not come before",
     "plan.yaml",
     "on: source, action: digest}\n      - {id: copy,",
     "on: source, action: digest}\n      - {id: copy, after: [],",
     {"plan.yaml:39:9: error E020: step 'prove' for 'shop/db' uses an output of 'shop/db/count', which does "
      "not come before it"}},
    {"channel used before it is opened",
     "plan.yaml",
     "opens: [data], with: {channel: \"${channel.data}\", path: \"${param.tree}\"}}\n      - {id: stop,",
     "with: {channel: \"${channel.data}\", path: \"${param.tree}\"}}\n      - {id: stop, opens: [data],",
     {"plan.yaml:36:9: error E021: step 'copy' for 'shop/db' uses channel 'shop/db/data' before it is "
      "opened"}},
    {"circle through the last step",
     "plan.yaml",
     "on: source, action: digest}",
     "on: source, action: digest, after: [go-live]}",
     {"plan.yaml:36:9: error E019: these wait for each other: shop/db/copy needs shop/db/count "
      "(plan.yaml:36:9), shop/db/count needs shop/db/go-live (plan.yaml:35:9), shop/db/go-live needs "
      "shop/db/prove (plan.yaml:40:9), shop/db/prove needs shop/db/sync (plan.yaml:39:9), shop/db/sync needs "
      "shop/db/stop (plan.yaml:38:9), shop/db/stop needs shop/db/copy (plan.yaml:37:9); cheapest to give up: "
      "shop/db/count needs shop/db/go-live (plan.yaml:35:9)"}},
    {"reference to a host that is not there",
     "plan.yaml",
     "address: \"${target.address}\"",
     "address: \"${host.new-z.address}\"",
     {"plan.yaml:39:70: error E017: step 'prove' for 'shop/db': '${host.new-z.address}' names nothing "
      "(known: project, application, component, source.*, target.* and host.NAME.* with name, address or "
      "site, param.*, channel.*, step.STEP.OUTPUT)"}},
    {"looks like a step's output",
     "plan.yaml",
     "seen: \"${step.count.rows}\"",
     "seen: \"$${step.a.b}\"",
     {"plan.yaml:39:112: error E017: step 'prove' for 'shop/db': the text would be read as a ${step...} or "
      "${file...} that it does not mean"}},
    {"unknown host to run on",
     "plan.yaml",
     "on: source, action: digest",
     "on: old-z, action: digest",
     {"plan.yaml:35:9: error E015: step 'count' for 'shop/db': unknown host 'old-z' (did you mean "
      "'old-a'?)"}},
    {"after an unknown step",
     "plan.yaml",
     "on: source, action: digest",
     "after: [cpoy], on: source, action: digest",
     {"plan.yaml:35:9: error E015: step 'count': unknown step 'cpoy' (did you mean 'copy'?)"}},
    {"after nonsense",
     "plan.yaml",
     "on: source, action: digest",
     "after: [a/b/c/d], on: source, action: digest",
     {"plan.yaml:35:9: error E017: step 'count': 'a/b/c/d' is not a step (meant: STEP, COMPONENT/STEP or "
      "APPLICATION/COMPONENT/STEP)"}},
    {"unknown channel",
     "plan.yaml",
     "opens: [data]",
     "opens: [dta]",
     {"plan.yaml:33:7: error E021: channel 'data' is never opened",
      "plan.yaml:36:9: error E015: step 'copy': unknown channel 'dta' (did you mean 'data'?)",
      "plan.yaml:38:9: error E021: channel 'data' is closed before it is opened"}},
    {"channel never closed",
     "plan.yaml",
     " closes: [data],",
     "",
     {"plan.yaml:33:7: error E021: channel 'data' is opened by step 'copy' and never closed"}},
    {"channel never opened",
     "plan.yaml",
     " opens: [data],",
     "",
     {"plan.yaml:33:7: error E021: channel 'data' is never opened",
      "plan.yaml:38:9: error E021: channel 'data' is closed before it is opened"}},
    {"channel closed too early",
     "plan.yaml",
     "action: copy, opens: [data]",
     "action: copy, opens: [data], closes: [data]",
     {"plan.yaml:38:9: error E021: step 'sync' for 'shop/db' uses channel 'shop/db/data' after it was "
      "closed"}},
    {"tree that is exposed",
     "plan.yaml",
     "data: {kind: tree,",
     "data: {kind: tree, expose: /run/x,",
     {"plan.yaml:33:7: error E016: channel 'data' is a tree, which is not exposed"}},
    {"tree with a socket's owner",
     "plan.yaml",
     "data: {kind: tree,",
     "data: {kind: tree, expose_owner: postgres,",
     {"plan.yaml:33:7: error E016: channel 'data' is a tree and has no socket that 'expose_owner' could "
      "own"}},
    {"socket that is not exposed",
     "plan.yaml",
     "data: {kind: tree,",
     "data: {kind: socket,",
     {"plan.yaml:33:7: error E016: channel 'data' is a socket and wants 'expose'"}},
    {"channel with a relative path",
     "plan.yaml",
     "path: \"${param.tree}\"}\n    steps",
     "path: \"srv/${component}\"}\n    steps",
     {"plan.yaml:33:7: error E014: channel 'data' for 'shop/db': 'srv/db' is not a good path (meant: an "
      "absolute path)"}},
    {"second point of no return",
     "plan.yaml",
     "action: stop, with",
     "action: stop, point_of_no_return: true, with",
     {"plan.yaml:40:9: error E020: step 'go-live': a second point of no return (first at plan.yaml:37:9)"}},
    {"switch before verify",
     "plan.yaml",
     "phase: verify",
     "phase: start",
     {"plan.yaml:40:9: error E020: step 'go-live' for 'shop/db' switches before anything of its component "
      "was verified (meant: a step of phase verify before it, or verify_waived with the reason)"}},
    {"decommission before soak",
     "plan.yaml",
     "      - {id: soak, phase: soak, soak: \"${param.wait}\"}\n",
     "",
     {"plan.yaml:41:9: error E020: step 'retire' for 'shop/db' decommissions before a soak (meant: a soak "
      "step before it)"}},
    {"unknown gate of a step",
     "plan.yaml",
     "{id: soak, phase: soak, soak: \"${param.wait}\"}",
     "{id: soak, phase: soak, soak: \"${param.wait}\"}\n      - {id: ask, phase: soak, gate: gone}",
     {"plan.yaml:42:9: error E015: step 'ask' for 'shop/db': unknown gate 'gone'"}},
    {"soak that is no duration",
     "plan.yaml",
     "wait: 5s",
     "wait: soon",
     {"plan.yaml:41:9: error E018: step 'soak' for 'shop/db': 'soon' is not a duration (write it like 45min, "
      "1h 30min or 200ms)"}},
    {"timeout that is no duration",
     "plan.yaml",
     "on: source, action: digest",
     "timeout: 0s, on: source, action: digest",
     {"plan.yaml:35:9: error E018: step 'count' for 'shop/db': '0s' is not a duration above zero"}},
    {"cycle of steps",
     "plan.yaml",
     "on: source, action: digest",
     "after: [stop], on: source, action: digest",
     {"plan.yaml:36:9: error E019: these wait for each other: shop/db/copy needs shop/db/count "
      "(plan.yaml:36:9), shop/db/count needs shop/db/stop (plan.yaml:35:9), shop/db/stop needs shop/db/copy "
      "(plan.yaml:37:9); cheapest to give up: shop/db/count needs shop/db/stop (plan.yaml:35:9)"}},
    {"too many attempts",
     "plan.yaml",
     "on: source, action: digest",
     "retry: {attempts: 1000}, on: source, action: digest",
     {"plan.yaml:35:55: error E011: key 'attempts': 1000 is out of range (meant: 1 to 100)"}},
};

class RunbookFaults : public ::testing::TestWithParam<Spoilt> {};

TEST_P(RunbookFaults, SayExactlyWhatIsWrong) { expect_lines(GetParam()); }

INSTANTIATE_TEST_SUITE_P(All, RunbookFaults, ::testing::ValuesIn(kCases), case_name);

}  // namespace

std::span<const Spoilt> runbook_fault_cases() { return kCases; }

}  // namespace ararat::planning::testing
