"""Connections to the database that are kept warm, checked, and made anew when the database has moved."""

import queue
import threading
import time

import psycopg2
import psycopg2.errors

CONNECTIONS_MAX = 16
WARM_CONNECTIONS = 4
CHECK_INTERVAL_S = 0.5
WAIT_FOR_CONNECTION_S = 2.0

BROKEN = (psycopg2.OperationalError, psycopg2.InterfaceError)


class DatabasePool:
    """Shared by all request threads. The name of the database's host is looked up for every connection."""

    def __init__(self, settings):
        with open(settings["database_password_file"], encoding="utf-8") as file:
            password = file.read().strip()
        self._target = {
            "host": settings["database_host"],
            "port": settings["database_port"],
            "dbname": settings["database_name"],
            "user": settings["database_user"],
            "password": password,
            "connect_timeout": 2,
            "tcp_user_timeout": 2000,
            "keepalives_idle": 2,
            "keepalives_interval": 1,
            "keepalives_count": 2,
            "application_name": "housing-app",
            "options": "-c statement_timeout=2000",
        }
        self._idle = queue.LifoQueue()
        self._slots = threading.BoundedSemaphore(CONNECTIONS_MAX)
        threading.Thread(target=self._keep_warm, daemon=True).start()

    def run(self, work):
        """work(cursor) on a good connection. Once more on a new one when the first turns out to be broken
        or to lead to a database that takes no writes: the name may point elsewhere by now.

        So `work` may be carried out twice, and must be written to bear that.
        """
        if not self._slots.acquire(timeout=WAIT_FOR_CONNECTION_S):
            raise psycopg2.OperationalError("all connections are in use")
        try:
            connection = self._take()
            try:
                return self._run_on(connection, work)
            except (*BROKEN, psycopg2.errors.ReadOnlySqlTransaction):
                return self._run_on(self._connect(), work)
        finally:
            self._slots.release()

    def _take(self):
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return self._connect()

    def _connect(self):
        connection = psycopg2.connect(**self._target)
        connection.autocommit = True
        return connection

    def _run_on(self, connection, work):
        try:
            with connection.cursor() as cursor:
                result = work(cursor)
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)
        return result

    def _keep_warm(self):
        while True:
            try:
                self._check_once()
            except psycopg2.Error:
                pass  # told to whoever asks next, by the request that fails
            time.sleep(CHECK_INTERVAL_S)

    def _check_once(self):
        kept = []
        try:
            for _ in range(min(self._idle.qsize(), WARM_CONNECTIONS)):
                connection = self._take_idle()
                if connection and self._is_good(connection):
                    kept.append(connection)
            while len(kept) + self._idle.qsize() < WARM_CONNECTIONS:
                kept.append(self._connect())
        finally:
            for connection in kept:
                self._idle.put(connection)

    def _take_idle(self):
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return None

    @staticmethod
    def _is_good(connection):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return True
        except psycopg2.Error:
            connection.close()
            return False
