"""Writes search-a.json: what Optuna's TPE finds on three functions in 100 trials, for 50 seeds.

Usage: search.py > search-a.json
Needs optuna. The sampler is TPESampler(seed=seed) with everything else as Optuna sets it; no start points are given. The same
functions are in search-functions.ts.
"""
import json
import math
from importlib.metadata import version

import optuna

TRIALS, SEEDS = 100, range(1, 51)
optuna.logging.set_verbosity(optuna.logging.ERROR)


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    b, c, t = 5.1 / (4 * math.pi**2), 5 / math.pi, 1 / (8 * math.pi)
    return (y - b * x * x + c * x - 6) ** 2 + 10 * (1 - t) * math.cos(x) + 10


A = [
    [10, 3, 17, 3.5, 1.7, 8],
    [0.05, 10, 17, 0.1, 8, 14],
    [3, 3.5, 1.7, 10, 17, 8],
    [17, 8, 0.05, 10, 0.1, 14],
]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]
ALPHA = [1.0, 1.2, 3.0, 3.2]


def hartmann6(trial):
    x = [trial.suggest_float(f"x{at}", 0, 1) for at in range(6)]
    return -sum(a * math.exp(-sum(w * (v - p) ** 2 for w, v, p in zip(ws, x, ps))) for a, ws, ps in zip(ALPHA, A, P))


def mixed(trial):
    """A shape of a learning problem: one choice opens keys that the others do not have."""
    rate = trial.suggest_float("rate", 1e-5, 1, log=True)
    depth = trial.suggest_int("depth", 1, 12)
    loss = trial.suggest_categorical("loss", ["plain", "dropped", "wide"])
    value = 0.5 * (math.log10(rate) + 2.5) ** 2 + 0.05 * (depth - 5) ** 2
    if loss == "plain":
        return value + 1
    if loss == "dropped":
        dropout = trial.suggest_float("dropout", 0, 0.9)
        return value + 0.4 + 4 * (dropout - 0.35) ** 2
    width = trial.suggest_int("width", 4, 1024, log=True)
    return value + 0.2 + 0.2 * (math.log2(width) - 6) ** 2 + (0.3 if trial.suggest_categorical("tied", [False, True]) else 0)


def best(function, seed):
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.optimize(function, n_trials=TRIALS)
    return study.best_value


print(
    json.dumps(
        {
            "optuna": version("optuna"),
            "trials": TRIALS,
            "best": {one.__name__: [best(one, seed) for seed in SEEDS] for one in (branin, hartmann6, mixed)},
        }
    )
)
