"""Writes stats-b.json: metrics, tests and intervals of tied, constant and empty values, from other libraries.

Usage: stats_b.py RECBOLE > stats-b.json
Needs numpy, scipy, scikit-learn and statsmodels. RECBOLE is the folder that RecBole 1.2.1's wheel was unpacked in; of it
only the top-k metrics are taken, which are NumPy: PyTorch, which its modules import, need not be there.
"""
import enum
import itertools
import json
import sys
import types

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn import metrics
from sklearn.metrics.pairwise import cosine_distances
from statsmodels.stats.multitest import multipletests

draw = np.random.default_rng(5)


def tensor(values):
    values = np.asarray(values)
    return {"shape": list(values.shape), "data": values.ravel().tolist()}


def recbole_metrics():
    utils = types.ModuleType("recbole.utils")
    utils.EvaluatorType = enum.Enum("EvaluatorType", "RANKING VALUE")
    for name, module in [("torch", types.ModuleType("torch")), ("recbole.utils", utils)]:
        sys.modules[name] = module
    for name in ["recbole", "recbole.evaluator"]:
        package = types.ModuleType(name)
        package.__path__ = [f"{sys.argv[1]}/{name.replace('.', '/')}"]
        sys.modules[name] = package
    from recbole.evaluator.metrics import NDCG, Hit

    np.float = float  # the name that RecBole 1.2.1 uses and NumPy no longer has
    config = {"metric_decimal_place": 10, "topk": [1]}
    return Hit(config), NDCG(config)


def paired_t(x, y):
    found = stats.ttest_rel(y, x)
    return {"t": found.statistic, "p": found.pvalue, "df": found.df, "mean_difference_y_minus_x": np.mean(y - x)}


def normal_wilcoxon(differences):
    found = stats.wilcoxon(differences, zero_method="wilcox", correction=False, method="asymptotic")
    return {"statistic": found.statistic, "p": found.pvalue}


def exact_wilcoxon(differences):
    """By SciPy's permutation test over all signs of the ranks: its exact method knows no ties."""
    kept = differences[differences != 0]
    ranks = stats.rankdata(np.abs(kept))
    found = stats.permutation_test(
        (ranks * np.sign(kept),),
        lambda signed, axis: np.sum(signed * (signed > 0), axis=axis),
        permutation_type="samples",
        n_resamples=np.inf,
    )
    return {"statistic": min(found.statistic, ranks.sum() - found.statistic), "p": found.pvalue}


def bootstrap(differences, resamples):
    indices = draw.integers(0, len(differences), (resamples, len(differences)))
    means = differences[indices].mean(axis=1)

    def bca(sample, distribution):
        known = types.SimpleNamespace(bootstrap_distribution=distribution)
        found = stats.bootstrap((sample,), np.mean, n_resamples=0, bootstrap_result=known, method="BCa")
        return list(found.confidence_interval)

    below, equal = np.sum(means < differences.mean()), np.sum(means == differences.mean())
    assert equal > resamples / 20
    centred = differences - differences.mean()
    smaller = min(np.sum(means <= 0), np.sum(means >= 0))
    return {
        "indices": tensor(indices),
        "resample_means": tensor(means),
        "bca95": bca(differences, means),
        "bca95_exchanged": bca(-differences, -means),
        "bca_z0": stats.norm.ppf((below + equal / 2) / resamples),
        "bca_a": np.sum(centred**3) / (6 * np.sum(centred**2) ** 1.5),
        "p_two_sided": min(1, 2 * (smaller + 1) / (resamples + 1)),
    }


def calibration():
    p = np.round(draw.uniform(0.02, 0.98, 60), 1)
    labels = (draw.uniform(size=60) < p).astype(int)
    rate = labels.mean()
    loss = metrics.log_loss(labels, p)
    bins = np.minimum((10 * p).astype(int), 9)
    gaps = [np.sum(bins == b) * abs(p[bins == b].mean() - labels[bins == b].mean()) for b in set(bins)]
    return {
        "labels": tensor(labels),
        "probabilities": tensor(p),
        "ece_equal_width": sum(gaps) / 60,
        "auc": metrics.roc_auc_score(labels, p),
        "brier": metrics.brier_score_loss(labels, p),
        "log_loss": loss,
        "normalised_entropy": loss / stats.entropy([rate, 1 - rate]),
        "accuracy": metrics.accuracy_score(labels, p >= 0.5),
    }


