#!/usr/bin/python3
"""The published JSON Schema accepts every plan, runbook and action that ships, and refuses the spoilt ones.

Usage: schema_test.py --fault-files PROGRAM. A fault of a kind that the schema has words for must be refused by it;
the cases of such a kind that it lets pass are listed here by name, each with the reason, and no others.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
FAULT_FILES = None

# Unknown key, missing key, wrong shape, wrong type, bad identifier, bad choice.
EXPRESSIBLE = {"E008", "E009", "E010", "E011", "E012", "E013"}
TEXT = "the schema knows it as text only: what it means takes more than a pattern"
MERGED = "one plan may stand in several files, and only one of them has it"
PASSES = {
    "unknown time zone of a calendar": TEXT, "unknown time zone": TEXT, "bad time zone": TEXT,
    "rate without time": TEXT, "bad address": TEXT, "bad window": TEXT, "bad moment": TEXT,
    "a day that does not exist": "the pattern of a date does not know how long a month is",
    "freeze that ends before it begins": "two values compared with each other",
    "bad timeout": "it may be a ${...}, so that any text may stand there",
    "step without a place": "needed by actions only: it hangs on another key",
    "no version": MERGED, "no programme": MERGED,
}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which is what editors read: no `yes`, no 010, no dates."""


CoreLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
        ("tag:yaml.org,2002:null", r"~|null|", "~n"), ("tag:yaml.org,2002:bool", r"true|false", "tf"),
        ("tag:yaml.org,2002:int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
        ("tag:yaml.org,2002:float", r"-?[0-9]+\.[0-9]+", "-0123456789")):
    CoreLoader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"),
                                     list(_first) + ([""] if "~" in _first else []))


def validator_of(kind):
    """Of a plan file, or of the definition "runbook-file" or "action-file"."""
    schema = json.loads((ROOT / "plans/plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    if kind != "plan":
        schema = {"definitions": schema["definitions"], "$ref": f"#/definitions/{kind}"}
    return jsonschema.Draft7Validator(schema)


def kind_of(path):
    if path.endswith("action.yaml"):
        return "action-file"
    return "runbook-file" if "runbooks/" in path else "plan"


def faults_of(path, text):
    return [f"{path}: {'/'.join(map(str, fault.absolute_path))}: {fault.message}"
            for fault in validator_of(kind_of(path)).iter_errors(yaml.load(text, CoreLoader))]


class Accepts(unittest.TestCase):
    def test_every_file_of_plans(self):
        paths = sorted((ROOT / "plans").rglob("*.yaml"))
        kinds = {kind_of(str(path)) for path in paths}
        self.assertEqual(kinds, {"plan", "runbook-file", "action-file"})
        for path in paths:
            with self.subTest(path.name):
                self.assertEqual(faults_of(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")), [])

    def test_the_readmes_plan(self):
        blocks = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
        self.assertTrue(blocks)
        for block in blocks:
            self.assertEqual(faults_of("README.md", block), [])


class Refuses(unittest.TestCase):
    def test_what_it_has_words_for(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([FAULT_FILES, folder], check=True)
            cases = json.loads(Path(folder, "cases.json").read_text(encoding="utf-8"))
        self.assertGreater(len(cases), 100)
        tried, not_its, passed = 0, 0, set()
        for case in cases:
            codes = {code for line in case["expected"] for code in re.findall(r": error (E\d+):", line)}
            if not codes & EXPRESSIBLE:
                not_its += 1
                continue
            tried += 1
            text = case["latin1"].encode("latin-1").decode("utf-8")
            if not faults_of(case["file"], text):
                passed.add(case["name"])
        print(f"{tried} of {len(cases)} spoilt files have a fault of a kind that the schema has words for, "
              f"{not_its} have others (names, cycles, order, ...); {len(passed)} of the {tried} pass it, all known")
        self.assertGreater(tried, 20)
        self.assertEqual(passed, set(PASSES), "what passes, and what is known to")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--fault-files", required=True)
    known, rest = parser.parse_known_args()
    FAULT_FILES = known.fault_files
    unittest.main(argv=[sys.argv[0], *rest])
