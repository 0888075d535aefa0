"""Tests of the lab's pure parts: its file, its package sources, its safe reading. They need no root.

Run: python3 tests/lab/test_lab_file.py
"""

import os
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

LAB_FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "lab"
sys.dont_write_bytecode = True
sys.path.insert(0, str(LAB_FOLDER))

from ararat_lab import image, layers, safe_open, settings  # noqa: E402
from ararat_lab.errors import LabError  # noqa: E402
from ararat_lab.estate import load_estate  # noqa: E402
from ararat_lab.places import BorrowedPlaces  # noqa: E402
from ararat_lab.process import ProcessRecord  # noqa: E402
from ararat_lab.status import table  # noqa: E402
from ararat_lab.witness import parse_line  # noqa: E402

GOOD = """lab: test
sites:
  ark: {network: 198.18.1.0/24}
hosts:
  a: {site: ark, address: 198.18.1.2, roles: [data-tree]}
"""


class LabFile(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "lab.yaml")

    def load(self, text):
        Path(self.path).write_text(text, encoding="utf-8")
        return load_estate(self.path)

    def faults(self, text):
        with self.assertRaises(LabError) as caught:
            self.load(text)
        return str(caught.exception).replace(self.path + ":", "")

    def test_good_file_is_read_with_defaults_of_roles(self):
        estate = self.load(GOOD)
        self.assertEqual([host.name for host in estate.hosts], ["a"])
        self.assertEqual(str(estate.hosts[0].site.gateway), "198.18.1.1")
        self.assertEqual(dict(estate.hosts[0].roles[0].parameters)["files"], "1000")

    def test_shipped_files_are_good(self):
        self.assertEqual(len(load_estate(str(LAB_FOLDER / "demo.yaml")).hosts), 14)
        self.assertEqual(len(load_estate(str(LAB_FOLDER / "smoke.yaml")).hosts), 2)

    def test_unknown_key_is_named_with_its_place_and_the_nearest_known_one(self):
        text = GOOD.replace("roles:", "rolls:")
        self.assertEqual(
            self.faults(text), "5:39: error: unknown key 'rolls' in host 'a' (did you mean 'roles'?)"
        )

    def test_every_fault_is_told_at_once(self):
        text = GOOD.replace("lab: test", "lab: Test").replace("site: ark,", "site: arc,")
        self.assertEqual(len(self.faults(text).splitlines()), 2)

    def test_repeated_key_names_both_places(self):
        self.assertEqual(
            self.faults(GOOD + "  a: {site: ark, address: 198.18.1.3}\n"),
            "6:3: error: 'a' is given twice in hosts (first on line 5)",
        )

    def test_address_must_be_a_free_host_address_of_the_site(self):
        for address in ("198.18.2.2", "198.18.1.1", "198.18.1.0", "198.18.1.255"):
            with self.subTest(address):
                self.assertIn("is no host address of site", self.faults(GOOD.replace("198.18.1.2", address)))
        twin = GOOD + "  b: {site: ark, address: 198.18.1.2}\n"
        self.assertIn("address 198.18.1.2 of 'b' is already that of 'a'", self.faults(twin))

    def test_network_outside_the_reserved_range_is_refused(self):
        for network in ("10.0.0.0/24", "198.20.0.0/24", "198.18.1.0/30", "198.18.1.7/24"):
            with self.subTest(network):
                self.assertIn("3:18: error:", self.faults(GOOD.replace("198.18.1.0/24", network)))

    def test_network_of_the_machine_link_is_taken(self):
        self.assertIn("overlaps that of 'link'", self.faults(GOOD.replace("198.18.1.", "198.18.0.")))

    def test_role_and_its_parameters_are_checked(self):
        self.assertIn("unknown role 'mainframe'", self.faults(GOOD.replace("data-tree", "mainframe")))
        self.assertIn(
            "unknown key 'fils' in role 'data-tree' (did you mean 'files'?)",
            self.faults(GOOD.replace("[data-tree]", "[data-tree: {fils: 3}]")),
        )
        self.assertIn(
            "role 'web-tier' needs the parameter 'application'",
            self.faults(GOOD.replace("data-tree", "web-tier")),
        )

    def test_alias_is_refused(self):
        text = GOOD.replace("ark: {network", "ark: &x {network").replace("[data-tree]", "*x")
        self.assertIn("aliases are not allowed", self.faults(text))

    def test_names_take_no_shell_characters(self):
        self.assertIn("must match", self.faults(GOOD.replace("  a:", '  "a;b":')))
        self.assertIn("must match", self.faults(GOOD + "image: {packages: ['x --force']}\n"))

    def test_a_changed_parameter_changes_the_layer(self):
        first, same = self.load(GOOD), self.load(GOOD)
        other = self.load(GOOD.replace("[data-tree]", "[data-tree: {files: 3}]"))
        key = layers.layer_key(first, first.hosts[0], "base")
        self.assertEqual(key, layers.layer_key(same, same.hosts[0], "base"))
        self.assertNotEqual(key, layers.layer_key(other, other.hosts[0], "base"))
        self.assertNotEqual(key, layers.layer_key(first, first.hosts[0], "other base"))


