"""What is looked at afterwards, from outside the product: the target's database, the name servers, the
hosts' witnesses."""

import re
from collections import Counter

from .dns import resolve
from .estate import NAME_SERVERS


def missing_writes(lab, acknowledged):
    """Numbers that were acknowledged to the writer and are not in the target's database."""
    text = lab.inside(
        "pri-hsg-db1", "setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups",
        "psql", "-qAtX", "-d", "housing", "-c",
        "select client_seq from repairs where client_id = 'demo-writer'",
    )
    found = [int(line) for line in text.split()]
    twice = [number for number, count in Counter(found).items() if count > 1]
    return sorted(set(acknowledged) - set(found)), twice


def where(name):
    """Every name server's answer for a name; one set when they agree."""
    return {server: sorted(resolve(name, [server])) for server in NAME_SERVERS}


def witnessed(entries):
    """How often each attempt's stage really ran, as the hosts' witnesses counted it: {key: count}.

    Only stages that change something count. A stage that polls starts several processes under one supervisor, so
    what is counted is supervisors.
    """
    supervisors = {}
    for entry in entries:
        key = entry["key"]
        if re.search(r"\|(perform|undo)$", key):
            supervisors.setdefault(key, set()).add((entry["host"], entry["parent_pid"]))
    return Counter({key: len(parents) for key, parents in supervisors.items()})


def done_twice(counts, run):
    """Keys that ran more than once, and steps of the run whose `perform` ran in more than one attempt."""
    twice = sorted(key for key, count in counts.items() if count > 1)
    attempts = Counter()
    for key in counts:
        _, key_run, task, purpose, _, _ = key.split("|")
        if key_run == run and purpose == "forward":
            attempts[task] += 1
    return twice, sorted(task for task, count in attempts.items() if count > 1)


def succeeded_twice(records, run):
    """What the journal tells of a run: keys with two results, and steps that succeeded in two attempts."""
    results, succeeded = Counter(), Counter()
    for record in records:
        finished = record.get("attempt_finished")
        if finished is None or finished["key"]["run"] != run:
            continue
        key = finished["key"]
        results["|".join(str(key[part]) for part in ("run", "task", "purpose", "attempt"))] += 1
        if finished["outcome"] == "OUTCOME_SUCCEEDED" and key["purpose"] == "PURPOSE_FORWARD":
            succeeded[key["task"]] += 1
    return (sorted(key for key, count in results.items() if count > 1),
            sorted(task for task, count in succeeded.items() if count > 1))


def digests(description):
    """(task, source's digest, target's digest, rows) of each database that a run compared."""
    outputs = {task["id"]: task["outputs"] for task in description["run"]["tasks"]}
    found = []
    for task, values in outputs.items():
        if task.endswith("/digest"):
            other = outputs.get(task[: -len("digest")] + "target-digest", {})
            found.append((task, values.get("digest", ""), other.get("digest", ""), values.get("rows", "?")))
    return found


def trees(description):
    """(task, files, bytes, differing) of each tree that a run compared by checksum."""
    found = []
    for task in description["run"]["tasks"]:
        outputs = task["outputs"]
        if "differing" in outputs:
            found.append((task["id"], int(outputs.get("files", 0)), int(outputs.get("bytes", 0)),
                          int(outputs["differing"])))
    return found


def moved_bytes(description):
    """Bytes that the last attempts of a run's copies moved."""
    return sum(int(task["outputs"].get("transferred", task["outputs"].get("data_bytes", 0)))
               for task in description["run"]["tasks"]
               if task["action"] in ("tree-precopy", "tree-final-sync", "postgres-seed"))


def states_of_hosts(lab):
    return {host["name"]: host["state"] for host in lab.status()["hosts"]}
