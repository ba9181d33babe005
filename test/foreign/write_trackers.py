"""Writes small runs with the real libraries of other trackers, and what their own readers say of them.

    python test/foreign/write_trackers.py test/fixtures/trackers

Needs tensorboard, tensorboardX, mlflow, wandb, trackio, pyarrow; and for the readers that newer versions lack
WANDB_READER, a Python with wandb==0.19.11. tensorflow is used where TENSORFLOW names a Python that has it.
Makes trackers.tar.gz and golden.json: runs by folder, with parameters, points of every curve in the order of writing, and tags.
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

OUT = os.path.abspath(sys.argv[1])
WORK = tempfile.mkdtemp()
NAN, INF = math.nan, math.inf
golden = {}


def number(value):
    """As JSON has no word for numbers that are not finite."""
    value = float(value)
    return value if math.isfinite(value) else str(value).replace("inf", "Infinity").replace("nan", "NaN")


def curve(points):
    """Of (step, value) in the order of writing."""
    return [[int(step), number(value)] for step, value in points]


def tensorboard():
    import numpy
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.summary.writer.event_file_writer import EventFileWriter
    from tensorboard.util.tensor_util import make_tensor_proto
    from tensorboardX import SummaryWriter

    root = f"{WORK}/tensorboard"
    with SummaryWriter(f"{root}/exp ü/old style") as writer:
        for step in range(30):
            writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_scalar("val/NDCG_10", step / 30, step)
        for step, value in [(0, NAN), (5, INF), (3, -INF), (3, 2.5), (9, NAN)]:
            writer.add_scalar("odd/größe", value, step)
        writer.add_text("note", "first line ü\nsecond")
        writer.add_histogram("weights", numpy.arange(10.0), 1)
        writer.add_image("picture", numpy.zeros((3, 4, 4)), 1)
        writer.add_hparams({"lr": 0.1, "batch": 32, "opt": "adam", "flag": True, "empty": ""}, {"test_hr_10": 0.4}, name="hparams")
    # As torch does with new_style, and Keras: tensors, whose metadata stand with their first value alone.
    plugin = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
    writer = EventFileWriter(f"{root}/tensors/train")
    for step in range(20):
        values = [
            Summary.Value(tag="epoch_loss", tensor=make_tensor_proto(numpy.float32(step / 3)), metadata=plugin if step == 0 else None),
            Summary.Value(tag="wide", tensor=make_tensor_proto(numpy.float64(step / 7)), metadata=plugin if step == 0 else None),
            Summary.Value(tag="zero", tensor=make_tensor_proto(numpy.float32(0)), metadata=plugin if step == 0 else None),
            Summary.Value(tag="count", tensor=make_tensor_proto(numpy.int64(step)), metadata=plugin if step == 0 else None),
        ]
        writer.add_event(Event(wall_time=1.7e9 + step, step=step, summary=Summary(value=values)))
    writer.close()
    # A restart: another file in the same folder, from an earlier step on.
    time.sleep(1.1)
    writer = EventFileWriter(f"{root}/tensors/train")
    for step in range(15, 25):
        value = Summary.Value(tag="epoch_loss", tensor=make_tensor_proto(numpy.float32(100 + step)), metadata=plugin)
        writer.add_event(Event(wall_time=1.7e9 + 100 + step, step=step, summary=Summary(value=[value])))
    writer.close()
    if os.environ.get("TENSORFLOW"):
        script = f"""
import tensorflow as tf
with tf.summary.create_file_writer({root!r} + "/tensorflow").as_default():
    for step in range(10):
        tf.summary.scalar("validation/recall@20", step / 10, step)
    tf.summary.text("config", "a: 1", 0)
    tf.summary.histogram("h", [1.0, 2.0], 0)
