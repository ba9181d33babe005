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


vocabulary = table(here / "vocabulary.csv")
tokens = {line["item"]: tuple(int(line[f"token{level}"]) for level in range(len(firsts))) for line in vocabulary}
rows = {line["item"]: row for row, line in enumerate(vocabulary)}
hidden = dict.fromkeys(line["item"] for line in vocabulary if line["hidden"] == "1")
users = {line["user"]: int(line["token"]) for line in table(here / "users.csv")} if (here / "users.csv").exists() else {}
# A search follows the IDs that training knows, and those of hidden items whose prefix no other item has.
prefixes = {code[:-1] for item, code in tokens.items() if item not in hidden}
items, children = {}, {}
for item, code in tokens.items():
    if item in hidden and code[:-1] in prefixes:
        continue
    items.setdefault(code, []).append(item)
    for level in range(len(code)):
        children.setdefault(code[:level], set()).add(code[level])
encoder, decoder = (onnxruntime.InferenceSession(str(here / name)) for name in ("encoder.onnx", "decoder.onnx"))


def read(history):
    """What the model reads: items that were hidden from training only at the end."""
    return [item for at, item in enumerate(history, 1) if item not in hidden or at == len(history)]


def encode(histories, ids):
    """States and presence of the sources of histories of items, and the similarities of all items where the model has them."""
    source = np.zeros((len(histories), about["source"]["length"]), np.int32)
    present = np.zeros(source.shape, np.float32)
    places = np.zeros((len(histories), about["history"]["length"]), np.int32)
    for row, (history, user) in enumerate(zip(histories, ids)):
        known = [item for item in history if item in tokens][-about["history"]["length"] :]
        places[row, : len(known)] = [rows[item] for item in known]
        parts = [0] * about["source"].get("before", 0) + ([users[user]] if users else [])
        for at, item in enumerate(known):
            parts += ([separator] if separator is not None and at > 0 else []) + list(tokens[item])
        source[row, : len(parts)], present[row, : len(parts)] = parts, 1
    given = {"tokens": source, "present": present, "items": places}
    found = encoder.run(None, {port.name: given[port.name] for port in encoder.get_inputs()})
    return found[0], present, found[1] if len(found) > 1 else None


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
    histories = [read([item for item, _ in history]) for history in histories]
    states, present, similar = encode(histories, ids)
    for row, history in enumerate(histories):
        beams = search(states[row : row + 1], present[row : row + 1], set(history), max(k, about["search"]["beams"]))
        found = [(item, score) for score, code in beams for item in items[code]]
        if similar is not None:
            listed = [item for item, _ in found if item not in hidden] + list(hidden)
            found = sorted(((item, float(similar[row, rows[item]])) for item in listed), key=lambda pair: (-pair[1], rows[pair[0]]))
        yield [(item, score) for item, score in found if item not in history][:k]


if __name__ == "__main__":
    user, history = (sys.argv[2], sys.argv[3:]) if sys.argv[1:2] == ["--user"] else (None, sys.argv[1:])
    for item, score in next(recommend([[(item, 0) for item in history]], [user])):
        print(item, score)
`;
