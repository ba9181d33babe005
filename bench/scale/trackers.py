"""How MLflow's and TensorBoard's own servers hold at the sizes of bench/scale, on this machine; prints one JSON line.

usage: python bench/scale/trackers.py mlflow RUNS              a SQLite store with 50 metrics, 8 parameters and a name a run
       python bench/scale/trackers.py tensorboard FOLDER TAG   until the last step of a tag of the only run in FOLDER is served
       python bench/scale/trackers.py tags COUNT               the same of one run with as many tags of one value

needs: pip install mlflow tensorboard. Times are wall times; memory is the most that the server's processes had, added up.
"""

import json
import os
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

NAMES = ("ndcg", "hr", "recall", "precision", "map")
METRICS = [f"{split}/{name}@{k}" for name in NAMES for k in (5, 10, 20, 50, 100) for split in ("test", "valid")]
MODELS = ("sasrec", "hstu", "gru4rec", "narm", "bprmf")
HISTORY = 10_000
TURNS = 5
# MLflow's server is several times slower than later while its own workers begin.
WARM_UP_SECONDS = 30


class Server:
    """A server of this Python's environment, on a free port of the loopback."""

    def __init__(self, *command: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        place = ["--host", "127.0.0.1", "--port", str(self.port)]
        program = Path(sys.executable).parent / command[0]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([program, *command[1:], *place], **silent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pid in reversed(self.pids()):
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                pass
        self.process.wait()

    def ask(self, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read())

    def until(self, is_there, every: float = 0.02) -> float:
        """Seconds until it answers so."""
        start = time.perf_counter()
        while True:
            try:
                if is_there():
                    return time.perf_counter() - start
            except (OSError, urllib.error.URLError, ValueError):
                pass
            time.sleep(every)

    def pids(self) -> list[int]:
        """The process and all that it began."""
        found = [self.process.pid]
        for pid in found:
            try:
                for began in Path(f"/proc/{pid}/task").glob("*/children"):
                    found += [int(child) for child in began.read_text().split()]
            except OSError:
                pass
        return found

    def mebibytes(self) -> int:
        status = [Path(f"/proc/{pid}/status").read_text() for pid in self.pids()]
        return sum(int(text.split("VmHWM:")[1].split()[0]) for text in status if "VmHWM:" in text) // 1024

    def cpu_seconds(self) -> float:
        stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1] for pid in self.pids()]
        ticks = [int(ticks) for stat in stats for ticks in stat.split()[11:13]]
        return sum(ticks) / os.sysconf("SC_CLK_TCK")


def timed(work) -> float:
    """The median of some turns after a first one, in milliseconds."""
    taken = []
    for _ in range(TURNS + 1):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(taken[1:]))