"""
        subprocess.run([os.environ["TENSORFLOW"], "-c", script], check=True, stderr=subprocess.DEVNULL)

    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read(folder):
        events = EventAccumulator(folder, size_guidance={"scalars": 0, "tensors": 0}, purge_orphaned_data=False)
        events.Reload()
        series = {tag: curve((e.step, e.value) for e in events.Scalars(tag)) for tag in events.Tags()["scalars"]}
        texts, params = {}, {}
        for tag in events.Tags()["tensors"]:
            metadata = events.SummaryMetadata(tag)
            plugin = metadata.plugin_data.plugin_name
            tensors = events.Tensors(tag)
            if plugin == "scalars":
                from tensorboard.util.tensor_util import make_ndarray
                series[tag] = curve((e.step, make_ndarray(e.tensor_proto).item()) for e in tensors)
            elif plugin == "text":
                texts[tag.removesuffix("/text_summary")] = tensors[-1].tensor_proto.string_val[0].decode()
        from tensorboard.plugins.hparams import metadata as hparams
        for tag, content in hparams_of(events):
            if tag == hparams.SESSION_START_INFO_TAG:
                start = hparams.parse_session_start_info_plugin_data(content)
                params = {key: getattr(value, value.WhichOneof("kind")) for key, value in start.hparams.items()}
        return {"params": params, "series": series, "texts": texts}

    def hparams_of(events):
        try:
            return events.PluginTagToContent("hparams").items()
        except KeyError:
            return []

    folders = sorted({folder for folder, _, files in os.walk(root) if any("tfevents" in name for name in files)})
    golden["tensorboard"] = {os.path.relpath(folder, root): read(folder) for folder in folders}


def mlflow():
    import mlflow
    from mlflow.tracking import MlflowClient

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    os.makedirs(f"{WORK}/mlflow")
    for kind, uri in [("mlruns", f"file://{WORK}/mlflow/mlruns"), ("mlflow.db", f"sqlite:///{WORK}/mlflow/mlflow.db")]:
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment('Versuch ü: "q"')
        with mlflow.start_run(run_name="first: 'run' with a name that is so long that it does not fit on one line of a file of eighty columns"):
            mlflow.log_params({"lr": 1e-5, "model": "SASRec", "seed": 7, "nested/x": "", "uni": "ü", "flag": True, "zip": "007"})
            for step in range(12):
                mlflow.log_metric("val/ndcg_at_10", step / 10, step=step)
            for value, step in [(NAN, 1), (INF, 2), (-INF, 3), (2.0, 9), (3.0, 4), (4.0, 4)]:
                mlflow.log_metric("odd.ü", value, step=step)
                time.sleep(0.002)
            mlflow.log_metric("test_hr_10", 0.125)
            mlflow.set_tags({"team": "recsys", "empty": "", "mlflow.note.content": "A note\nof two lines"})
            with mlflow.start_run(run_name="child", nested=True):
                mlflow.log_metric("loss", 1.0)
        try:
            with mlflow.start_run(run_name="broken"):
                raise RuntimeError
        except RuntimeError:
            pass
        with mlflow.start_run(run_name="killed"):
            pass
        client = MlflowClient()
        experiment = client.get_experiment_by_name('Versuch ü: "q"').experiment_id
        runs = {run.info.run_name: run for run in client.search_runs([experiment])}
        client.set_terminated(runs["killed"].info.run_id, "KILLED")
        client.create_run(experiment, run_name="running")
        client.delete_run(client.create_run(experiment, run_name="deleted").info.run_id)
        golden[kind] = {}
        for run in client.search_runs([experiment]):
            run = client.get_run(run.info.run_id)
            series = {
                key: curve((m.step, m.value) for m in sorted(client.get_metric_history(run.info.run_id, key), key=lambda m: m.timestamp))
                for key in run.data.metrics
            }
            golden[kind][run.info.run_name] = {
                "params": run.data.params,
                "series": series,
                "texts": {k: v for k, v in run.data.tags.items() if k not in ("mlflow.runName", "mlflow.note.content")},
                "status": run.info.status,
                "last": {key: number(value) for key, value in run.data.metrics.items()},
                "times": [run.info.start_time, run.info.end_time],
                "id": run.info.run_id,
            }
    import sqlite3

    with sqlite3.connect(f"{WORK}/mlflow/mlflow.db") as database:
        database.execute("VACUUM")


# The reader of the framing is not in newer versions, and the messages of older ones lack fields.
WANDB_READ = """
import base64, sys
from wandb.sdk.internal.datastore import DataStore
store = DataStore()
store.open_for_scan(sys.argv[1])
while (data := store.scan_data()) is not None:
    print(base64.b64encode(data).decode())
