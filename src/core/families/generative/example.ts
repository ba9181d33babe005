/** The program beside an exported model. */
export const GENERATIVE_EXAMPLE = `"""Ten recommendations of the exported model by beam search, with onnxruntime and numpy alone.

python example.py [--user ID] ITEM ITEM ...     a history of ids, oldest first
"""
import csv
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

here = Path(__file__).resolve().parent
about = json.loads((here / "inputs.json").read_text(encoding="utf-8"))
firsts, separator = about["levels"], about["source"]["separator"]


def table(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


tokens = {line["item"]: tuple(int(line[f"token{level}"]) for level in range(len(firsts))) for line in table(here / "vocabulary.csv")}
users = {line["user"]: int(line["token"]) for line in table(here / "users.csv")} if (here / "users.csv").exists() else {}
items, children = {}, {}
for item, code in tokens.items():
    items.setdefault(code, []).append(item)
    for level in range(len(code)):
        children.setdefault(code[:level], set()).add(code[level])
encoder, decoder = (onnxruntime.InferenceSession(str(here / name)) for name in ("encoder.onnx", "decoder.onnx"))


def encode(histories, ids):
    """States and presence of the sources of histories of items."""
    source = np.zeros((len(histories), about["source"]["length"]), np.int32)
    present = np.zeros(source.shape, np.float32)
    for row, (history, user) in enumerate(zip(histories, ids)):
        known = [tokens[item] for item in history if item in tokens][-about["history"]["length"] :]
        parts = [users[user]] if users else []
        for at, code in enumerate(known):
            parts += ([separator] if separator is not None and at > 0 else []) + list(code)
        source[row, : len(parts)], present[row, : len(parts)] = parts, 1
    return encoder.run(["states"], {"tokens": source, "present": present})[0], present


def search(states, present, filtered, width):
    """(log-probability, ID) of the best IDs of one source; those with only filtered items are left out."""
    beams = [(0.0, ())]
    for level, first in enumerate(firsts):
        prefixes = np.zeros((len(beams), len(firsts)), np.int32)
        for row, (_, code) in enumerate(beams):
            prefixes[row, 1 : level + 1] = code
        inputs = {"states": states.repeat(len(beams), 0), "present": present.repeat(len(beams), 0), "decoderTokens": prefixes}
        (logits,) = decoder.run([f"logits/{level}"], inputs)
        found = []
        for (total, code), own in zip(beams, logits.astype(np.float64)):
            following = sorted(children[code])
            over = own[[token - first for token in following]]
            norm = over.max() + np.log(np.exp(over - over.max()).sum())
            found += [(total - norm + own[token - first], (*code, token)) for token in following]
        if level + 1 == len(firsts):
            found = [beam for beam in found if not filtered.issuperset(items[beam[1]])]
        beams = sorted(found, key=lambda beam: -beam[0])[:width]
    return beams


def recommend(histories, ids, k=10):
    """The k best items of each history of (item, seconds) with their scores, items of the history left out."""
    histories = [[item for item, _ in history] for history in histories]
    states, present = encode(histories, ids)
    for row, history in enumerate(histories):
        beams = search(states[row : row + 1], present[row : row + 1], set(history), max(k, about["search"]["beams"]))
        yield [(item, score) for score, code in beams for item in items[code] if item not in history][:k]


if __name__ == "__main__":
    user, history = (sys.argv[2], sys.argv[3:]) if sys.argv[1:2] == ["--user"] else (None, sys.argv[1:])
    for item, score in next(recommend([[(item, 0) for item in history]], [user])):
        print(item, score)
`;
