"""The scripts of the action library that need no server: with programs of the same name in their place, and files in a
folder of their own.

Run: python3 tests/actions/action_scripts_test.py
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ACTIONS = Path(__file__).resolve().parents[2] / "plans" / "actions"
KEY = "exit|wave-1.1|files/share/configure|forward|1|perform"


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "bin").mkdir()
        self.outputs = self.folder / "outputs"
        self.environment = {"PATH": f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "ARARAT_STEP_KEY": KEY,
                            "ARARAT_OUTPUT": str(self.outputs), "FOLDER": str(self.folder), "LANG": "C.UTF-8"}

    def program(self, name, script):
        path = self.folder / "bin" / name
        path.write_text("#!/bin/bash\n" + script, encoding="utf-8")
        path.chmod(0o755)

    def run_script(self, path, *arguments, expected=0):
        done = subprocess.run([str(path), *arguments], env=self.environment, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, check=False, timeout=60)
        self.assertEqual(done.returncode, expected, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def reported(self):
        return dict(line.split("=", 1) for line in self.outputs.read_text(encoding="utf-8").splitlines())


class OwnAction(Scripts):
    """The sample of an action that stands beside a plan."""

    def test_every_page_is_opened_and_one_that_does_not_open_is_named(self):
        script = ACTIONS.parent / "own-action" / "actions" / "warm-pages" / "warm-pages.sh"
        self.program("curl", 'echo "${@: -1}" >>"$FOLDER/opened"; [ "${@: -1}" != http://192.0.2.7/gone ]')
        self.assertIn("opened 2 pages on 192.0.2.7", self.run_script(script, "192.0.2.7", "/ /news"))
        self.assertEqual(self.reported(), {"pages": "2"})
        self.assertEqual((self.folder / "opened").read_text(encoding="utf-8").split(),
                         ["http://192.0.2.7/", "http://192.0.2.7/news"])
        self.assertIn("/gone does not open", self.run_script(script, "192.0.2.7", "/ /gone", expected=1))


class SameText(Scripts):
    def test_equal_and_different(self):
        script = ACTIONS / "same-text" / "same-text.sh"
        self.assertIn("is the same", self.run_script(script, "abc", "abc", "the checksum"))
        self.assertIn("the checksum differs: 'abc' on one side, 'abd' on the other",
                      self.run_script(script, "abc", "abd", "the checksum", expected=1))
        self.run_script(script, "", "", "the checksum", expected=1)
        self.run_script(script, "(", "!", "the checksum", expected=1)


class DnsSwap(Scripts):
    """dig answers from files: FOLDER/SERVER.A and FOLDER/SERVER.serial; NS and their addresses from FOLDER/names."""

    OLD, NEW, PRIMARY, SECOND = "192.0.2.1", "192.0.2.2", "198.51.100.1", "198.51.100.2"

    def setUp(self):
        super().setUp()
        self.program("dig", r'''
server=""
answer() {
    case $2 in
        NS) echo ns1.example.; echo ns2.example. ;;
        A) if [[ $1 == ns?.example. ]]; then cat "$FOLDER/$1" 2>/dev/null; else while read -r line; do
               echo "$line${identify:+ from server $server in 0 ms.}"; done <"$FOLDER/$server.A"; fi ;;
        CNAME) cat "$FOLDER/alias" 2>/dev/null ;;
        SOA) echo "ns1.example. h.example. $(cat "$FOLDER/$server.serial") 5 1 86400 1 from server $server in 1 ms." ;;
    esac
}
word="" type=""
flush() { [ -z "$type" ] || answer "$word" "$type"; word="" type=""; }
for argument in "$@"; do
    case $argument in
        +identify) identify=1 ;;
        +*) ;;
        @*) server=${argument#@} ;;  # of the question before it, or of all when it is the first word
        A | CNAME | NS | SOA) type=$argument ;;
        *) flush; word=$argument ;;
    esac
done
flush
''')
        self.program("nsupdate", 'cat >"$FOLDER/update"')
        for server in (self.PRIMARY, self.SECOND):
            self.answer(server, [self.NEW, "192.0.2.9"], 7)
        (self.folder / "ns1.example.").write_text(self.PRIMARY + "\n", encoding="ascii")
        (self.folder / "ns2.example.").write_text(self.SECOND + "\n", encoding="ascii")

    def answer(self, server, addresses, serial):
        (self.folder / f"{server}.A").write_text("".join(f"{address}\n" for address in addresses), encoding="ascii")
        (self.folder / f"{server}.serial").write_text(f"{serial}\n", encoding="ascii")

    def swap(self, mode, expected=0, add=NEW, servers=None):
        return self.run_script(ACTIONS / "dns-swap" / "dns-swap.sh", mode, "example", "www.example", self.OLD, add, "1",
                               self.PRIMARY, servers or f"{self.PRIMARY} {self.SECOND}", "/key", expected=expected)

    def test_change_is_one_update(self):
        self.swap("change")
        self.assertEqual((self.folder / "update").read_text(encoding="utf-8").splitlines(), [
            f"server {self.PRIMARY}", "zone example", f"update delete www.example. A {self.OLD}",
            f"update add www.example. 1 A {self.NEW}", "send"])

    def refuse(self, words="update failed: REFUSED", status=2):
        self.program("nsupdate", f'cat >"$FOLDER/update"; echo "{words}" >&2; exit {status}')

    def test_a_refusal_names_the_server(self):
        self.refuse()
        last = self.swap("change", 2).splitlines()[-1]
        for words in (self.PRIMARY, "www.example", "REFUSED"):
            self.assertIn(words, last)

    def test_a_refused_undoing_of_what_never_took_effect_is_no_failure(self):
        self.refuse()
        for server in (self.PRIMARY, self.SECOND):
            self.answer(server, [self.OLD], 7)
        self.assertIn(f"have {self.OLD} at serial 7", self.swap("change-back"))
        self.answer(self.SECOND, [self.NEW], 7)
        self.assertIn(f"{self.SECOND} does not have {self.OLD} yet", self.swap("change-back", 2))

    def test_an_undoing_without_an_answer_proves_nothing(self):
        # What was sent before may still be on its way.
        self.refuse(f"; Communication with {self.PRIMARY}#53 failed: timed out", 1)
        for server in (self.PRIMARY, self.SECOND):
            self.answer(server, [self.OLD], 7)
        self.assertIn("timed out", self.swap("change-back", 1))

    def test_an_alias_is_not_changed_and_its_target_does_not_count(self):
        (self.folder / "alias").write_text("www2.example.\n", encoding="ascii")
        self.assertIn("www.example is an alias of www2.example.: change that name", self.swap("change", 1))
        self.assertFalse((self.folder / "update").exists())
        self.answer(self.SECOND, ["www2.example.", "www3.example.", self.NEW], 7)
        self.assertIn(f"is an alias of www2.example. on {self.SECOND}", self.swap("seen", 1))

    def test_seen_everywhere(self):
        self.assertIn(f"have {self.NEW} at serial 7", self.swap("seen"))

    def test_a_server_that_the_plan_forgot_is_asked_too(self):
        self.answer(self.SECOND, [self.OLD], 6)
        self.assertIn(f"{self.SECOND} does not have {self.NEW} yet", self.swap("seen", 1, servers=self.PRIMARY))
        self.swap("on-primary", servers=self.PRIMARY)

    def test_both_addresses_are_not_a_swap(self):
        self.answer(self.SECOND, [self.NEW, self.OLD], 7)
        self.assertIn(f"{self.SECOND} still has {self.OLD}", self.swap("seen", 1))

    def test_an_address_that_only_begins_alike_is_another_one(self):
        self.answer(self.SECOND, [self.NEW + "0"], 7)
        self.assertIn("does not have", self.swap("seen", 1))

    def test_serials_have_to_agree(self):
        self.answer(self.SECOND, [self.NEW], 8)
        self.assertIn("serials differ", self.swap("seen", 1))

    def test_a_name_server_without_an_address_proves_nothing(self):
        (self.folder / "ns2.example.").unlink()
        self.program("getent", "exit 2")
        self.assertIn("no address is known for the name server ns2.example.", self.swap("seen", 1))

    def test_a_server_that_the_plan_names_by_a_name_is_asked_by_its_address(self):
        self.program("getent", f'[ "$2" = ns2.council ] && echo "{self.SECOND} STREAM ns2.council"')
        self.assertIn(f"have {self.NEW} at serial 7", self.swap("seen", servers=f"{self.PRIMARY} ns2.council"))
        self.assertIn("no address is known for the name server ns9.council",
                      self.swap("seen", 1, servers="ns9.council"))

    def test_addresses_that_cannot_be_a_records(self):
        self.assertIn("is an IPv6 address", self.swap("change", 1, add="2001:db8::1"))
        self.assertIn("is not a name", self.swap("change", 1, add="192.0.2.2\nupdate"))
        self.assertFalse((self.folder / "update").exists())


class NginxSite(Scripts):
    """The script as it is shipped, but for the folders it writes to."""

    def setUp(self):
        super().setUp()
        text = (ACTIONS / "nginx-site" / "nginx-site.sh").read_text(encoding="utf-8")
        self.script = self.folder / "nginx-site.sh"
        self.script.write_text(text.replace("/etc/nginx", f"{self.folder}/nginx").replace("/var/lib", str(self.folder)),
                               encoding="utf-8")
        self.script.chmod(0o755)
        for folder in ("conf.d", "sites-enabled"):
            (self.folder / "nginx" / folder).mkdir(parents=True)
        self.site = self.folder / "nginx" / "conf.d" / "share.conf"
        self.default = self.folder / "nginx" / "sites-enabled" / "default"
        self.default.symlink_to("../sites-available/default")
        self.program("nginx", '[ ! -e "$FOLDER/refuses" ] || { echo "no such directive" >&2; exit 1; }')
        self.program("systemctl", 'case "$*" in is-active*) [ -e "$FOLDER/active" ] ;; *" --now nginx")'
                     ' case $1 in enable) : >"$FOLDER/active" ;; *) rm -f "$FOLDER/active" ;; esac ;; esac')

    def apply(self, expected=0):
        return self.run_script(self.script, "apply", "share", "", "/srv/share", "80", expected=expected)

    def restore(self):
        self.run_script(self.script, "restore", "share", "", "", "80")

    def test_undo_brings_back_what_was_there_before_the_first_attempt(self):
        self.site.write_text("# the one before\n", encoding="utf-8")
        (self.folder / "active").touch()
        self.apply()
        self.assertIn("root /srv/share", self.site.read_text(encoding="utf-8"))
        self.assertFalse(self.default.is_symlink())
        self.apply()
        self.restore()
        self.assertEqual(self.site.read_text(encoding="utf-8"), "# the one before\n")
        self.assertTrue(self.default.is_symlink())
        self.assertTrue((self.folder / "active").exists())

    def test_undo_takes_away_what_was_not_there(self):
        self.apply()
        self.assertTrue((self.folder / "active").exists())
        self.restore()
        self.assertFalse(self.site.exists())
        self.assertFalse((self.folder / "active").exists())
        self.restore()

    def test_undo_of_a_step_that_changed_nothing_changes_nothing(self):
        self.site.write_text("# another one's\n", encoding="utf-8")
        self.restore()
        self.assertEqual(self.site.read_text(encoding="utf-8"), "# another one's\n")

    def test_a_later_run_keeps_its_own(self):
        self.apply()
        self.site.write_text("# by hand, later\n", encoding="utf-8")
        self.environment["ARARAT_STEP_KEY"] = KEY.replace("wave-1.1", "wave-1.2")
        self.apply()
        self.restore()
        self.assertEqual(self.site.read_text(encoding="utf-8"), "# by hand, later\n")

    def test_a_configuration_that_nginx_refuses_does_not_stay(self):
        self.site.write_text("# the one before\n", encoding="utf-8")
        (self.folder / "refuses").touch()
        self.assertIn("no such directive", self.apply(expected=1))
        self.assertEqual(self.site.read_text(encoding="utf-8"), "# the one before\n")


class Preflight(Scripts):
    DEFAULTS = {"path": "/", "free": "1 KiB", "commands": "sh", "reach": "", "reach_port": "", "not_before": "0",
                "clock_within": "2000", "version_command": "", "version": "", "version_min": ""}

    def preflight(self, expected=0, **given):
        values = {**self.DEFAULTS, **given}
        return self.run_script(ACTIONS / "preflight" / "preflight.sh", *values.values(), expected=expected)

    def test_says_everything_that_is_wrong(self):
        said = self.preflight(1, free="900 PiB", commands="sh no-such-program")
        self.assertIn("bytes free", said)
        self.assertIn("the program no-such-program is not installed", said)

    def test_versions(self):
        self.program("server", "echo 'server (Distribution 15.14-0) 15.14'")
        self.preflight(version_command="server --version", version="15", version_min="15.9")
        self.assertEqual((self.reported()["version"], self.reported()["version_major"]), ("15.14", "15"))
        for wanted in ("1", "15.1", "16"):
            self.assertIn(f"server has version 15.14, wanted is {wanted}",
                          self.preflight(1, version_command="server --version", version=wanted))
        self.assertIn("at least 15.20 is wanted", self.preflight(1, version_command="server", version_min="15.20"))
        self.assertIn("does not tell its version", self.preflight(1, version_command="/no/such/server --version"))

    def test_the_clock_behind_the_reference(self):
        now = int(time.time() * 1000)
        self.preflight(not_before=str(now + 1000))
        self.assertIn("behind the other host's", self.preflight(1, not_before=str(now + 60_000)))
        self.assertGreaterEqual(int(self.reported()["time_unix_ms"]), now)

    def test_reach(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.preflight(reach=f"127.0.0.1:{port}")
            self.preflight(reach="127.0.0.1", reach_port=str(port))
        self.assertIn(f"127.0.0.1 port {port} does not answer", self.preflight(1, reach=f"127.0.0.1:{port}"))


class HostSilent(Scripts):
    def silent(self, port, control="", expected=0):
        return self.run_script(ACTIONS / "host-silent" / "host-silent.sh", "127.0.0.1", str(port), control,
                               expected=expected)

    def test_a_host_that_answers_is_on(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.assertIn("accepted, so the host is on", self.silent(port, expected=1))
        self.assertIn("refused, so the host is on", self.silent(port, expected=1))

    def test_silence_counts_only_beside_a_control(self):
        # `timeout` stands for a network that swallows what is sent: 124 is its own exit code.
        self.program("timeout", 'case "$*" in *" 127.0.0.1 9") exit 124 ;; esac; shift; exec "$@"')
        self.assertIn("gives no answer", self.silent(9))
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.silent(9, f"127.0.0.1:{port}")
        self.assertIn("silence would prove nothing", self.silent(9, f"127.0.0.1:{port}", expected=1))


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(0 if unittest.main(exit=False).result.wasSuccessful() else 1)