"""


def wandb_run(file):
    import base64

    from wandb.proto import wandb_internal_pb2 as messages

    lines = subprocess.run([os.environ["WANDB_READER"], "-c", WANDB_READ, file], check=True, capture_output=True, text=True)
    run = {"params": {}, "series": {}, "summary": {}, "exit": None}

    def entry(item):
        kind = item.WhichOneof("value") if "value" in item.DESCRIPTOR.oneofs_by_name else None
        value = getattr(item, kind) if kind and kind != "json" else json.loads(item.json if kind else item.value_json)
        return ".".join(item.nested_key) or item.key, number(value) if isinstance(value, float) else value

    for line in lines.stdout.splitlines():
        record = messages.Record()
        record.ParseFromString(base64.b64decode(line))
        kind = record.WhichOneof("record_type")
        if kind == "run":
            run |= {"name": record.run.display_name, "id": record.run.run_id, "tags": list(record.run.tags), "notes": record.run.notes}
        if kind in ("run", "config"):
            run["params"] |= dict(entry(item) for item in (record.run.config if kind == "run" else record.config).update)
        elif kind == "history":
            items = dict(entry(item) for item in record.history.item)
            for key, value in items.items():
                run["series"].setdefault(key, []).append([record.history.step.num or items.get("_step", 0), value])
        elif kind == "summary":
            run["summary"] |= dict(entry(item) for item in record.summary.update)
        elif kind == "exit":
            run["exit"] = record.exit.exit_code
    return run


def wandb():
    script = """
import math, os, sys, wandb
def run(code, **given):
    with wandb.init(project="recsys", mode="offline", dir=sys.argv[1], settings=wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True), **given) as run:
        code(run)
def first(run):
    for step in range(20):
        run.log({"loss": 1 / (step + 1), "val": {"ndcg@10": step / 20}, "größe": step})
    run.log({"odd": math.nan}, step=30)
    run.log({"odd": math.inf, "text": "word", "flag": True}, step=40)
    run.log({"odd": -math.inf, "table": wandb.Histogram([1, 2, 3])}, step=41)
    run.summary["test/hr@10"] = 0.25
    run.summary["best"] = "ü"
run(first, name="erster Lauf ü", tags=["a", "b"], notes="A note", config={"lr": 1e-5, "seed": 3, "deep": {"a": {"b": [1, 2]}, "empty": {}}, "none": None, "model": "SASRec"})
run(lambda run: None, name="empty")
try:
    def broken(run):
        run.log({"loss": 1})
        raise RuntimeError
    run(broken, name="broken")
except RuntimeError:
    pass
