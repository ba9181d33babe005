"""Training steps of DLRM in PyTorch, the peer of bench/dlrm-step.ts: the Criteo Kaggle configuration, embedding bags with sparse
gradients, Adagrad. Usage and output: peer.py.
"""
from functools import partial

import torch
from torch.nn import functional as F

from peer import run


def mlp(x, P, at, layers, activate_last):
    for layer in range(layers):
        x = F.linear(x, P[f"{at}/{layer}/weight"].t(), P[f"{at}/{layer}/bias"])
        if layer < layers - 1 or activate_last:
            x = F.relu(x)
    return x


def network(P, dense, bags, pairs):
    numbers = mlp(dense, P, "bottom", 4, True)
    stacked = torch.stack([numbers, *bags], 1)
    products = torch.bmm(stacked, stacked.mT)
    return mlp(torch.cat([numbers, products[:, pairs[0], pairs[1]]], 1), P, "top", 3, False).squeeze(1)


def loss(P, config, batch, network=network):
    tables = [P[f"tables/C{column + 1}"] for column in range(config["columns"])]
    bags = [
        F.embedding_bag(ids, table, batch["offsets"], mode="sum", sparse=True)
        for ids, table in zip(batch["ids"], tables)
    ]
    logits = network(P, batch["dense"], bags, batch["pairs"])
    return F.binary_cross_entropy_with_logits(logits, batch["labels"])


def batches_of(micros, config, mode):
    (micro,) = micros
    columns = config["columns"]
    rows = len(micro["ids"]) // columns
    return [
        {
            "dense": micro["dense"].view(rows, -1),
            "labels": micro["labels"],
            "ids": micro["ids"].view(columns, rows),
            "offsets": torch.arange(rows),
            "pairs": torch.tril_indices(columns + 1, columns + 1, -1),
        }
    ]


# Sparse gradients cannot be compiled; the networks can.
run(loss, batches_of, compiled=lambda whole: partial(whole, network=torch.compile(network)))
