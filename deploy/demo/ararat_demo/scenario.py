"""The scenes, in order. Each fills its part of the result and says what it saw."""

import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from . import checks
from .dns import DnsError, resolve
from .estate import DATABASE_NAME, FILES_NAME, HOUSING_NAME, NAME_SERVERS, REPORTS_NAME, REPORTS_PORT, WITHOUT_AGENT
from .observer import downtime, start_prober, start_writer, writes
from .plan_facts import PlanFacts
from .programs import DemoError
from .show import seconds

PEOPLE = {"alice": ["engineer"], "harriet": ["approver", "housing-owner"],
          "carol": ["approver", "change-board"], "lena": ["lead"]}
AGENTS_WAIT_S = 60
STEP_WAIT_S = 120
# The copy that is interrupted: slow enough to be under way for seconds, and a quarter done when it is.
COPY_RATE = "200mbit"
COPIED_BEFORE_KILL = 50 * 1024 * 1024
COPY_STEP, COPY_CHANNEL = "files/share/precopy", "files/share/tree"


class Scenario:
    def __init__(self, show, lab, programs, source):
        self.show, self.lab, self.programs, self.source = show, lab, programs, source
        self.plan_file = source / "plans" / "demo" / "housing-exit.yaml"
        self.facts = PlanFacts(self.plan_file)
        self.result = {"applications": {}, "runs": {}, "checks": []}
        self.observers = []

    def check(self, ok, text, application=None):
        entry = {"held": bool(ok), "text": text}
        self.result["checks"].append(entry)
        if application is not None:
            self.of(application)["checks"].append(entry)
        return self.show.check(ok, text)

    def of(self, application):
        """The result's part about one application."""
        return self.result["applications"].setdefault(application, {"bytes_moved": 0, "checks": []})

    # --- before anything moves ---
    def set_up(self):
        self.show.heading("An orchestrator, its certificate authority, and people with roles")
        self.programs.initialise("housing-exit", PEOPLE)
        self.programs.start()
        for name, roles in PEOPLE.items():
            self.show.line(f"{name}: {', '.join(roles)}")

    def plan(self):
        self.show.heading("The plan: checked, compared with what is in force, saved, and applied exactly")
        plan = str(self.plan_file)
        saved = str(self.programs.state / "housing-exit.plan")
        self.programs.run("alice", "lint", plan, capture=False)
        self.programs.run("alice", "plan", plan, "--out", saved, capture=False)
        self.programs.run("alice", "apply", saved, capture=False)

    def install_agents(self):
        self.show.heading("Agents onto the hosts over SSH, host keys pinned; one host has none")
        status = self.lab.status()
        for host in status["hosts"]:
            self.programs.run("admin", "host", "pin", host["name"], host["ssh_host_key"])
        wanted = [host["name"] for host in status["hosts"] if host["name"] not in WITHOUT_AGENT]
        began = time.monotonic()
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(lambda host: self.programs.run("admin", "agent", "install", host, "--via", "ssh"), wanted))
        deadline = time.monotonic() + AGENTS_WAIT_S
        while True:
            hosts = {view["host"]["id"]: view["state"] for view in self.programs.json("alice", "host", "list")["hosts"]}
            down = [host for host, state in hosts.items() if state != "up"]
            if not down:
                break
            if time.monotonic() > deadline:
                raise DemoError(f"these hosts do not answer: {', '.join(down)}")
            time.sleep(0.2)
        self.show.line(f"{len(wanted)} agents installed and enrolled, {', '.join(WITHOUT_AGENT)} over SSH, "
                       f"in {time.monotonic() - began:.1f} s")

    def approve(self):
        self.show.heading("Approvals, signed by others than the plan's author")
        for wave in ("wave-housing", "wave-reports", "wave-files"):
            self.programs.run("harriet", "approval", "grant", f"{wave}/cutover", "-m", "tenants are told")
            self.programs.run("carol", "approval", "grant", f"{wave}/cutover", "-m", "change 1042")
            self.programs.run("carol", "approval", "grant", f"{wave}/retirement", "-m", "change 1042")
        code, _ = self.programs.run("alice", "approval", "grant", "wave-housing/cutover", check=False)
        self.check(code == 4, "the author cannot approve her own plan")
        self.programs.run("alice", "approval", "list", capture=False)

    # --- helpers of the scenes that move something ---
    def start_run(self, wave):
        return self.programs.run("alice", "wave", "run", wave)[1].strip()

    def watch(self, run):
        return self.programs.run("alice", "run", "watch", run, check=False, capture=False)[0]

    def describe(self, run):
        return self.programs.json("alice", "run", "describe", run)

    def observe(self, observer):
        self.observers.append(observer)
        return observer

    def note_run(self, run, description, application):
        tasks = description["run"]["tasks"]
        moved = checks.moved_bytes(description)
        self.result["runs"][run] = {
            "status": description["run"]["status"],
            "steps": len(tasks),
            "retries": sum(max(0, task["attempts"] - 1) for task in tasks),
            "back_outs": sum(group["state"] == "GROUP_STATE_BACKED_OUT" for group in description["run"]["groups"]),
            "bytes": moved,
        }
        self.of(application)["bytes_moved"] += moved

    def check_data(self, description, application):
        databases, trees = checks.digests(description), checks.trees(description)
        for task, source, target, rows in databases:
            self.check(source and source == target, f"{task}: {rows} rows, the same checksum on both sides",
                       application)
        for task, files, _, differing in trees:
            self.check(differing == 0, f"{task}: {files} files, none differs by checksum", application)
        if not databases and not trees:
            self.check(False, f"something of {application} was compared", application)

    def check_names(self, application, expected):
        for name, addresses in expected.items():
            answers = checks.where(name)
            self.check(all(answer == sorted(addresses) for answer in answers.values()),
                       f"{name} is {' '.join(sorted(addresses))} on every name server", application)

    def judge_downtime(self, application, pages, longest_s):
        """Against what the plan says: the outage of this cutover, and what a month's availability leaves."""
        outage, budget = self.facts.outage_s(application), self.facts.budget_s(application)
        self.of(application).update({
            "downtime_seconds": round(pages.seconds, 3), "longest_outage_seconds": round(longest_s, 3),
            "outage_allowed_seconds": outage, "budget_seconds": budget,
            "pages_asked": pages.requests, "pages_failed": pages.failed,
        })
        for problem in pages.problems:
            self.show.line(f"a page failed with: {problem}")
        self.check(longest_s <= outage, f"longest time without service: {seconds(longest_s)}; "
                   f"the plan allows {seconds(outage)}", application)
        self.check(pages.seconds <= budget, f"downtime in all: {seconds(pages.seconds)}; "
                   f"the month's budget is {budget / 60:.0f} min", application)

    def wait_for(self, run, task, good, what):
        """The task's view once `good` holds of it and of its run."""
        deadline = time.monotonic() + STEP_WAIT_S
        while time.monotonic() < deadline:
            view = self.describe(run)["run"]
            found = next((entry for entry in view["tasks"] if entry["id"] == task), None)
            if found is not None and good(found, view):
                return found
            time.sleep(0.05)
        raise DemoError(f"{task} did not become {what}")

    # --- housing ---
    def move_housing(self):
        self.show.heading("Housing moves, while tenants read its pages and a client writes without a pause")
        state = self.programs.state
        prober = self.observe(start_prober(HOUSING_NAME, 80, "Housing", state / "housing-pages.jsonl"))
        writer = self.observe(start_writer(state / "housing-writes.jsonl"))
        time.sleep(2)
        run = self.start_run("wave-housing")
        code = self.watch(run)
        time.sleep(2)
        writer.stop()
        prober.stop()
        description = self.describe(run)
        self.note_run(run, description, "housing")
        if not self.check(code == 0, "the wave succeeded", "housing"):
            self.programs.run("alice", "run", "describe", run, check=False, capture=False)
        pages, written = downtime(prober.rows()), writes(writer.rows())
        missing, twice = checks.missing_writes(self.lab, written.numbers)
        self.of("housing").update({
            "writes_acknowledged": written.acknowledged, "writes_found": written.acknowledged - len(missing),
            "writes_paused_seconds": round(written.longest_pause, 3),
        })
        self.show.line(f"{pages.requests} pages asked for, {pages.failed} failed; {written.acknowledged} writes "
                       f"acknowledged, longest pause between two {seconds(written.longest_pause)}")
        self.check(not missing, f"every acknowledged write is in the target's database ({written.acknowledged})",
                   "housing")
        self.check(not twice, "no write is there twice", "housing")
        # A tenant who reports a repair is without service while writes pause, though every page comes.
        self.judge_downtime("housing", pages, max(pages.longest, written.longest_pause))
        self.check_data(description, "housing")
        self.check_names("housing", {HOUSING_NAME: ["198.18.2.13", "198.18.3.14"], DATABASE_NAME: ["198.18.2.11"]})

    # --- an injected failure ---
    def fail_reports(self):
        self.show.heading("Reports: something goes wrong on the target, and the move is backed out")
        prober = self.observe(start_prober(REPORTS_NAME, REPORTS_PORT, "Reports",
                                           self.programs.state / "reports-pages.jsonl"))
        time.sleep(1)
        # Another program holds the port that the application needs: found only after the source was quieted.
        self.lab.inside("sec-rep1", "systemd-run", "--unit=demo-obstacle", "--quiet",
                        "/usr/bin/python3", "-m", "http.server", str(REPORTS_PORT))
        run = self.start_run("wave-reports")
        self.tell_service_desk(run)
        code = self.watch(run)
        self.note_run(run, self.describe(run), "reports")
        self.check(code == 7, "the run ended as backed out", "reports")
        time.sleep(1)
        self.check(self.page_says(REPORTS_NAME, REPORTS_PORT, "Reports"), "the source serves reports again", "reports")
        self.check_names("reports", {REPORTS_NAME: ["198.18.1.31"]})
        self.programs.run("alice", "why", "wave-reports", check=False, capture=False)
        self.lab.inside("sec-rep1", "systemctl", "stop", "demo-obstacle.service")

        self.show.heading("Reports: the obstacle is gone, and the wave is run again")
        again = self.start_run("wave-reports")
        self.tell_service_desk(again)
        self.check(self.watch(again) == 0, "the wave succeeded", "reports")
        time.sleep(1)
        prober.stop()
        description = self.describe(again)
        self.note_run(again, description, "reports")
        self.check_data(description, "reports")
        self.check_names("reports", {REPORTS_NAME: ["198.18.3.31"]})
        pages = downtime(prober.rows())
        self.judge_downtime("reports", pages, pages.longest)

    def tell_service_desk(self, run):
        """A step that a person does: the cutover waits until somebody says that it is done."""
        task = "reports/people/tell-service-desk"
        self.wait_for(run, task, lambda view, _: view["state"] == "TASK_STATE_OPEN", "open")
        self.programs.run("alice", "why", task, "--run", run, check=False, capture=False)
        self.programs.run("alice", "run", "complete", run, task, "-m", "told Joan at 19:02")
        self.show.line("alice told the service desk, and said so")

    def page_says(self, name, port, text):
        for _ in range(20):
            try:
                address = resolve(name, NAME_SERVERS)[0]
                with urllib.request.urlopen(f"http://{address}:{port}/", timeout=2) as answer:
                    if text in answer.read().decode("utf-8", "replace"):
                        return True
            except (OSError, DnsError):
                pass
            time.sleep(0.25)
        return False

    # --- kill -9 ---
    def kill_orchestrator(self):
        self.show.heading("The file share moves from a host without an agent; "
                          "kill -9 of the orchestrator in the middle")
        prober = self.observe(start_prober(FILES_NAME, 80, "Index of", self.programs.state / "files-pages.jsonl"))
        self.lab.limit("ark-fs1", COPY_RATE)
        run = self.start_run("wave-files")
        argv, environment = self.programs.command("alice", "run", "watch", run)
        with subprocess.Popen(argv, env=environment, stdin=subprocess.DEVNULL) as watcher:
            self.wait_for(run, COPY_STEP, is_half_copied, "half copied")
            self.programs.kill()
            self.show.line("-- orchestrator killed with signal 9, the copy under way --")
            self.lab.limit("ark-fs1", "off")
            time.sleep(1)
            self.programs.start()
            self.show.line("-- orchestrator started again --")
            code = watcher.wait()
        time.sleep(1)
        prober.stop()
        description = self.describe(run)
        self.note_run(run, description, "files")
        self.check(code == 0, "the wave that was interrupted finished", "files")
        self.judge_attempts(run)
        self.check_data(description, "files")
        self.check_names("files", {FILES_NAME: ["198.18.2.21"]})
        pages = downtime(prober.rows())
        self.judge_downtime("files", pages, pages.longest)

    def judge_attempts(self, run):
        """The hosts' witnesses count what ran; the journal tells what came of it."""
        counts = checks.witnessed(self.lab.witness())
        twice, repeated = checks.done_twice(counts, run)
        answered_twice, succeeded_twice = checks.succeeded_twice(self.programs.journal("alice"), run)
        self.result["witness"] = {"executions": sum(counts.values()), "twice": twice, "repeated_steps": repeated,
                                  "answered_twice": answered_twice, "succeeded_twice": succeeded_twice}
        self.check(sum(counts.values()) > 0 and not twice and not answered_twice,
                   f"no attempt ran twice ({sum(counts.values())} executions counted by the hosts' witnesses)", "files")
        self.check(not succeeded_twice, "no step of the interrupted run was done twice: one success each", "files")
        # The copy came through the orchestrator's own SSH session, which died with it. Whatever went from agent to
        # agent, or ran on a host, did not notice.
        self.check(set(repeated) <= {COPY_STEP},
                   "only the copy that the orchestrator itself carried was begun again: "
                   f"{', '.join(repeated) or 'none'}", "files")


def is_half_copied(task, run):
    """Under way, and far enough from both its ends."""
    copied = sum(int(view["bytes"]) for view in run["progress"] if view["channel"] == COPY_CHANNEL)
    return task["state"] == "TASK_STATE_RUNNING" and copied >= COPIED_BEFORE_KILL
