"""Writes lists-a.json: serendipity by RecTools, miscalibration by SciPy's relative entropy, popularity lift by its definition.

Usage: lists.py > lists-a.json
Needs rectools and scipy. Some lists are short, one is empty; some items have no genre, no interaction or both; one user's history has no genre.
"""
import json
from importlib.metadata import version

import numpy as np
import pandas as pd
from rectools.metrics import Serendipity
from scipy.special import rel_entr

ITEMS, USERS, LENGTH, GENRES, K = 50, 30, 10, 6, 10
draw = np.random.default_rng(17)

genres = [sorted(draw.choice(GENRES, draw.integers(0, 4), replace=False).tolist()) for _ in range(ITEMS)]
weights = 1 / np.arange(1, ITEMS + 1)
weights[40:] = 0
histories = [draw.choice(ITEMS, draw.integers(1, 12), p=weights / weights.sum()).tolist() for _ in range(USERS)]
histories[3] = [item for item in range(40) if not genres[item]][:2]
lists = [draw.choice(ITEMS, LENGTH if user % 4 else draw.integers(1, LENGTH), replace=False).tolist() for user in range(USERS)]
lists[5] = []
targets = [sorted(draw.choice(ITEMS, draw.integers(1, 9), replace=False).tolist()) for _ in range(USERS)]
rows = [(user, item) for user, items in enumerate(histories) for item in items]
popularity = np.bincount([item for _, item in rows], minlength=ITEMS)


def frame(of, columns=("user_id", "item_id")):
    return pd.DataFrame(of, columns=list(columns))


found = Serendipity(k=K).calc_per_user(
    frame([(user, item, at + 1) for user, items in enumerate(lists) for at, item in enumerate(items)], ["user_id", "item_id", "rank"]),
    frame([(user, item) for user, items in enumerate(targets) for item in items]),
    frame(rows),
    range(ITEMS),
)


def shares(items):
    of_items = [np.isin(np.arange(GENRES), genres[item]) / len(genres[item]) for item in items if genres[item]]
    return np.mean(of_items, axis=0) if of_items else None


def miscalibration(user):
    p, q = shares(histories[user]), shares(lists[user])
    return None if p is None or q is None else float(rel_entr(p, 0.99 * q + 0.01 * p).sum())


listed = [user for user in range(USERS) if lists[user]]
recommended = np.mean([popularity[lists[user]].mean() for user in listed])
profile = np.mean([popularity[histories[user]].mean() for user in listed])

print(
    json.dumps(
        {
            "versions": {name: version(name) for name in ["rectools", "scipy"]},
            "items": ITEMS,
            "k": K,
            "genres": genres,
            "histories": histories,
            "lists": lists,
            "targets": targets,
            "popularity": popularity.tolist(),
            "serendipity": [float(found[user]) if user in found.index else None for user in range(USERS)],
            "miscalibration": [miscalibration(user) for user in range(USERS)],
            "popularity_lift": float((recommended - profile) / profile),
        }
    )
)
