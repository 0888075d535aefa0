"""What a step needs is not to be had: room on a disk, a name server's consent."""

import os
import subprocess

from rig import (NAME, NAME_SERVERS, RIG, SOURCE_ADDRESS, STATE, FaultTest, begins_with, resolve,
                 with_a_manual_step_before)

DISK, TREE = "/srv", "/srv/share"
NAMED_CONF = "/etc/bind/named.conf"


def machine(*argv):
    """A program of the machine itself."""
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def without_point_of_no_return(plan):
    return plan.replace("        point_of_no_return: true\n", "", 1)


class Resources(FaultTest):
    def assert_source_takes_changes(self):
        """Whoever keeps the share can still write to it, and readers see it."""
        RIG.lab.inside("ark-a", "sh", "-c", f"echo later > {TREE}/written-later.txt")
        self.assert_source_serves()

    # ---- the target's disk

    def disk_of_its_own(self, megabytes):
        """A file system of this size below the target's tree: a file behind a loop device."""
        image = STATE / "disk"
        with open(image, "wb") as file:
            file.truncate(megabytes << 20)
        machine("mkfs.ext4", "-q", "-m", "0", str(image))
        loop = machine("losetup", "--find", "--show", str(image)).strip()
        try:
            number = os.minor(os.stat(loop).st_rdev)
            RIG.lab.inside("pri-a", "sh", "-c", f"rm -f /dev/small && mknod /dev/small b 7 {number} && "
                           f"mount /dev/small {DISK} && mkdir {TREE}")
        finally:
            machine("losetup", "--detach", loop)  # for good once it is unmounted, also by the host's end
        self.addCleanup(RIG.lab.inside, "pri-a", "umount", "--lazy", DISK)

    @begins_with(change_plan=with_a_manual_step_before("precopy"))
    def test_full_disk_of_the_target(self):
        # There was room enough when that was looked at; then something else takes it.
        self.disk_of_its_own(90)
        run = RIG.start_wave()
        RIG.wait_for_manual_step(run)
        RIG.lab.inside("pri-a", "sh", "-c",
                       f"head -c $(($(stat -f -c '%a * %S' {DISK}) - 3000000)) /dev/zero >{DISK}/other")
        RIG.say_go(run)
        view = RIG.finish(run)
        self.assertEqual(view["status"], "RUN_STATUS_BACKED_OUT")
        self.assert_all_in(["precopy", "No space left on device"], RIG.group(run)["reason"])
        self.assertEqual(RIG.task(run, "quiesce")["state"], "TASK_STATE_CANCELLED")
        self.assert_source_takes_changes()
        RIG.lab.inside("pri-a", "rm", f"{DISK}/other")
        run = RIG.start_wave()
        RIG.wait_for_manual_step(run)
        RIG.say_go(run)
        self.assert_moved(run)
        RIG.lab.inside("pri-a", "test", "-s", f"{TREE}/written-later.txt")

    # ---- the name server

    def refuse_updates(self):
        RIG.lab.inside("pri-ns1", "sh", "-c",
                       f"sed -i.allowed 's/allow-update .*/allow-update {{ none; }};/' {NAMED_CONF} && rndc reconfig")
        self.addCleanup(self.allow_updates)

    @staticmethod
    def allow_updates():
        RIG.lab.inside("pri-ns1", "sh", "-c", f"if [ -e {NAMED_CONF}.allowed ]; then "
                       f"mv {NAMED_CONF}.allowed {NAMED_CONF}; rndc reconfig; fi")

    def assert_refused_by_name_server(self, words):
        self.assert_all_in(["switch-name", "REFUSED", "198.18.2.2"], words)

    def test_name_server_that_refuses_the_change(self):
        # From the sending of the switch on there is no way back: the group is held, for who puts it right.
        self.refuse_updates()
        run = RIG.start_wave()
        RIG.wait(lambda: RIG.group(run)["state"] == "GROUP_STATE_HELD", "the group to be held")
        self.assert_refused_by_name_server(RIG.group(run)["reason"])
        self.assert_refused_by_name_server(RIG.why(RIG.task(run, "switch-name")["id"]))
        for server in NAME_SERVERS:
            self.assertEqual(resolve(NAME, [server]), [SOURCE_ADDRESS], server)
        self.allow_updates()
        RIG.programs.run("alice", "run", "retry", run, RIG.task(run, "switch-name")["id"], "-m", "allowed now")
        self.assert_moved(run)

    @begins_with(change_plan=without_point_of_no_return)
    def test_name_server_that_refuses_the_change_and_its_undoing(self):
        # Where the plan allows it the service goes back to its source, whatever the name server says.
        self.refuse_updates()
        run = RIG.start_wave()
        RIG.wait(lambda: RIG.group(run)["state"] in ("GROUP_STATE_HELD", "GROUP_STATE_BACKED_OUT"), "the back-out")
        self.assertEqual(RIG.finish(run)["status"], "RUN_STATUS_BACKED_OUT", RIG.group(run)["reason"])
        self.assert_refused_by_name_server(RIG.group(run)["reason"])
        self.assertEqual(RIG.task(run, "quiesce")["state"], "TASK_STATE_UNDONE")
        self.assert_source_takes_changes()
