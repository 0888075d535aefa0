#!/usr/bin/python3
"""The rules against samples that break them, one by one, and against samples that only look as if."""

import sys
import unittest

sys.dont_write_bytecode = True

import links  # noqa: E402
import lint  # noqa: E402
import shape  # noqa: E402

GOOD_HEADER = """// What it is for.
#pragma once

#include <string>

#include "base/result.h"

namespace ararat {
class Wave {
public:
    int size() const { return 1; }
};
}  // namespace ararat
"""


def faults(path, text):
    return [fault for _, _, fault in lint.faults_of(path, text)]


def lines_of(path, text):
    return [line for _, line, _ in lint.faults_of(path, text)]


def function(lines, head="int f(int x)"):
    return head + " {\n" + "    x += 1;\n" * (lines - 2) + "}\n"


class Layers(unittest.TestCase):
    def refused(self, path, include, wanted):
        text = f"int before;\n#include {include}\n"
        self.assertEqual(faults(path, text), [wanted])
        self.assertEqual(lines_of(path, text), [2])

    def test_upward_includes_are_refused(self):
        self.refused("base/a.cc", '"model/ids.h"', "base may not include model (model/ids.h)")
        self.refused("orchestrator/planning/a.cc", '"execution/input.h"',
                     "planning may not include execution (execution/input.h)")
        self.refused("orchestrator/execution/a.cc", '"platform/clock.h"',
                     "execution may not include platform (platform/clock.h)")
        self.refused("orchestrator/store/a.cc", '"transport/host_link.h"',
                     "store may not include transport (transport/host_link.h)")
        self.refused("orchestrator/execution/a.cc", '"ararat/v1/plan.pb.h"',
                     "execution may not include proto (ararat/v1/plan.pb.h)")
        self.refused("agent/core/a.cc", '"platform/files.h"', "agent/core may not include platform (platform/files.h)")
        self.refused("channel/a.cc", '"ararat/v1/agent.pb.h"', "channel may not include proto (ararat/v1/agent.pb.h)")

    def test_includes_start_at_the_root(self):
        self.refused("base/a.cc", '"result.h"',
                     "\"result.h\" is no header of a module, written from the project's root")
        self.refused("orchestrator/model/a.cc", '"orchestrator/model/ids.h"',
                     "\"orchestrator/model/ids.h\" is no header of a module, written from the project's root")

    def test_pure_modules_stay_pure(self):
        for header in ("thread", "random", "filesystem", "fstream", "mutex", "unistd.h", "iostream", "future"):
            self.refused("orchestrator/execution/a.cc", f"<{header}>", f"execution is pure: no <{header}>")
        text = "auto t = std::chrono::system_clock::now();\n"
        self.assertEqual(faults("agent/core/a.cc", text), ["agent/core is pure: no system_clock::now"])
        self.assertEqual(faults("orchestrator/planning/a.cc", 'auto t = getenv("TZ");\n'),
                         ["planning is pure: no getenv"])
        self.assertEqual(faults("platform/a.cc", text), [])
        self.assertEqual(faults("orchestrator/planning/a.cc", "// system_clock::now() is not for us\n"), [])

    def test_libraries_have_their_places(self):
        for path, include in (("orchestrator/execution/a.cc", "yaml-cpp/yaml.h"),
                              ("orchestrator/planning/waves.cc", "boost/graph/adjacency_list.hpp"),
                              ("orchestrator/planning/a.cc", "grpcpp/grpcpp.h"),
                              ("orchestrator/server/a.cc", "sqlite3.h"), ("agent/verbs/a.cc", "grpcpp/grpcpp.h"),
                              ("orchestrator/server/a.cc", "libssh/libssh.h"),
                              ("agent/core/a.cc", "google/protobuf/message.h")):
            found = faults(path, f"#include <{include}>\n")
            self.assertEqual(len(found), 1, path)
            self.assertIn("does not belong here", found[0])

    def test_allowed_includes_pass(self):
        for path, include in (("orchestrator/planning/dependency_graph.cc", "<boost/graph/adjacency_list.hpp>"),
                              ("orchestrator/transport/a.cc", '"channel/endpoint.h"'),
                              ("orchestrator/execution/a.cc", '"planning/schedule.h"'),
                              ("agent/link.cc", '"agent/core/journal.h"'), ("agent/link.cc", "<grpcpp/grpcpp.h>"),
                              ("orchestrator/main.cc", '"server/wire_up.h"'), ("base/a.cc", "<string>"),
                              ("tests/unit/a_test.cc", "<thread>"), ("orchestrator/model/a.cc", "<fmt/format.h>")):
            self.assertEqual(faults(path, f"#include {include}\n"), [], path)

    def test_a_new_module_must_be_in_the_table(self):
        self.assertEqual(faults("orchestrator/extras/a.cc", ""), ["the module extras is not in the table of layers"])


