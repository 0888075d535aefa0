"""The housing application: a page for tenants, and repairs that they report.

    GET  /         the page: counts and the newest repairs; works on a read-only replica
    GET  /healthz  200 with `writable` or `read-only`; 503 when the database cannot be reached
    POST /repairs  {"client_id", "client_seq", "note"}: 201 stored, 200 stored before, 503 while it is read-only
"""

import html
import json
import os
import signal
import socket
import socketserver
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
import psycopg2.errors
from pool import DatabasePool

BODY_MAX_BYTES = 64 * 1024
THREADS_MAX = 64
COUNTS_KEPT_S = 5.0
NEWEST_SHOWN = 10
DRAIN_S = 2.0


def read_settings(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


class Housing:
    """What the application knows how to do, without HTTP. Used by all request threads."""

    def __init__(self, pool):
        self._pool = pool
        self._counts_lock = threading.Lock()
        self._counts = None
        self._counts_at = 0.0

    def state(self):
        """'writable' or 'read-only', and the database's own address."""
        def ask(cursor):
            cursor.execute("SELECT current_setting('transaction_read_only'), host(inet_server_addr())")
            return cursor.fetchone()

        read_only, address = self._pool.run(ask)
        return ("read-only" if read_only == "on" else "writable"), address

    def counts(self):
        """Rows by table, counted at most every few seconds: a page request must stay cheap."""
        if self._counts is not None:
            if time.monotonic() - self._counts_at < COUNTS_KEPT_S:
                return self._counts
            if not self._counts_lock.acquire(blocking=False):
                return self._counts
        else:
            self._counts_lock.acquire()
        try:
            def count(cursor):
                cursor.execute(
                    "SELECT (SELECT count(*) FROM tenants), (SELECT count(*) FROM properties),"
                    " (SELECT count(*) FROM repairs)"
                )
                return cursor.fetchone()

            self._counts = self._pool.run(count)
            self._counts_at = time.monotonic()
            return self._counts
        finally:
            self._counts_lock.release()

    def newest(self):
        def read(cursor):
            cursor.execute(
                "SELECT id, client_id, client_seq, note, created FROM repairs ORDER BY id DESC LIMIT %s",
                (NEWEST_SHOWN,),
            )
            return cursor.fetchall()

        return self._pool.run(read)

    def report(self, client_id, client_seq, note):
        """Store a repair once, however often it is sent. Returns (its id, True if it was new)."""
        def store(cursor):
            cursor.execute(
                "INSERT INTO repairs (client_id, client_seq, note) VALUES (%s, %s, %s)"
                " ON CONFLICT (client_id, client_seq) DO NOTHING RETURNING id",
                (client_id, client_seq, note),
            )
            row = cursor.fetchone()
            if row:
                return row[0], True
            cursor.execute(
                "SELECT id FROM repairs WHERE client_id = %s AND client_seq = %s", (client_id, client_seq)
            )
            return cursor.fetchone()[0], False

        return self._pool.run(store)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, handler, housing):
        self.housing = housing
        self.is_closing = False
        self._free_threads = threading.BoundedSemaphore(THREADS_MAX)
        self._busy = 0
        self._busy_lock = threading.Lock()
        super().__init__(address, handler)

    def server_bind(self):
        # HTTPServer would look up the host's full name here, and wait for name servers that may be down.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = socket.gethostname(), self.server_address[1]

    def process_request(self, request, client_address):
        self._free_threads.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request, client_address):
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free_threads.release()

    def count_busy(self, change):
        with self._busy_lock:
            self._busy += change

    def drain(self):
        """Let requests under way end, for a while."""
        deadline = time.monotonic() + DRAIN_S
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.01)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 30

    def do_GET(self):
        self._guarded({"/": self._page, "/healthz": self._health}.get(self.path))

    def do_POST(self):
        self._guarded({"/repairs": self._repair}.get(self.path))

    def _guarded(self, answer):
        self.server.count_busy(1)
        try:
            if answer is None:
                self._send(404, "text/plain", "not found\n")
            else:
                answer()
        except psycopg2.errors.ReadOnlySqlTransaction:
            self._send_json(503, {"error": "the database is read-only"})
        except psycopg2.Error as error:
            self._send_json(503, {"error": f"the database cannot be reached: {error}".strip()})
        finally:
            self.server.count_busy(-1)

    def _page(self):
        housing = self.server.housing
        state, address = housing.state()
        tenants, properties, repairs = housing.counts()
        rows = "\n".join(
            f"<tr><td>{number}</td><td>{html.escape(client)} {sequence}</td><td>{html.escape(note)}</td>"
            f"<td>{created:%Y-%m-%d %H:%M:%S}</td></tr>"
            for number, client, sequence, note, created in housing.newest()
        )
        host = html.escape(socket.gethostname())
        self._send(200, "text/html; charset=utf-8", f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Housing</title></head><body>
<h1>Housing</h1>
<p>{tenants} tenants, {properties} properties, {repairs} repairs</p>
<table><tr><th>Number</th><th>From</th><th>Repair</th><th>Reported</th></tr>
{rows}
</table>
<p>Served by {host} from database {address} ({state})</p>
</body></html>
""")

    def _health(self):
        state, address = self.server.housing.state()
        self._send(200, "text/plain", f"{state}\ndatabase {address}\n")

    def _repair(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > BODY_MAX_BYTES:
            self.close_connection = True
            self._send_json(413, {"error": f"a body of at most {BODY_MAX_BYTES} bytes is needed"})
            return
        try:
            repair = json.loads(self.rfile.read(int(length)))
            client, sequence, note = str(repair["client_id"]), int(repair["client_seq"]), str(repair["note"])
        except (ValueError, KeyError, TypeError):
            self._send_json(400, {"error": "client_id, client_seq and note are needed"})
            return
        number, is_new = self.server.housing.report(client, sequence, note)
        self._send_json(201 if is_new else 200, {"id": number, "client_id": client, "client_seq": sequence})

    def _send_json(self, status, value):
        self._send(status, "application/json", json.dumps(value) + "\n")

    def _send(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Application-Server", socket.gethostname())
        if self.server.is_closing:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format, *arguments):  # the web tier keeps the access log
        pass


def tell_systemd(text):
    path = os.environ.get("NOTIFY_SOCKET")
    if path:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(text.encode(), path.replace("@", "\0", 1) if path.startswith("@") else path)


def main():
    settings = read_settings(sys.argv[1])
    housing = Housing(DatabasePool(settings))
    server = Server(("", int(settings["listen_port"])), Handler, housing)

    def stop(_number, _frame):
        server.is_closing = True
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    tell_systemd("READY=1")
    server.serve_forever(poll_interval=0.1)
    server.drain()


if __name__ == "__main__":
    main()
