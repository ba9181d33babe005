/** Of the input of the same name. */
export const HISTORY_MEANING =
  'rows of vocabulary.csv of the most recent interactions, oldest first, then -1 up to the length; items that it marks as hidden from training are left out before, but for the last interaction';

/** The program beside an exported model that scores every item for a history. */
export const SCORING_EXAMPLE = `"""Ten recommendations of the exported model, with onnxruntime and numpy alone.

python example.py ITEM ITEM ...                 a history of ids, oldest first; ITEM@SECONDS where the model reads times
python example.py --user ID FILE.csv [...]      a user's rows of files with the columns user, item and time, in order
"""
import csv
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

here = Path(__file__).resolve().parent
about = json.loads((here / "inputs.json").read_text(encoding="utf-8"))


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


vocabulary = table(here / "vocabulary.csv")
rows = {line["item"]: int(line["row"]) for line in vocabulary}
hidden = {int(line["row"]) for line in vocabulary if line["hidden"] == "1"}
users = {line["user"]: int(line["row"]) for line in table(here / "users.csv")} if (here / "users.csv").exists() else {}
session = onnxruntime.InferenceSession(str(here / "model.onnx"))


def known(history):
    """(row, seconds) of what the model reads: items that were hidden from training only at the end."""
    found = [(rows[item], seconds) for item, seconds in history if item in rows]
    return [visit for at, visit in enumerate(found, 1) if visit[0] not in hidden or at == len(found)]


def arrays(histories, ids):
    """Inputs for histories of known visits, oldest first, and for the ids of their users."""
    length = (about["history"] or {"length": 0})["length"]
    kinds = {"tensor(int32)": np.int32, "tensor(float)": np.float32}
    found = {port.name: np.zeros((len(histories), *port.shape[1:]), kinds[port.type]) for port in session.get_inputs()}
    for at, history in enumerate(histories):
        if "users" in found:
            found["users"][at] = users[ids[at]]
        if "seen" in found:
            found["seen"][at, [item for item, _ in history]] = 1
        recent = history[-length:]
        if "history" in found:
            found["history"][at] = [item for item, _ in recent] + [about["history"]["padding"]] * (length - len(recent))
        since = np.array([np.floor(seconds - recent[0][1] + 0.5) for _, seconds in recent])
        if "times" in found:
            found["times"][at, : len(recent)] = since
        if "queryTimes" in found and recent:
            found["queryTimes"][at, : len(recent)] = np.append(since[1:], since[-1])
    return found


def recommend(histories, ids, k=10):
    """The k best items of each history with their scores, items of the history left out."""
    histories = [known(history) for history in histories]
    (scores,) = session.run(["scores"], arrays(histories, ids))
    for own, history in zip(scores, histories):
        own[[row for row, _ in history]] = -np.inf
        best = [at for at in np.argsort(-own, kind="stable")[:k] if own[at] > -np.inf]
        yield [(vocabulary[at]["item"], float(own[at])) for at in best]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--user"]:
        user, lines = sys.argv[2], [line for path in sys.argv[3:] for line in table(path)]
        history = [(line["item"], float(line.get("time") or 0)) for line in lines if line["user"] == user]
    else:
        user, parts = None, [argument.partition("@") for argument in sys.argv[1:]]
        history = [(item, float(seconds or 0)) for item, _, seconds in parts]
    for item, score in next(recommend([history], [user])):
        print(item, score)
`;
