"""Asks for a page ten times a second, as a browser would: each time the name is resolved anew.

    prober.py NAME PORT TEXT FILE

Writes one JSON line a request to FILE: when, how long, whether the page came and who served it.
Ends when its standard input is closed.
"""

import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ararat_demo.dns import resolve  # noqa: E402
from ararat_demo.estate import NAME_SERVERS  # noqa: E402

INTERVAL_S = 0.1
TIMEOUT_S = 2.0


def ask(name, port, text):
    """(ok, address, what went wrong). A browser tries the name's other address when one refuses."""
    problem = ""
    addresses = resolve(name, NAME_SERVERS)
    random.shuffle(addresses)
    for address in addresses:
        connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT_S)
        try:
            connection.request("GET", "/", headers={"Host": name, "Connection": "close"})
            answer = connection.getresponse()
            body = answer.read().decode("utf-8", "replace")
            if answer.status == 200 and text in body:
                return True, address, ""
            return False, address, f"status {answer.status}"
        except ConnectionRefusedError as error:
            problem = f"{address}: {error}"
        finally:
            connection.close()
    return False, addresses[0], problem


def main():
    name, port, text, path = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    with open(path, "w", encoding="utf-8", buffering=1) as out:
        due = time.monotonic()
        while not stop.is_set():
            began, wall = time.monotonic(), time.time()
            try:
                ok, address, problem = ask(name, port, text)
            except (OSError, http.client.HTTPException) as error:
                ok, address, problem = False, "", str(error) or type(error).__name__
            row = {"at": wall, "took": round(time.monotonic() - began, 4), "ok": ok, "by": address}
            if problem:
                row["problem"] = problem
            out.write(json.dumps(row) + "\n")
            due = max(due + INTERVAL_S, time.monotonic())
            stop.wait(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()