def lists():
    """Lists with empty places (0), one of a single item and one of none; item 4 has no vector and counts in no pair."""
    items, k = 9, 4
    shown = np.array([[1, 2, 3, 4], [2, 1, 0, 0], [3, 0, 0, 0], [0, 0, 0, 0], [5, 4, 2, 1]])
    popularity = np.array([40, 20, 20, 5, 5, 5, 3, 2, 0])
    vectors = draw.normal(size=(items, 3)).round(3)
    vectors[3] = 0
    flat = shown[shown > 0] - 1
    counts = np.sort(np.bincount(flat, minlength=items))
    pairs = sum(abs(a - b) for a in counts for b in counts)
    order = sorted(range(items), key=lambda item: (-popularity[item], item))
    held = np.cumsum(popularity[order]) - popularity[order]
    head = [item for item, before in zip(order, held) if before < 0.8 * popularity.sum()]
    distances = []
    for row in shown:
        own = vectors[row[row > 0] - 1]
        own = own[np.any(own != 0, axis=1)]
        if len(own) > 1:
            distances.append(np.mean([cosine_distances(own)[i, j] for i, j in itertools.combinations(range(len(own)), 2)]))
    return {
        "items": items,
        "k": k,
        "lists": tensor(shown),
        "popularity_of_item_1..I": tensor(popularity),
        "item_vectors": tensor(vectors),
        "own": {
            "coverage": len(set(flat)) / items,
            "gini_over_all_items": pairs / (2 * items * counts.sum()),
            "entropy_nats": stats.entropy(counts),
            "intra_list_distance_1_minus_cosine": np.mean(distances),
            "novelty_mean_minus_log2_(pop+1)/(sum+I)": np.mean(-np.log2((popularity[flat] + 1) / (popularity.sum() + items))),
            "average_recommendation_popularity": popularity[flat].mean(),
            "long_tail_share_outside_80pct_head": np.mean([item not in head for item in flat]),
            "head_items": sorted(item + 1 for item in head),
        },
    }


def grouped_auc():
    """One user has a single class, one a single row."""
    users, total, rows = [], 0, 0
    for size in [12, 5, 1, 4, 9]:
        labels = draw.integers(0, 2, size)
        if size == 4:
            labels[:] = 1
        scores = draw.integers(0, 4, size) / 4
        users.append({"labels": tensor(labels), "scores": tensor(scores)})
        if 0 < labels.sum() < size:
            total += size * metrics.roc_auc_score(labels, scores)
            rows += size
    return {"users": users, "weighted_by_impressions": total / rows}


def ranking(hit, ndcg):
    users, items = 30, 25
    targets = draw.integers(0, items, users)
    truth = np.eye(items, dtype=int)[targets]
    untied = draw.permuted(np.tile(np.arange(items), (users, 1)), axis=1).astype(float)
    tied = draw.integers(0, 6, (users, items)).astype(float)
    # A target's rank counts every item that scores as much.
    of_ranks = lambda scores: {
        "mrr": metrics.label_ranking_average_precision_score(truth, scores),
        "mean-rank": metrics.coverage_error(truth, scores),
    }
    hits = np.take_along_axis(truth, np.argsort(-untied, axis=1), axis=1).astype(bool)
    found = of_ranks(untied)
    for k in [1, 5, 10, 25]:
        found[f"hr@{k}"] = hit.metric_info(hits)[:, k - 1].mean()
        found[f"ndcg@{k}"] = metrics.ndcg_score(truth, untied, k=k)
        assert np.isclose(ndcg.metric_info(hits, np.ones(users, dtype=int))[:, k - 1].mean(), found[f"ndcg@{k}"])
        assert np.isclose(metrics.top_k_accuracy_score(targets, untied, k=k, labels=range(items)), found[f"hr@{k}"])
    block = lambda scores, mean: {"scores": tensor(scores), "targets": tensor(targets), "mean": mean}
    return {"untied": block(untied, found), "tied": block(tied, of_ranks(tied))}


x = (draw.uniform(size=40) < 0.3).astype(float)
changed = draw.uniform(size=40) < 0.3
y = np.where(changed, 1 - x, x)
small_x = np.array([0, 0.5, 0.5, 1, 0, 0.25, 0, 0, 1, 0.5])
small_y = np.array([0.5, 0.5, 1, 0.5, 0.25, 1, 0, 0.5, 1, 0.75])
p = np.array([0.01, 0.04, 0.01, 1, 0.2, 0, 0.04])
reject, adjusted, _, _ = multipletests(p, 0.05, "holm")
fixture = {
    "model": "stats",
    "case": "b",
    "source": {
        "kind": f"scipy {scipy.__version__}, statsmodels {statsmodels.__version__}, sklearn {sklearn.__version__}, RecBole 1.2.1; "
        "ECE, Gini, novelty, popularity, head and p of the bootstrap by their formulas",
        "script": "stats_b.py",
    },
    "inputs": {"x": tensor(x), "y": tensor(y)},
    "paired_t": paired_t(x, y),
    "wilcoxon": {"normal": normal_wilcoxon(y - x), "exact": exact_wilcoxon(y - x)},
    "small": {
        "x": tensor(small_x),
        "y": tensor(small_y),
        "t": paired_t(small_x, small_y),
        "wilcoxon": {"normal": normal_wilcoxon(small_y - small_x), "exact": exact_wilcoxon(small_y - small_x)},
    },
    "bootstrap": bootstrap(y - x, 250),
    "multiple_comparisons": {"p": tensor(p), "alpha": 0.05, "holm": {"adjusted": tensor(adjusted), "reject": reject.tolist()}},
    "effect_sizes_own": {
        "cohen_dz": np.mean(y - x) / np.std(y - x, ddof=1),
        "wins": int(np.sum(y > x)),
        "ties": int(np.sum(y == x)),
        "losses": int(np.sum(y < x)),
    },
    "calibration": calibration(),
    "beyond_accuracy": lists(),
    "gauc": grouped_auc(),
    "ranking": ranking(*recbole_metrics()),
}
json.dump(fixture, sys.stdout, separators=(",", ":"), default=float)
print()