class PackageSources(unittest.TestCase):
    def test_only_debians_own_entries_are_taken(self):
        lines = image._one_line_entries(
            "# deb http://deb.debian.org/debian bookworm main\n"
            "deb [arch=amd64] http://deb.debian.org/debian bookworm main contrib # ours\n"
            "deb https://download.docker.com/linux/debian bookworm stable\n"
            "deb http://apt.postgresql.org/pub/repos/apt bookworm-pgdg main\n"
            "deb http://deb.debian.org/debian trixie main\n"
            "deb-src http://deb.debian.org/debian bookworm main\n"
        )
        self.assertEqual(lines, ["deb [arch=amd64] http://deb.debian.org/debian bookworm main contrib"])

    def test_deb822_entries_are_taken_apart(self):
        lines = image._deb822_entries(
            "Types: deb deb-src\n# mirror\nURIs: http://mirror.example/debian\n"
            "Suites: bookworm bookworm-updates bookworm-backports\nComponents: main\nSigned-By: /k.gpg\n\n"
            "Types: deb\nURIs: https://deb.nodesource.com/node_20.x\nSuites: nodistro\nComponents: main\n\n"
            "Types: deb\nEnabled: no\nURIs: http://other.example/debian\nSuites: bookworm\nComponents: main\n"
        )
        self.assertEqual(lines, [
            "deb [signed-by=/k.gpg] http://mirror.example/debian bookworm main",
            "deb [signed-by=/k.gpg] http://mirror.example/debian bookworm-updates main",
        ])


class SafeOpen(unittest.TestCase):
    """A host's absolute link must not lead to the machine's own file."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name, "root")
        (self.root / "etc").mkdir(parents=True)
        self.outside = Path(folder.name, "outside")
        self.outside.write_text("the machine's")

    def test_reading_through_an_absolute_link_stays_inside(self):
        (self.root / "etc" / "link").symlink_to(self.outside)
        with self.assertRaises(FileNotFoundError):
            safe_open.read_in_root(self.root, "/etc/link", 100)

    def test_writing_through_links_stays_inside(self):
        inside = Path(str(self.root) + str(self.outside.parent))
        inside.mkdir(parents=True)
        (self.root / "etc" / "absolute").symlink_to(self.outside)
        (self.root / "etc" / "climbing").symlink_to("../../../outside")
        safe_open.write_in_root(self.root, "/etc/absolute", b"the host's", 0o600)
        safe_open.write_in_root(self.root, "/etc/climbing", b"the host's", 0o600)
        self.assertEqual(self.outside.read_text(), "the machine's")
        self.assertEqual((inside / "outside").read_text(), "the host's")
        self.assertEqual((self.root / "outside").read_text(), "the host's")


class Values(unittest.TestCase):
    def test_witness_line_is_taken_apart(self):
        entry = parse_line("a", b"p|r|t|forward|1|perform\t12\t3\trsync\t99")
        self.assertEqual(entry, {"host": "a", "key": "p|r|t|forward|1|perform", "pid": 12, "parent_pid": 3,
                                 "program": "rsync", "monotonic_ns": 99})

    def test_process_with_another_start_time_is_not_signalled(self):
        mine = ProcessRecord.of(os.getpid())
        self.assertTrue(mine.is_alive())
        self.assertFalse(ProcessRecord(mine.pid, mine.start - 1).send())

    def test_folders_must_be_absolute_and_deep(self):
        for value in ("/", "relative", "/var/../.."):
            with self.subTest(value), mock.patch.dict(os.environ, ARARAT_LAB_DIR=value):
                with self.assertRaises(LabError):
                    settings.settings_from_environment()

    def test_table_lines_up(self):
        self.assertEqual(table([["a", None], ["long", 3]], ["H", "N"]), ["H     N", "a     -", "long  3"])


class Places(unittest.TestCase):
    """What a bare root lacks is made, and nothing of it stays."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.note, self.root, self.machine_id = (self.folder / name for name in ("note", "root", "machine-id"))
        self.places = BorrowedPlaces(self.note, self.root, self.machine_id)

    def borrow(self, below_chroot=True):
        with mock.patch("ararat_lab.places.is_mounted", lambda _: not below_chroot):
            self.places.borrow()

    def test_what_is_made_is_given_back(self):
        self.borrow()
        self.assertTrue(self.root.is_dir() and self.machine_id.is_file())
        self.assertEqual(self.places.leftovers(), [f"folder {self.root}"])
        self.borrow()  # a host that is started later
        self.assertEqual(self.places.give_back(), ([str(self.root), str(self.machine_id)], []))
        self.assertFalse(self.root.exists() or self.machine_id.exists())
        self.assertEqual(self.places.leftovers(), [])
        self.assertEqual(self.places.give_back(), ([], []))

    def test_what_was_there_stays(self):
        self.machine_id.write_text("0123456789abcdef0123456789abcdef\n", encoding="ascii")
        self.borrow(below_chroot=False)
        self.assertFalse(self.note.exists())
        self.assertEqual(self.places.give_back(), ([], []))
        self.machine_id.write_text("", encoding="ascii")  # empty, and somebody else's
        self.borrow(below_chroot=False)
        self.assertEqual(self.places.give_back(), ([], []))
        self.assertTrue(self.machine_id.exists())

    def test_an_id_that_the_machine_got_meanwhile_stays(self):
        self.borrow()
        self.machine_id.write_text("0123456789abcdef0123456789abcdef\n", encoding="ascii")
        self.assertEqual(self.places.give_back(), ([str(self.root)], []))

    def test_what_cannot_be_removed_is_told(self):
        self.borrow()
        (self.root / "used").touch()
        removed, left = self.places.give_back()
        self.assertEqual((removed, len(left)), ([str(self.machine_id)], 1))


if __name__ == "__main__":
    unittest.main()
