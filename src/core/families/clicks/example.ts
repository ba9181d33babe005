/** The program beside an exported model. */
export const CLICK_EXAMPLE = `"""Probabilities of the exported model for the rows of a CSV file, with onnxruntime and numpy alone.

python example.py ROWS.csv      columns as imported; several values of one as A|B, and missing ones empty
"""
import csv
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

here = Path(__file__).resolve().parent
about = json.loads((here / "inputs.json").read_text(encoding="utf-8"))
codes = {}
with open(here / "vocabulary.csv", encoding="utf-8", newline="") as file:
    for line in csv.DictReader(file):
        codes.setdefault(line["column"], {})[line["value"]] = int(line["code"])
session = onnxruntime.InferenceSession(str(here / "model.onnx"))


def arrays(rows):
    """Inputs for rows, which are values by column."""
    found = {}
    for column in about["columns"]:
        name, width = column["name"], column["width"]
        cells = found[column["input"]] = np.full((len(rows), width), -1, np.int32)
        for at, row in enumerate(rows):
            text = row.get(name) or ""
            values = [text] if width == 1 else [value for value in text.split("|") if value][-width:]
            cells[at, : len(values)] = [codes.get(column["codes"], {}).get(value, 0) for value in values]
    if about["numbers"]:
        numbers = [[float(row.get(n["name"]) or n["missing"]) for n in about["numbers"]] for row in rows]
        found["dense"] = np.array(numbers, np.float32)
    return found


def score(rows):
    """The probability of every task for every row: [rows, tasks]"""
    return session.run(["probabilities"], arrays(rows))[0]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8", newline="") as file:
        for values in score(list(csv.DictReader(file))):
            print(*values)
`;
