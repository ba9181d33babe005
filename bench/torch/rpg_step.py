"""Training steps of RPG in PyTorch, the peer of bench/rpg-step.ts: a GPT-2 encoder over means of code vectors, a head and a softmax
for each code of the next item's ID. Usage and output: peer.py.
"""
import math

import torch
from torch.nn import functional as F

from peer import by_length, join_rows, run


def drop(x, config):
    return F.dropout(x, config["dropout"]) if config["dropout"] else x


def linear(x, P, at):
    return F.linear(x, P[f"{at}/weight"].t(), P[f"{at}/bias"])


def norm(x, P, at, config):
    return F.layer_norm(x, (x.shape[-1],), P[f"{at}/scale"], P[f"{at}/shift"], config["normEpsilon"])


def block(x, P, at, batch, config):
    heads = lambda t: t.unflatten(-1, (config["heads"], -1)).transpose(1, 2)
    q, k, v = (heads(t) for t in linear(norm(x, P, f"{at}/norm/0", config), P, f"{at}/qkv").chunk(3, -1))
    weights = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]) + batch["causal"], -1)
    h = x + linear((drop(weights, config) @ v).transpose(1, 2).flatten(2), P, f"{at}/out")
    hidden = F.gelu(linear(norm(h, P, f"{at}/norm/1", config), P, f"{at}/ffn/0"), approximate="tanh")
    return h + linear(hidden, P, f"{at}/ffn/1")


def loss(P, config, batch):
    table, levels = P["token-embedding"], len(config["levels"]["sizes"])
    x = F.embedding(batch["codes"], table).mean(2)
    x = drop(x + P["position-embedding"][: x.shape[1]], config)
    for index in range(config["blocks"]):
        x = block(x, P, f"blocks/{index}", batch, config)
    states = norm(x, P, "final-norm", config).flatten(0, 1)[batch["cells"]]
    weight = torch.stack([P[f"heads/{level}/weight"] for level in range(levels)])
    bias = torch.stack([P[f"heads/{level}/bias"] for level in range(levels)]).unsqueeze(1)
    predicted = states + F.silu(torch.baddbmm(bias, states.expand(levels, -1, -1), weight))
    predicted = F.normalize(predicted, dim=-1, eps=1e-12)
    codes = F.normalize(table, dim=-1, eps=1e-12).view(levels, -1, config["dim"]) / config["temperature"]
    logits = torch.bmm(predicted, codes.mT)
    each = F.cross_entropy(logits.flatten(0, 1), batch["labels"], reduction="none").view(levels, -1)
    return (each.sum(0) * batch["weights"]).sum() / levels


def batch_of(micros, config, length):
    levels = config["levels"]
    width = len(levels["sizes"])
    batch = join_rows(micros, {"tokens": (0, width), "labels": (0, width), "weights": (0, 1)}, length)
    weights = batch["weights"].view(-1)
    cells = (weights > 0).nonzero().squeeze(1)
    # Padding has the first code of each level, as in ours; no position that counts sees it.
    starts = torch.tensor(levels["starts"])
    codes = torch.maximum(batch["tokens"].view(-1, length, width), starts) - 1
    labels = batch["labels"].view(-1, width)[cells] - starts
    causal = torch.ones(length, length).triu(1) > 0
    return {
        "codes": codes,
        "cells": cells,
        "labels": labels.t().reshape(-1),
        "weights": weights[cells],
        "causal": torch.zeros(length, length).masked_fill(causal, -math.inf),
    }


run(loss, by_length(batch_of))
