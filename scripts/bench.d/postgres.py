"""A PostgreSQL on loopback with its default durability, and what pgbench measures on it."""

import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time

BIN = pathlib.Path("/usr/lib/postgresql/15/bin")

# The fields of the OpenCase request that throughline-bench sends (tests/bench/support/requests.cc), as JSON.
DATA = (
    """('{"customerId": "customer-' || :customer || '", "subject": "The parcel has not come", "text": "It was promised for Tuesday. """
    """I waited at home all day and nobody rang. Where is it now?", "channel": "CHANNEL_PHONE"}')::jsonb"""
)
METADATA = """('{"commandId": "run-' || :customer || '", "actor": "ana"}')::jsonb"""
# pgbench sends each as one prepared statement, which is one transaction.
SCRIPTS = {
    "message-db": f"""SELECT message_store.write_message(gen_random_uuid()::varchar, 'case-' || gen_random_uuid(), 'CaseOpened', {DATA}, {METADATA}, -1);""",
    "insert": f"""INSERT INTO bare VALUES ('case-' || gen_random_uuid(), 0, {DATA}, {METADATA});""",
}
TABLES = {"message-db": "message_store.messages", "insert": "public.bare"}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Postgres:
    """Of its settings only what many connections need is changed. `message_db`: the folder of its npm package.

    As root it runs as the user `postgres`, because PostgreSQL refuses to run as root.
    """

    def __init__(self, message_db):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="throughline-postgres."))
        self.port = free_port()
        self.server = None
        self.as_user = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            self.as_user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        self.environment = {
            **os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres",
            "PGOPTIONS": "-c client_min_messages=warning"}  # fmt: skip
        self.message_db = message_db

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        self.run([BIN / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8"], **self.as_user)
        self.server = subprocess.Popen(
            [BIN / "postgres", "-D", self.folder / "data", "-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}",
             "-c", f"unix_socket_directories={self.folder}", "-c", "max_connections=300"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=(self.folder / "log").open("wb"), cwd="/", **self.as_user)  # fmt: skip
        end = time.monotonic() + 60
        while subprocess.run([BIN / "pg_isready", "-q"], env=self.environment, check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.1)
        self.run(["bash", self.message_db / "database/install.sh"])
        self.run([BIN / "psql", "-q", "message_store", "-c", "ALTER DATABASE message_store SET search_path TO message_store, public"])
        self.sql("CREATE TABLE public.bare (stream varchar, position bigint, data jsonb, metadata jsonb, UNIQUE (stream, position))")
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            if self.sql(f"SHOW {setting}") != "on":
                raise SystemExit(f"PostgreSQL runs without {setting}: not a fair reference")

    def __exit__(self, *_):
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(2)  # SIGINT: a fast shutdown
            try:
                self.server.wait(60)
            except subprocess.TimeoutExpired:
                self.server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, **how):
        done = subprocess.run(command, env=self.environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, check=False, **how)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}: {done.stdout}")
        return done.stdout

    def sql(self, statement):
        return self.run([BIN / "psql", "-qAt", "message_store", "-c", statement]).strip()

    def versions(self):
        version = re.search(r"[\d.]+", self.sql("SHOW server_version"))[0]
        return {"PostgreSQL": version, "message-db": (self.message_db / "database/VERSION.txt").read_text().strip()}

    def clear(self):
        self.sql("TRUNCATE " + ", ".join(TABLES.values()))

    def measure(self, what, in_flight, seconds):
        """Transactions per second with so many connections, one statement at a time on each."""
        warm_up = 3  # seconds, in which pgbench connects, too
        script = self.folder / f"{what}.sql"
        script.write_text(f"\\set customer random(0, 49999)\n{SCRIPTS[what]}\n")
        self.sql("CHECKPOINT")
        before = self.count(what)
        said = self.run(
            [BIN / "pgbench", "-n", "-M", "prepared", "-P", "1", "-c", str(in_flight), "-j", str(min(in_flight, 2)), "-T", str(warm_up + seconds), "-f",
             script, "message_store"])  # fmt: skip
        done = int(re.search(r"number of transactions actually processed: (\d+)", said)[1])
        if not re.search("number of failed transactions: 0 ", said) or done != self.count(what) - before:
            raise SystemExit(f"{what}: some failed, or are not in the table: {said}")
        # progress: 4.0 s, 266.0 tps, lat 3.75 ms stddev 0.6, 0 failed
        progress = [(float(at), float(rate)) for at, rate in re.findall(r"^progress: ([\d.]+) s, ([\d.]+) tps", said, re.MULTILINE)]
        measured = [(at - earlier, rate) for (earlier, _), (at, rate) in zip(progress, progress[1:]) if at > warm_up + 0.5]
        return sum(time * rate for time, rate in measured) / sum(time for time, _ in measured)

    def count(self, what):
        return int(self.sql(f"SELECT count(*) FROM {TABLES[what]}"))
