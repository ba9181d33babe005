"""Writes several-a.json: metrics of lists with several relevant items, from ranx and RecTools.

Usage: several.py > several-a.json
Needs ranx and rectools. Lists hold all items without ties; ranks are those of a user's relevant items in them.
"""
import json
from importlib.metadata import version

import numpy as np
import pandas as pd
from ranx import Qrels, Run, evaluate
from rectools.metrics import MAP, MRR, NDCG, HitRate, Precision, Recall, calc_metrics

ITEMS, USERS = 60, 40
CUTOFFS = [1, 5, 10, 20, 50]
draw = np.random.default_rng(11)

relevant, lists = [], []
for user in range(USERS):
    relevant.append(np.sort(draw.choice(ITEMS, draw.integers(1, 25), replace=False)))
    scores = draw.random(ITEMS)
    scores[relevant[-1]] += 0.5 * draw.random(len(relevant[-1]))
    lists.append(np.argsort(-scores))
ranks = [sorted(int(np.where(items == one)[0][0]) + 1 for one in wanted) for items, wanted in zip(lists, relevant)]

qrels = Qrels({f"u{u:02}": {f"i{i:02}": 1 for i in wanted} for u, wanted in enumerate(relevant)})
run = Run({f"u{u:02}": {f"i{i:02}": float(ITEMS - at) for at, i in enumerate(items)} for u, items in enumerate(lists)})
names = {"hit_rate": "hr", "recall": "recall", "precision": "precision", "map": "map", "mrr": "mrr", "ndcg": "ndcg"}
asked = [f"{name}@{k}" for name in names for k in CUTOFFS] + ["r-precision", "mrr"]
evaluate(qrels, run, asked)
of_users = {
    f"{names.get(name.split('@')[0], name.split('@')[0])}{name[name.find('@'):] if '@' in name else ''}": [
        float(run.scores[name][f"u{u:02}"]) for u in range(USERS)
    ]
    for name in asked
}

reco = pd.DataFrame(
    [(u, int(i), at + 1) for u, items in enumerate(lists) for at, i in enumerate(items)], columns=["user_id", "item_id", "rank"]
)
interactions = pd.DataFrame([(u, int(i)) for u, wanted in enumerate(relevant) for i in wanted], columns=["user_id", "item_id"])
classes = {"hr": HitRate, "recall": Recall, "precision": Precision, "mrr": MRR, "map": MAP}
means = {f"{name}@{k}": kind(k=k) for name, kind in classes.items() for k in CUTOFFS}
means |= {f"ndcg@{k}": NDCG(k=k, divide_by_achievable=True) for k in CUTOFFS}
rectools_means = {name: float(value) for name, value in calc_metrics(means, reco, interactions).items()}

print(
    json.dumps(
        {
            "versions": {name: version(name) for name in ["ranx", "rectools"]},
            "ranks": ranks,
            "ranx": of_users,
            "rectools": rectools_means,
        }
    )
)
