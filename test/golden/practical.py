"""Writes practical-a.json: the Bayesian signed-rank test by baycomp, equivalence and sample sizes by statsmodels.

Usage: practical.py > practical-a.json
Needs baycomp and statsmodels. Values are of differences with ties and zeros, as metrics of lists have; `weights` are the draws of the Dirichlet
distribution from which baycomp made `samples`, the pseudo-observation first.
"""
import json
from importlib.metadata import version

import numpy as np
from baycomp import SignedRankTest
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.weightstats import DescrStatsW, ttost_paired

draw = np.random.default_rng(23)
DRAWS, SEED, SHOWN = 20_000, 4, 4


def case(name, differences, rope):
    differences = np.round(differences, 6)
    zero = np.zeros(len(differences))
    posterior = SignedRankTest(zero, differences, rope, nsamples=DRAWS, random_state=SEED)
    weights = np.random.RandomState(SEED).dirichlet([0.5] + [1] * len(differences), DRAWS)
    found = {
        "name": name,
        "differences": differences.tolist(),
        "rope": rope,
        "weights": weights[:SHOWN].tolist(),
        "samples": posterior.sample[:SHOWN].tolist(),
        "probabilities": list(posterior.probs(with_rope=True)),
    }
    if rope > 0:
        found["tost"] = ttost_paired(differences, zero, -rope, rope)[0]
        found["interval90"] = list(DescrStatsW(differences).tconfint_mean(alpha=0.1))
    effect, deviation = differences.mean(), differences.std(ddof=1)
    found["needed"] = {
        str(power): normal_sample_size_one_tail(effect, power, 0.025, std_null=deviation) for power in [0.5, 0.8, 0.95]
    }
    return found


cases = [
    case("ties", draw.choice([-0.5, 0, 0, 0, 0.25, 0.5], 60), 0.05),
    case("small", draw.normal(0.02, 0.05, 40), 0.03),
    case("within", draw.normal(0.001, 0.02, 50), 0.02),
    case("no region", draw.normal(0.05, 0.2, 30), 0),
    case("at the end", np.array([0.1, 0.1, 0.1, -0.1, 0, 0.3]), 0.1),
]
print(json.dumps({"versions": {name: version(name) for name in ["baycomp", "statsmodels"]}, "draws": DRAWS, "cases": cases}))