class Links(unittest.TestCase):
    BASE = {"base/CMakeLists.txt": "ararat_module(ararat_base DEPS fmt::fmt)\n",
            "platform/CMakeLists.txt": "add_library(ararat_os STATIC ${sources})\n",
            "agent/core/CMakeLists.txt": "ararat_module(ararat_agent_core DEPS ararat_base)\n"}

    def faults(self, path, text):
        return [fault for _, _, fault in links.check({**self.BASE, path: text})]

    def test_a_module_links_what_it_may_include(self):
        self.assertEqual(self.faults("platform/CMakeLists.txt", "ararat_module(ararat_os DEPS ararat_base)\n"), [])
        self.assertEqual(self.faults("agent/core/CMakeLists.txt",
                                     "# ararat_os\nararat_module(ararat_agent_core DEPS ararat_base)\n"), [])

    def test_upward_links_are_refused(self):
        self.assertEqual(self.faults("base/CMakeLists.txt", "ararat_module(ararat_base PRIVATE_DEPS ararat_os)\n"),
                         ["base may not link platform (ararat_os)"])
        self.assertEqual(self.faults("agent/core/CMakeLists.txt",
                                     "ararat_module(ararat_agent_core DEPS ararat_base)\n"
                                     "target_link_libraries(ararat_agent_core PRIVATE\n  $<TARGET_FILE:ararat_os>)\n"),
                         ["agent/core may not link platform (ararat_os)"])

    def test_a_target_that_no_module_defines(self):
        self.assertEqual(self.faults("base/CMakeLists.txt", "ararat_module(ararat_base DEPS ararat_extras)\n"),
                         ["base links ararat_extras, which no module defines"])


class Lengths(unittest.TestCase):
    def test_files(self):
        self.assertEqual(faults("base/a.cc", "\n" * 400), [])
        self.assertEqual(len(faults("base/a.cc", "\n" * 401)), 1)
        self.assertEqual(faults("base/a.cc", "// long because of its table\n" + "\n" * 500), [])
        self.assertEqual(len(faults("base/a.cc", "\n" * 10 + "// long because\n" + "\n" * 500)), 1)
        self.assertEqual(faults("tests/unit/a_test.cc", "\n" * 800), [])
        self.assertEqual(len(faults("tests/unit/a_test.cc", "\n" * 801)), 1)
        self.assertEqual(len(faults("deploy/lab/a.py", "\n" * 401)), 1)

    def test_functions_wherever_they_stand(self):
        for before, after in (("", ""), ("namespace a {\nnamespace {\n", "}\n}\n"),
                              ("class A final : public B<C> {\npublic:\n", "};\n"),
                              ("template <typename T>\nstruct A {\n", "};\n"),
                              ("constexpr std::array<int, 2> kA{{1, 2}};\n", ""),
                              ("enum class A { kB, kC };\n", ""), ("#define A(x) { \\\n  (x) {\n", "")):
            for head in ("int f(int x)", "A::A(int x) : x_{x}, y_(x)", "TEST(Wave, Waits)", "auto f(int x) -> int",
                         "template <class T>\nvoid f(const struct stat& x) noexcept", "bool operator()(int x) const"):
                long = before + function(71, head) + after
                short = before + function(69, head) + after
                first = before.count("\n") + 1
                self.assertEqual([fault for fault in faults("base/a.cc", long) if "a function of" in fault] != [],
                                 True, long[:200])
                self.assertEqual(lines_of("base/a.cc", long)[-1], first, long[:200])
                self.assertEqual(faults("base/a.cc", short), [], short[:200])

    def test_braces_in_text_do_not_count(self):
        tricky = 'int f() {\n    g("}{", \'{\', R"x({{{)x");  // }\n    /* } */ int n = 1\'000;\n}\n'
        self.assertEqual(shape.functions_of(tricky + function(10)), [(1, 4), (5, 10)])

    def test_functions_in_functions_count_once(self):
        nested = "void f() {\n    const auto g = [](int x) {\n        if (x) { h(); }\n    };\n}\nvoid k() {}\n"
        self.assertEqual(shape.functions_of(nested), [(1, 5), (6, 1)])

    def test_python_functions(self):
        body = "def f():\n" + "    x = 1\n" * 70
        self.assertEqual(faults("tests/lab/a.py", body), ["a function of 71 lines, 70 at most"])


class Words(unittest.TestCase):
    def test_vague_names(self):
        for name in ("WaveManager", "PathHelper", "StringUtil", "StringUtils", "HostCommon"):
            for kind in ("class", "struct", "enum class"):
                self.assertEqual(faults("base/a.cc", f"{kind} {name} {{}};\n"),
                                 [f"{name} says nothing about what it is"])
        self.assertEqual(faults("base/a.cc", "class Commonwealth {};\n// class WaveManager\n"), [])
        for name in ("base/utils.h", "base/string_util.cc", "deploy/common.sh", "cli/helpers.py"):
            self.assertEqual(faults(name, ""), ["a file is named after the one concept in it"] +
                             ["a header begins with a comment that says what it is for",
                              "a header without #pragma once"] * name.endswith(".h"))

    def test_unfinished_work(self):
        for word in ("TO" + "DO", "FIX" + "ME", "place" + "holder"):
            for path in ("base/a.cc", "deploy/a.py", "README.md", "proto/a.proto", "plans/a.yaml"):
                self.assertEqual(len(faults(path, f"# {word}: later\n")), 1, path)

    def test_commented_code(self):
        for line in ("// return result;", "// wave.start(now);", "// int count = 3;"):
            self.assertEqual(len(faults("base/a.cc", f"int x;\n{line}\n")), 1, line)
        for line in ("// Returns the result; see RFC 3629.", "// (allowed: a; b;)", "// the end;"):
            self.assertEqual(faults("base/a.cc", line + "\n"), [], line)

    def test_headers(self):
        self.assertEqual(faults("base/a.h", GOOD_HEADER), [])
        self.assertEqual(len(faults("base/a.h", GOOD_HEADER.replace("#pragma once", ""))), 1)
        self.assertEqual(len(faults("base/a.h", GOOD_HEADER.split("\n", 1)[1])), 1)
        self.assertEqual(len(faults("base/a.h", GOOD_HEADER + "using namespace std;\n")), 1)


if __name__ == "__main__":
    unittest.main()
