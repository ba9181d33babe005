"""Checks exported models with onnx, onnxruntime and numpy from PyPI, apart from npm test:

./tessera datasets export DATASET --out SPLIT
./tessera recommend --run RUN --all --k 10 --out RUN.csv       for each model
./tessera export RUN --out RUN
python test/foreign/exported_models.py SPLIT RUN [RUN ...]

Every graph passes onnx.checker and has standard operators alone; example.py, with batches of 1, 7 and 100 users, gives the lists of
RUN.csv, with scores equal to 1e-5.
"""
import csv
import importlib.util
import sys
from pathlib import Path

import numpy as np
import onnx

USERS = 100


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check_graphs(folder):
    for path in sorted(folder.glob("*.onnx")):
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        domains = {node.domain for node in model.graph.node} | {entry.domain for entry in model.opset_import}
        assert domains == {""}, f"{path}: operators of {domains}"
        sizes = {port.type.tensor_type.shape.dim[0].dim_param for port in [*model.graph.input, *model.graph.output]}
        assert sizes == {"batch"}, f"{path}: first axes {sizes}"


def check_lists(folder, histories):
    spec = importlib.util.spec_from_file_location("example", folder / "example.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    expected = {}
    for line in table(folder.with_name(folder.name + ".csv")):
        expected.setdefault(line["user_id"], []).append((line["item_id"], float(line["score"])))
    users = list(expected)[:USERS]
    furthest = 0
    for size in (1, 7, 100):
        lists = []
        for start in range(0, len(users), size):
            batch = users[start : start + size]
            lists.extend(example.recommend([histories[user] for user in batch], batch))
        for user, found in zip(users, lists, strict=True):
            wanted = expected[user]
            assert [item for item, _ in found] == [item for item, _ in wanted], f"{folder}, user {user}: {found} for {wanted}"
            ours, theirs = (np.array([score for _, score in scored]) for scored in (wanted, found))
            furthest = max(furthest, np.max(np.abs(theirs - ours) / np.abs(ours)))
    assert furthest < 1e-5, f"{folder}: scores differ by {furthest}"
    print(f"{folder.name}: {len(users)} lists equal at batches of 1, 7 and 100, scores within {furthest:.1e}")


if __name__ == "__main__":
    split, *folders = map(Path, sys.argv[1:])
    histories = {}
    for part in ("train", "validation", "test"):
        for line in table(split / f"{part}.csv"):
            histories.setdefault(line["user"], []).append((line["item"], float(line.get("time") or 0)))
    for folder in folders:
        check_graphs(folder)
        check_lists(folder, histories)
