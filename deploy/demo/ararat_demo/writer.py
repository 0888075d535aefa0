"""Writes repairs into the housing database without a pause, and notes every one that was acknowledged.

    writer.py FILE

The name of the database is resolved for every connection. A write that failed is tried again under the same
number, so that a lost acknowledgement does not become a second row. Ends when its standard input is closed.
"""

import json
import sys
import threading
import time
from pathlib import Path

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from ararat_demo.dns import resolve  # noqa: E402
from ararat_demo.estate import DATABASE_NAME, DATABASE_PASSWORD, NAME_SERVERS  # noqa: E402

INTERVAL_S = 0.02
RETRY_S = 0.01
CLIENT = "demo-writer"


def connect():
    connection = psycopg2.connect(
        host=resolve(DATABASE_NAME, NAME_SERVERS)[0], port=5432, dbname="housing", user="housing",
        password=DATABASE_PASSWORD, connect_timeout=2, options="-c statement_timeout=2000",
        tcp_user_timeout=2000,
    )
    connection.autocommit = True
    return connection


def main():
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    connection, number = None, 1
    with open(sys.argv[1], "w", encoding="utf-8", buffering=1) as out:
        while not stop.is_set():
            try:
                if connection is None:
                    connection = connect()
                with connection.cursor() as cursor:
                    cursor.execute(
                        "INSERT INTO repairs (client_id, client_seq, note) VALUES (%s, %s, %s)"
                        " ON CONFLICT (client_id, client_seq) DO NOTHING",
                        (CLIENT, number, "dripping tap"),
                    )
                out.write(json.dumps({"at": time.time(), "seq": number, "ok": True}) + "\n")
                number += 1
                stop.wait(INTERVAL_S)
            except (psycopg2.Error, OSError) as error:
                problem = (str(error).strip().splitlines() or [type(error).__name__])[0]
                out.write(json.dumps({"at": time.time(), "seq": number, "ok": False, "problem": problem}) + "\n")
                if connection is not None:
                    connection.close()
                connection = None
                stop.wait(RETRY_S)


if __name__ == "__main__":
    main()
