"""Writes agreement-a.json: DeLong's test by MLstatkit, shared information of labellings by scikit-learn, the rest by SciPy.

Usage: agreement.py > agreement-a.json
Needs mlstatkit, scikit-learn and scipy. Scores and values have ties; one labelling is constant, one tells every item apart.
"""
import json
from importlib.metadata import version

import numpy as np
from MLstatkit import Delong_test
from scipy import stats
from sklearn import metrics

draw = np.random.default_rng(29)


def delong(rows, steps):
    labels = (draw.uniform(size=rows) < 0.4).astype(int)
    better = labels + draw.normal(size=rows)
    worse = labels + 2 * draw.normal(size=rows)
    scores = [np.round(1 / (1 + np.exp(-one)) * steps) / steps for one in (worse, better)]
    z, p, *_ = found = Delong_test(labels, *scores)
    return {
        "labels": labels.tolist(),
        "scores": [one.tolist() for one in scores],
        "z": z,
        "p": p,
        "intervals": [list(one) for one in found[2:4]],
        "aucs": list(found[4:6]),
    }


def information(left, right):
    counts = [np.unique(one, return_counts=True)[1] for one in (left, right)]
    return {
        "left": np.asarray(left).tolist(),
        "right": np.asarray(right).tolist(),
        "entropies": [stats.entropy(one) for one in counts],
        "mutual": metrics.mutual_info_score(left, right),
        "normalised": metrics.normalized_mutual_info_score(left, right),
        "adjusted": metrics.adjusted_mutual_info_score(left, right),
    }


def several(models, datasets):
    values = np.round(draw.uniform(0, 1, (models, datasets)), 1)
    found = stats.friedmanchisquare(*values)
    f = (datasets - 1) * found.statistic / (datasets * (models - 1) - found.statistic)
    ranks = stats.rankdata(-values, axis=0).mean(axis=1)
    unit = np.sqrt(models * (models + 1) / (6 * datasets))
    nemenyi = stats.studentized_range(models, np.inf)
    return {
        "values": values.tolist(),
        "ranks": ranks.tolist(),
        "chi_square": found.statistic,
        "p": found.pvalue,
        "f": f,
        "f_p": stats.f.sf(f, models - 1, (models - 1) * (datasets - 1)),
        "critical_difference": nemenyi.isf(0.05) / np.sqrt(2) * unit,
        "pairs": [[float(nemenyi.sf(abs(a - b) / unit * np.sqrt(2))) if a != b else 1 for b in ranks] for a in ranks],
    }


def welch(size, other):
    samples = [np.round(draw.normal(0.3, 0.1, size), 3), np.round(draw.normal(0.35, 0.3, other), 3)]
    found = stats.ttest_ind(samples[1], samples[0], equal_var=False)
    return {"samples": [one.tolist() for one in samples], "t": found.statistic, "df": found.df, "p": found.pvalue}


def spearman(size):
    x, y = draw.integers(0, 6, size), draw.integers(0, 9, size)
    return {"x": x.tolist(), "y": y.tolist(), "rho": stats.spearmanr(x, y).statistic}


def categories():
    labels = draw.integers(-1, 4, 12)
    lists = [draw.choice(12, 5, replace=False) for _ in range(8)]
    known = [labels[one][labels[one] >= 0] for one in lists]
    entropies = [stats.entropy(np.unique(one, return_counts=True)[1], base=2) for one in known if len(one) > 0]
    return {"labels": labels.tolist(), "lists": [one.tolist() for one in lists], "entropy": float(np.mean(entropies))}


print(
    json.dumps(
        {
            "versions": {name: version(name) for name in ["mlstatkit", "scikit-learn", "scipy"]},
            "delong": [delong(60, 8), delong(90, 10_000)],
            "information": [
                information(draw.integers(0, 4, 50), draw.integers(0, 6, 50)),
                information(draw.integers(0, 3, 40).repeat(2), np.arange(80) // 5),
                information([0] * 12, draw.integers(0, 3, 12)),
                information(list(range(12)), draw.integers(0, 3, 12)),
            ],
            "several": [several(4, 6), several(7, 12)],
            "welch": [welch(5, 9), welch(40, 3)],
            "spearman": [spearman(30), spearman(7)],
            "categories": categories(),
        },
        default=float,
        separators=(",", ":"),
    )
)
