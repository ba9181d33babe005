"""Writes exported runs to MLflow, through its own client.

    ./tessera runs export --out runs --format jsonl
    python runs_to_mlflow.py runs http://localhost:5000
"""
import json, sys
from collections import defaultdict
from datetime import datetime, timezone
from pathlib import Path

from mlflow.entities import Metric, Param, RunTag
from mlflow.tracking import MlflowClient


def load(folder, tracking_uri):
    client = MlflowClient(tracking_uri)
    rows = lambda name: map(json.loads, (Path(folder) / f"{name}.jsonl").open(encoding="utf-8"))
    moment = lambda text: int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp() * 1000)
    metrics, params = defaultdict(list), defaultdict(list)
    runs = {row["run"]: row for row in rows("runs")}
    begun = {run: moment(row["started"] or row["created"]) for run, row in runs.items()}
    name = lambda text: text.replace("@", "/at/")  # MLflow knows no @ in a name.
    for row in rows("curves"):
        metrics[row["run"]].append(Metric(name(row["metric"]), float(row["value"]), moment(row["time"]), row["step"]))
    for row in rows("metrics"):
        metrics[row["run"]].append(Metric(name(row["metric"]), float(row["value"]), begun[row["run"]], 0))
    for row in rows("config"):
        params[row["run"]].append(Param(row["key"], row["value"]))
    for run, row in runs.items():
        title = row["dataset"] or "Tessera"
        known = client.get_experiment_by_name(title)
        experiment = known.experiment_id if known else client.create_experiment(title)
        made = client.create_run(experiment, begun[run], run_name=row["name"]).info.run_id
        tags = [RunTag(f"tessera.{key}", str(value)) for key, value in row.items() if value is not None]
        client.log_batch(made, tags=tags, params=params[run][:100])
        for first in range(0, len(metrics[run]), 1000):
            client.log_batch(made, metrics=metrics[run][first : first + 1000])
        client.set_terminated(made, "FINISHED" if row["status"] == "completed" else "FAILED")


if __name__ == "__main__":
    load(*sys.argv[1:3])
