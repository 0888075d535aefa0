"""Tests of the lab with real hosts: the smoke estate, in a network namespace and folder of its own.

Needs root and what the lab needs; says so and passes over when it has not. A lab that is up is not touched.
Run: python3 tests/lab/test_lab.py
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LAB = PROJECT / "deploy" / "lab" / "lab"
SMOKE = PROJECT / "deploy" / "lab" / "smoke.yaml"
STATE = "/var/lib/ararat-lab-test"
NEEDED = ("systemd-nspawn", "mmdebstrap", "nsenter", "unshare", "ip", "ssh", "cc")
COMMAND_TIMEOUT_S = 900  # the first one may have to build the image
ARK, PRI = "198.18.1.51", "198.18.2.51"


def why_not():
    if os.geteuid() != 0:
        return "root is needed"
    missing = [name for name in NEEDED if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def lab(*arguments, check=True):
    done = subprocess.run([str(LAB), *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=COMMAND_TIMEOUT_S, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"lab {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def hosts():
    return {host["name"]: host for host in json.loads(lab("status", "-o", "json").stdout)["hosts"]}


def traces():
    """What the machine has of the test's lab, asked without the lab's own code."""
    found = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if STATE in line]
    found += [line for line in output("ip", "route").splitlines() if "198.18." in line]
    found += [line for line in output("ip", "-o", "link").splitlines() if ": lab" in line]
    found += processes_below(STATE)
    return found + ([STATE] if os.path.exists(STATE) else [])


def control_groups():
    """Top groups of every lab on this machine, the test's own and others."""
    patterns = ("ararat[-_]lab*", "*/ararat[-_]lab*")
    return {path for pattern in patterns for path in Path("/sys/fs/cgroup").glob(pattern)}


def processes_below(folder):
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if f"--directory={folder}/" in line:
                found.append(f"{entry.name} {line}")
    return found


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def answers(address):
    try:
        with socket.create_connection((address, 22), timeout=1):
            return True
    except OSError:
        return False


def eventually(condition, timeout_s=30):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


