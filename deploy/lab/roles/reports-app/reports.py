"""The reports application: lists its own report files, and figures that it asks of the housing page.

    GET /         the page: 503 when housing does not answer, since a report without its figures is none
    GET /healthz  200 when its own files can be read, and whether housing answers
"""

import http.server
import os
import re
import socket
import socketserver
import sys
import threading
import urllib.error
import urllib.request

HOUSING_TIMEOUT_S = 2
PAGE_MAX_BYTES = 1024 * 1024
FILES_MAX = 100_000
THREADS_MAX = 32


def read_settings(path):
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def count_files(top):
    """Regular files below the folder, and their bytes."""
    os.listdir(top)  # os.walk would take an unreadable folder for an empty one
    count, size = 0, 0
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                count, size = count + 1, size + os.path.getsize(path)
        if count > FILES_MAX:
            break
    return count, size


def housing_figures(url):
    """The line with the counts from housing's page; OSError or ValueError when there is none."""
    with urllib.request.urlopen(url, timeout=HOUSING_TIMEOUT_S) as answer:
        page = answer.read(PAGE_MAX_BYTES).decode("utf-8", "replace")
    match = re.search(r"<p>(\d+ tenants, \d+ properties, \d+ repairs)</p>", page)
    if not match:
        raise ValueError("housing's page has no counts")
    return match[1]


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, settings, handler):
        self.settings = settings
        self._free_threads = threading.BoundedSemaphore(THREADS_MAX)
        super().__init__(("", int(settings["listen_port"])), handler)

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


class Handler(http.server.BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self):
        answers = {"/": self._page, "/healthz": self._health}
        if self.path in answers:
            answers[self.path]()
        else:
            self._send(404, "text/plain", "not found\n")

    def _page(self):
        try:
            figures = housing_figures(self.server.settings["housing_url"])
        except (OSError, ValueError) as error:
            self._send(503, "text/plain", f"housing does not answer: {error}\n")
            return
        count, size = count_files(self.server.settings["data"])
        self._send(200, "text/html; charset=utf-8", f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Reports</title></head><body>
<h1>Reports</h1>
<p>{count} reports, {size} bytes</p>
<p>Housing now: {figures}</p>
<p>Served by {socket.gethostname()}</p>
</body></html>
""")

    def _health(self):
        try:
            count, _ = count_files(self.server.settings["data"])
        except OSError as error:
            self._send(503, "text/plain", f"reports cannot be read: {error}\n")
            return
        try:
            housing_figures(self.server.settings["housing_url"])
            housing = "reachable"
        except (OSError, ValueError):
            housing = "unreachable"
        self._send(200, "text/plain", f"ok\n{count} reports\nhousing {housing}\n")

    def _send(self, status, kind, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *arguments):
        pass


if __name__ == "__main__":
    Server(read_settings(sys.argv[1]), Handler).serve_forever(poll_interval=0.5)