def fill(path: str, runs: int) -> str:
    """A store with the tables that MLflow makes itself. Returns the id of the run whose metric has a history."""
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    store = SqlAlchemyStore(f"sqlite:///{path}", f"{path}-artifacts")
    experiment = int(store.create_experiment("large"))
    random.seed(1)
    ids = [f"{random.getrandbits(128):032x}" for _ in range(runs)]
    began = 1_780_000_000_000
    database = sqlite3.connect(path)
    database.executemany(
        "INSERT INTO runs (run_uuid, name, source_type, user_id, status, start_time, end_time, lifecycle_stage,"
        " artifact_uri, experiment_id) VALUES (?, ?, 'LOCAL', 'one', 'FINISHED', ?, ?, 'active', '', ?)",
        [(run, f"run-{at}", began + at, began + at + 1, experiment) for at, run in enumerate(ids)],
    )
    values = [(name, random.random(), began, run, 0, 0) for run in ids for name in METRICS]
    history = [("loss", 1 / (1 + step), began, ids[0], step, 0) for step in range(HISTORY)]
    for table, rows in (("metrics", values), ("latest_metrics", values), ("metrics", history)):
        columns = "key, value, timestamp, run_uuid, step, is_nan"
        database.executemany(f"INSERT INTO {table} ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows)
    config = ("epochs", "dim", "layers", "dropout", "learningRate", "batchSize", "maxLength")
    params = [(key, str(at // 4), run) for at, run in enumerate(ids) for key in config]
    params += [("model", MODELS[at // 4 % len(MODELS)], run) for at, run in enumerate(ids)]
    database.executemany("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", params)
    names = [("mlflow.runName", f"run-{at}", run) for at, run in enumerate(ids)]
    database.executemany("INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)", names)
    database.commit()
    database.execute("ANALYZE")
    database.close()
    return ids[0]


def mlflow(runs: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/mlflow.db"
        first = fill(path, runs)
        store = ["--backend-store-uri", f"sqlite:///{path}"]
        with Server("mlflow", "server", "--workers", "1", *store) as server:
            api = "/api/2.0/mlflow/"

            def search(**how):
                return server.ask(api + "runs/search", {"experiment_ids": ["1"], "max_results": 100, **how})

            started = server.until(lambda: server.ask(api + "experiments/search", {"max_results": 10}))
            until = time.perf_counter() + WARM_UP_SECONDS
            while time.perf_counter() < until:
                # The page has what it is said to have.
                assert len(search()["runs"]) == min(100, runs)
            by = lambda metric: {"order_by": [f"metrics.`{metric}` DESC"]}
            filtered = {"filter": "params.model LIKE '%hstu%'", **by("test/ndcg@10")}
            history = f"{api}metrics/get-history?run_id={first}&metric_key=loss"
            return {
                "runs": runs,
                "started in, s": round(started, 1),
                "first 100 runs, ms": timed(search),
                "sorted by a metric, ms": timed(lambda: search(**by("test/ndcg@20"))),
                "filtered by a model, ms": timed(lambda: search(**filtered)),
                "history of 10,000 values, ms": timed(lambda: server.ask(history)),
                "memory, MiB": server.mebibytes(),
            }


def tensorboard(folder: str, tag: str, last: int) -> dict:
    with Server("tensorboard", "--logdir", folder) as server:
        page = "/data/plugin/scalars/"

        def is_loaded() -> bool:
            [run] = server.ask(page + "tags")
            query = urllib.parse.urlencode({"run": run, "tag": tag})
            return server.ask(f"{page}scalars?{query}")[-1][1] >= last

        took = server.until(is_loaded, 0.1)
        return {
            "loaded after, s": round(took, 1),
            "CPU, s": round(server.cpu_seconds(), 1),
            "memory, MiB": server.mebibytes(),
            "tags, ms": timed(lambda: server.ask(page + "tags")),
        }


def last_step(folder: str, tag: str) -> int:
    """Of the only event file, whose last records say it."""
    from tensorboard.compat.proto.event_pb2 import Event

    [file] = [path for path in Path(folder).rglob("*tfevents*") if path.is_file()]
    last = -1
    with open(file, "rb") as data:
        while head := data.read(12):
            event = Event.FromString(data.read(int.from_bytes(head[:8], "little")))
            data.read(4)
            if any(value.tag == tag for value in event.summary.value):
                last = event.step
    return last


def tags(count: int) -> dict:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    with tempfile.TemporaryDirectory() as folder:
        writer = EventFileWriter(f"{folder}/run")
        for at in range(count):
            value = Summary.Value(tag=f"test/own-{at}", simple_value=at / count)
            writer.add_event(Event(wall_time=1.7e9, step=1, summary=Summary(value=[value])))
        writer.close()
        return {"tags": count, **tensorboard(folder, f"test/own-{count - 1}", 1)}


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "mlflow":
        print(json.dumps(mlflow(int(rest[0]))))
    elif what == "tags":
        print(json.dumps(tags(int(rest[0]))))
    else:
        print(json.dumps(tensorboard(rest[0], rest[1], last_step(rest[0], rest[1]))))