"""
    os.makedirs(f"{WORK}/wandb-home")
    for reader, folder in [(sys.executable, "wandb"), (os.environ["WANDB_READER"], "wandb-0.19")]:
        subprocess.run([reader, "-c", script, f"{WORK}/wandb-home"], check=True, env={**os.environ, "WANDB_SILENT": "true"})
        files = []
        for base, _, names in os.walk(f"{WORK}/wandb-home"):
            files += [os.path.join(base, name) for name in names if name.endswith(".wandb")]
        golden[folder] = {}
        for file in files:
            target = f"{WORK}/{folder}/{os.path.basename(os.path.dirname(file))}"
            os.makedirs(target)
            shutil.copy(file, target)
            run = wandb_run(file)
            golden[folder][run["name"]] = run
        shutil.rmtree(f"{WORK}/wandb-home")
        os.makedirs(f"{WORK}/wandb-home")


def trackio():
    os.environ["TRACKIO_DIR"] = f"{WORK}/trackio"
    import trackio

    for name, config in [("eins ü", {"lr": 0.1, "deep": {"a": 1}, "seed": 4}), ("zwei", {})]:
        trackio.init(project="recsys", name=name, config=config, embed=False)
        for step in range(15):
            trackio.log({"loss": 1 / (step + 1), "val/ndcg@10": step / 15})
        trackio.log({"odd": NAN}, step=20)
        trackio.log({"odd": INF, "text": "word"}, step=19)
        trackio.finish()
    from trackio.sqlite_storage import SQLiteStorage

    golden["trackio"] = {}
    for run in SQLiteStorage.get_runs("recsys"):
        name = run if isinstance(run, str) else run["name"]
        series = {}
        for row in SQLiteStorage.get_logs("recsys", name):
            for key, value in row.items():
                if key not in ("timestamp", "step") and not isinstance(value, str):
                    series.setdefault(key, []).append([row["step"], number(value)])
        config = SQLiteStorage.get_run_config("recsys", name) or {}
        golden["trackio"][name] = {"params": {k: v for k, v in config.items() if not k.startswith("_")}, "series": series}
    for base, folders, names in os.walk(f"{WORK}/trackio"):
        for name in names:
            if not name.endswith((".db", "-wal")):
                os.remove(os.path.join(base, name))


def neptune():
    """By the published schema: neptune-exporter itself needs a server, which has been shut down."""
    import decimal
    from datetime import datetime, timezone

    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [(name, pa.string()) for name in ("project_id", "run_id", "attribute_path", "attribute_type")]
        + [
            ("step", pa.decimal128(18, 6)),
            ("timestamp", pa.timestamp("ms", tz="UTC")),
            ("int_value", pa.int64()),
            ("float_value", pa.float64()),
            ("string_value", pa.string()),
            ("bool_value", pa.bool_()),
            ("datetime_value", pa.timestamp("ms", tz="UTC")),
            ("string_set_value", pa.list_(pa.string())),
            ("file_value", pa.struct([("path", pa.string())])),
            ("histogram_value", pa.struct([("type", pa.string()), ("edges", pa.list_(pa.float64())), ("values", pa.list_(pa.float64()))])),
        ]
    )
    at = datetime(2025, 6, 1, tzinfo=timezone.utc)
    golden["neptune"] = {}
    os.makedirs(f"{WORK}/neptune/recsys_1a2b")
    for run, name in [("RUN-1", "Lauf ü"), ("RUN-2", "zwei")]:
        rows = []

        def row(path, kind, **values):
            rows.append({"project_id": "lab/recsys", "run_id": run, "attribute_path": path, "attribute_type": kind, **values})

        row("sys/name", "string", string_value=name)
        row("sys/creation_time", "datetime", datetime_value=at)
        row("sys/failed", "bool", bool_value=run == "RUN-2")
        row("sys/tags", "string_set", string_set_value=["a", "ü"])
        row("params/lr", "float", float_value=1e-5)
        row("params/seed", "int", int_value=5)
        row("params/model", "string", string_value="SASRec")
        row("params/flag", "bool", bool_value=True)
        row("params/empty", "string", string_value="")
        row("model.pt", "file", file_value={"path": "x/model.pt"})
        series = {"metrics/val/ndcg@10": [(s, s / 9) for s in range(9)], "odd": [(1, NAN), (2, INF), (3, -INF)]}
        for path, points in series.items():
            for step, value in points:
                row(path, "float_series", step=decimal.Decimal(step), timestamp=at, float_value=value)
        row("log", "string_series", step=decimal.Decimal(1), timestamp=at, string_value="line")
        row("hist", "histogram_series", step=decimal.Decimal(1), timestamp=at, histogram_value={"type": "COUNTING", "edges": [0.0, 1.0], "values": [2.0]})
        half = len(rows) // 2
        for part, some in enumerate([rows[:half], rows[half:]]):
            pq.write_table(pa.Table.from_pylist(some, schema), f"{WORK}/neptune/recsys_1a2b/{run}_part_{part}.parquet", compression="snappy")
        params = {"params/lr": 1e-5, "params/seed": 5, "params/model": "SASRec", "params/flag": True, "params/empty": ""}
        golden["neptune"][name] = {"params": params, "series": {path: curve(points) for path, points in series.items()}}


for write in (tensorboard, mlflow, wandb, trackio, neptune):
    write()
    print(write.__name__, {key: len(value) for key, value in golden.items()})
os.makedirs(OUT, exist_ok=True)


def anonymous(entry):
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


with tarfile.open(f"{OUT}/trackers.tar.gz", "w:gz") as archive:
    for name in sorted(os.listdir(WORK)):
        if name != "wandb-home":
            archive.add(f"{WORK}/{name}", name, filter=anonymous)
with open(f"{OUT}/golden.json", "w") as file:
    json.dump(golden, file, ensure_ascii=False, indent=None, separators=(",", ":"))
shutil.rmtree(WORK)
