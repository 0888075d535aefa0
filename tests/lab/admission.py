"""Agents that may not be let in: a certificate that has expired, a program of the former protocol."""

import subprocess
from pathlib import Path

from rig import BUILD, RIG, SOURCE, STATE, FaultTest

ENDED = "its certificate expired at "
OURS = "/var/lib/ararat"


def into(host, file, path, mode):
    """A file of the machine put onto a host, whole."""
    with open(file, "rb") as content:
        subprocess.run([str(SOURCE / "deploy" / "lab" / "lab"), "exec", host, "sh", "-c",
                        f"cat >{path}.new && chmod {mode} {path}.new && mv {path}.new {path}"],
                       stdin=content, check=True)


class Admission(FaultTest):
    def log_of_agent(self):
        return RIG.lab.inside("pri-a", "journalctl", "--unit=ararat-agent", "--output=cat", "--boot")

    def log_of_orchestrator(self):
        return (STATE / "orchestrator.log").read_text(encoding="utf-8", errors="replace")

    def assert_refused(self, words, agent_words):
        """Nobody has to guess: the host's state, its reason and both logs tell."""
        RIG.wait(lambda: RIG.states()["pri-a"] == "down" and all(word in RIG.why("pri-a") for word in words),
                 "the refusal", 40)
        self.assert_all_in(["alert:", "pri-a", *words], self.log_of_orchestrator())
        RIG.wait(lambda: all(word in self.log_of_agent() for word in agent_words), "the agent's words", 40)
        view = next(view for view in RIG.programs.json("alice", "host", "list")["hosts"]
                    if view["host"]["id"] == "pri-a")
        self.assert_all_in(words, view["reason"])

    def assert_waits_and_then_moves(self, words):
        """The run waits with these words for an agent that may come in, which an installation brings."""
        run = RIG.start_wave()
        preflight = RIG.task(run, "preflight")["id"]
        RIG.wait(lambda: all(word in RIG.why(preflight) for word in ["pri-a", *words]), "the reason")
        self.assertEqual(RIG.task(run, "preflight")["attempts"], 0)
        self.assert_source_serves()
        RIG.programs.run("admin", "agent", "install", "pri-a", "--via", "ssh")
        RIG.wait(lambda: RIG.states()["pri-a"] == "up", "the agent")
        self.assert_moved(run)

    @staticmethod
    def certificate_for_no_time(host):
        """For the agent's own key, by the project's own CA, over a second after it was made."""
        ca, key, request, certificate = (STATE / name for name in ("orchestrator/ca", "a.key", "a.csr", "a.crt"))
        key.write_text(RIG.lab.inside(host, "cat", f"{OURS}/agent.key"), encoding="ascii")
        names = STATE / "a.names"
        names.write_text(f"subjectAltName=URI:ararat://faults/agent/{host},DNS:{host}\nkeyUsage=digitalSignature\n"
                         "extendedKeyUsage=clientAuth,serverAuth\n", encoding="ascii")
        for command in (["req", "-new", "-key", str(key), "-subj", f"/CN=agent {host}", "-out", str(request)],
                        ["x509", "-req", "-in", str(request), "-CA", str(ca / "ca.crt"), "-CAkey", str(ca / "ca.key"),
                         "-set_serial", "7", "-days", "0", "-extfile", str(names), "-out", str(certificate)]):
            subprocess.run(["openssl", *command], check=True, capture_output=True)
        return certificate

    def test_expired_certificate(self):
        RIG.lab.inside("pri-a", "systemctl", "stop", "ararat-agent")
        expired = self.certificate_for_no_time("pri-a")
        into("pri-a", expired, f"{OURS}/agent.crt", "644")
        RIG.lab.inside("pri-a", "sleep", "1.1")  # a certificate's times are in seconds
        RIG.lab.inside("pri-a", "systemctl", "start", "ararat-agent")
        self.assert_refused([ENDED], ["this agent's certificate expired at "])
        self.assert_waits_and_then_moves([ENDED])

    def test_agent_of_the_former_protocol(self):
        former = Path(BUILD) / "tests" / "ararat-agent-former"
        into("pri-a", former, "/usr/local/bin/ararat-agent", "755")
        self.assertEqual(RIG.lab.inside("pri-a", "ararat-agent", "version").strip(), "0.0.9")
        RIG.lab.inside("pri-a", "systemctl", "restart", "ararat-agent")
        ours = subprocess.run([RIG.programs.path("ararat-orchestrator"), "version"], check=True, capture_output=True,
                              text=True).stdout.strip()
        words = ["the agent (0.0.9) speaks protocol ", f"this orchestrator ({ours}) protocol "]
        self.assert_refused(words, words)
        self.assert_waits_and_then_moves(words)
