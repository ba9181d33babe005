"""Training steps of DLRM in PyTorch, the peer of bench/dlrm-step.ts: the Criteo Kaggle configuration, generated rows,
EmbeddingBag with sparse gradients, Adagrad.

usage: dlrm_step.py THREADS STEPS BATCH MAX_ROWS
Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}.
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

DIM, DENSE, WARM_UP = 16, 13, 3
VOCABULARIES = [
    1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306, 10, 5652,
    2173, 4, 7046547, 18, 15, 286181, 105, 142572,
]


def layers(widths):
    return nn.ModuleList([nn.Linear(a, b) for a, b in zip(widths, widths[1:])])


class Dlrm(nn.Module):
    def __init__(self, counts):
        super().__init__()
        self.tables = nn.ModuleList(nn.EmbeddingBag(n, DIM, mode="sum", sparse=True) for n in counts)
        for table, n in zip(self.tables, counts):
            nn.init.uniform_(table.weight, -math.sqrt(1 / n), math.sqrt(1 / n))
        vectors = len(counts) + 1
        self.bottom = layers([DENSE, 512, 256, 64, DIM])
        self.top = layers([DIM + vectors * (vectors - 1) // 2, 512, 256, 1])
        self.register_buffer("pairs", torch.tril_indices(vectors, vectors, -1))

    def forward(self, dense, ids, offsets):
        for layer in self.bottom:
            dense = F.relu(layer(dense))
        bags = [table(column, offsets) for table, column in zip(self.tables, ids)]
        stacked = torch.stack([dense, *bags], 1)
        products = torch.bmm(stacked, stacked.mT)
        x = torch.cat([dense, products[:, self.pairs[0], self.pairs[1]]], 1)
        for layer in self.top[:-1]:
            x = F.relu(layer(x))
        return self.top[-1](x).squeeze(1)


def main():
    threads, steps, rows, most = (int(arg) for arg in sys.argv[1:5])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    counts = [min(n, most) for n in VOCABULARIES]
    model = Dlrm(counts)
    optimiser = torch.optim.Adagrad(model.parameters(), 0.01)
    offsets = torch.arange(rows)

    def generate():
        ids = [(torch.rand(rows) * math.log(n + 1)).exp().long().clamp(1, n) - 1 for n in counts]
        return torch.log1p(torch.exp(2 * torch.randn(rows, DENSE))), ids, (torch.rand(rows) < 0.25).float()

    batches = iter([generate() for _ in range(WARM_UP + steps)])

    def step():
        dense, ids, labels = next(batches)
        loss = F.binary_cross_entropy_with_logits(model(dense, ids, offsets), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    for _ in range(WARM_UP):
        step()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(steps):
        loss = step()
    print(json.dumps({
        "cpu": (time.process_time() - cpu) / steps,
        "wall": (time.perf_counter() - wall) / steps,
        "loss": loss,
    }))


main()