class UpLab(unittest.TestCase):
    """One estate for all tests; each leaves both hosts running and connected."""

    @classmethod
    def setUpClass(cls):
        lab("down")
        cls.addClassCleanup(lab, "down")
        lab("up", str(SMOKE))

    def test_both_hosts_run_and_take_ssh_under_their_own_names(self):
        for name in ("ark-a", "pri-a"):
            self.assertEqual(hosts()[name]["state"], "running")
            self.assertEqual(lab("ssh", name, "hostname").stdout.strip(), name)
        self.assertGreater(int(lab("ssh", "ark-a", "find /srv/data -type f | wc -l").stdout), 1000)

    def test_hosts_have_keys_of_their_own(self):
        keys = {host["ssh_host_key"] for host in hosts().values()}
        self.assertEqual(len(keys), 2)
        shown = output("ssh-keyscan", "-t", "ed25519", ARK).split()
        self.assertEqual(" ".join(shown[1:3]), hosts()["ark-a"]["ssh_host_key"])

    def test_second_up_boots_nothing(self):
        before = {name: host["pid"] for name, host in hosts().items()}
        done = lab("up", str(SMOKE))
        self.assertIn("0 hosts booted", done.stderr)
        self.assertEqual(before, {name: host["pid"] for name, host in hosts().items()})

    def test_another_estate_is_refused_while_one_is_up(self):
        other = Path(STATE, "other.yaml")
        other.write_text(SMOKE.read_text().replace("lab: smoke", "lab: other"))
        done = lab("up", str(other), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("run `lab down` first", done.stderr)

    def test_sites_reach_each_other_and_nothing_else(self):
        self.assertEqual(lab("ssh", "ark-a", f"ping -c1 -W2 {PRI}").returncode, 0)
        refused = lab("ssh", "ark-a", "ping -c1 -W2 192.0.2.1", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("Unreachable", refused.stdout + refused.stderr)
        namespace = json.loads(lab("status", "-o", "json").stdout)["network_namespace"]
        routes = output("nsenter", f"--net=/run/netns/{namespace}", "ip", "route")
        self.assertNotIn("default", routes)

    def test_exec_starts_inside_the_host_and_not_in_a_folder_of_the_machine(self):
        done = lab("exec", "ark-a", "sh", "-c", "readlink /proc/self/cwd; stat -c %d:%i . /")
        folder, here, root = done.stdout.split()
        self.assertEqual(folder, "/")
        self.assertEqual(here, root)

    def test_cut_and_heal(self):
        lab("cut", "pri-a")
        self.assertEqual(hosts()["pri-a"]["state"], "cut")
        self.assertFalse(answers(PRI))
        self.assertTrue(answers(ARK))
        lab("heal", "pri-a")
        self.assertTrue(eventually(lambda: answers(PRI)))

    def test_kill_is_a_power_loss_and_start_brings_back_what_was_written(self):
        lab("ssh", "pri-a", "echo kept > /root/kept; sync; sleep 1000 > /dev/null 2>&1 &")
        lab("kill", "pri-a")
        self.assertEqual(hosts()["pri-a"]["state"], "off")
        self.assertEqual([line for line in processes_below(STATE) if "pri-a" in line], [])
        self.assertIn("off already", lab("kill", "pri-a").stdout)
        self.assertIn("is off", lab("cut", "pri-a", check=False).stderr)
        lab("start", "pri-a")
        self.assertIn("running already", lab("start", "pri-a").stdout)
        after = lab("ssh", "pri-a", "cat /root/kept; pgrep -c sleep || true")
        self.assertEqual(after.stdout.split(), ["kept", "0"])

    def test_power_off_from_inside_and_up_again(self):
        lab("exec", "pri-a", "systemctl", "poweroff", check=False)
        self.assertTrue(eventually(lambda: hosts()["pri-a"]["state"] == "off"))
        self.assertIn("1 hosts booted", lab("up", str(SMOKE)).stderr)

    def test_reboot_from_inside_is_a_new_boot_of_the_same_host(self):
        first = hosts()["pri-a"]["pid"]
        lab("exec", "pri-a", "systemctl", "reboot", check=False)
        self.assertTrue(eventually(lambda: hosts()["pri-a"]["pid"] not in (None, first)))
        self.assertTrue(eventually(lambda: lab("ssh", "pri-a", "true", check=False).returncode == 0))

    def test_limit_shapes_both_directions_and_goes_away(self):
        namespace = json.loads(lab("status", "-o", "json").stdout)["network_namespace"]

        def shapers():
            show = ("tc", "qdisc", "show", "dev")
            outer = output("nsenter", f"--net=/run/netns/{namespace}", *show, "vb-ark-a")
            inner = output("nsenter", "-t", str(hosts()["ark-a"]["pid"]), "-n", *show, "host0")
            return (outer + inner).count("tbf")

        lab("limit", "ark-a", "50mbit")
        self.assertEqual(shapers(), 2)
        lab("limit", "ark-a", "off")
        self.assertEqual(shapers(), 0)
        self.assertIn("not a rate", lab("limit", "ark-a", "fast", check=False).stderr)

    def test_witness_counts_a_step_once_and_each_repetition(self):
        step = "ARARAT_STEP_KEY='p|r|copy|forward|1|perform' sh -c 'ls / > /dev/null; true'"
        with_tab = "ARARAT_STEP_KEY=$(printf 'two\\twords') /bin/true"
        lab("ssh", "ark-a", f"{step}; {step}; {with_tab}; ls > /dev/null")
        lab("ssh", "pri-a", step)
        entries = json.loads(lab("witness", "-o", "json").stdout)
        counts = {}
        for entry in entries:
            counts[entry["host"], entry["key"]] = counts.get((entry["host"], entry["key"]), 0) + 1
        self.assertEqual(counts["ark-a", "p|r|copy|forward|1|perform"], 2)
        self.assertEqual(counts["ark-a", "two?words"], 1)
        self.assertEqual(counts["pri-a", "p|r|copy|forward|1|perform"], 1)
        only = json.loads(lab("witness", "pri-a", "-o", "json").stdout)
        self.assertEqual({entry["host"] for entry in only}, {"pri-a"})

    def test_unknown_host_is_refused_by_name(self):
        done = lab("cut", "nobody", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no host 'nobody' in this lab (there are: ark-a, pri-a)", done.stderr)


class DownLab(unittest.TestCase):
    def setUp(self):
        self.addCleanup(lab, "down")

    def test_down_leaves_the_blackhole_of_another_lab(self):
        other = ["198.18.0.0/15", "metric", "4095"]
        subprocess.run(["ip", "route", "add", "blackhole", *other], check=True)
        self.addCleanup(subprocess.run, ["ip", "route", "delete", "blackhole", *other], check=True)
        lab("up", str(SMOKE))
        self.assertEqual(output("ip", "route").count("blackhole"), 2)
        lab("down")
        self.assertEqual(output("ip", "route").count("blackhole 198.18.0.0/15 metric 4095"), 1)
        self.assertEqual(output("ip", "route").count("blackhole"), 1)

    def test_down_leaves_nothing_and_may_be_repeated(self):
        groups = control_groups()
        lab("up", str(SMOKE))
        self.assertNotEqual(traces(), [])
        self.assertNotEqual(control_groups(), groups)
        self.assertIn("nothing is left", lab("down").stdout)
        self.assertEqual(traces(), [])
        self.assertEqual(control_groups(), groups)
        self.assertIn("nothing was up", lab("down").stdout)

    def test_down_after_up_was_killed_at_any_moment(self):
        for delay_s in (0.1, 0.2, 0.3, 0.4, 0.6, 0.8):
            with self.subTest(delay_s):
                killed = self.up_and_kill_after(delay_s)
                lab("down")
                self.assertEqual(traces(), [], f"killed: {killed}")

    def test_up_completes_what_a_killed_up_began(self):
        self.up_and_kill_after(0.4)
        lab("up", str(SMOKE))
        self.assertEqual({host["state"] for host in hosts().values()}, {"running"})

    @staticmethod
    def up_and_kill_after(delay_s):
        """Only this very process: what it started is for `down` to find."""
        process = subprocess.Popen([str(LAB), "up", str(SMOKE)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
        return process.wait() == -signal.SIGKILL


def main():
    reason = why_not()
    if reason:
        print(f"skipped: the lab's tests with real hosts: {reason}")
        return 0
    if os.environ.get("ARARAT_LAB_TEST") != "inside":
        environment = {**os.environ, "ARARAT_LAB_TEST": "inside", "ARARAT_LAB_DIR": STATE}
        script = 'ip link set lo up && exec "$@"'
        os.execvpe("unshare", ["unshare", "--net", "--", "sh", "-c", script, "sh", sys.executable,
                               os.path.abspath(__file__), *sys.argv[1:]], environment)
    unittest.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
