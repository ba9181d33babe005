"""One SASRec training step in PyTorch, the peer of bench/steps.ts: the same arithmetic, dropout included.

usage: sasrec_step.py THREADS STEPS
Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}.
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

BATCH, LENGTH, DIM, HEADS, BLOCKS, NEGATIVES, ITEMS, DROPOUT = 32, 200, 64, 2, 2, 128, 3705, 0.2


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm0 = nn.LayerNorm(DIM, eps=1e-8)
        self.norm1 = nn.LayerNorm(DIM, eps=1e-8)
        self.query = nn.Linear(DIM, DIM)
        self.pair = nn.Linear(DIM, 2 * DIM)
        self.out = nn.Linear(DIM, DIM)
        self.ffn0 = nn.Linear(DIM, DIM)
        self.ffn1 = nn.Linear(DIM, DIM)

    def forward(self, x, real):
        normed = self.norm0(x)
        heads = lambda t: t.view(BATCH, LENGTH, HEADS, DIM // HEADS).transpose(1, 2)
        k, v = self.pair(x).chunk(2, -1)
        o = F.scaled_dot_product_attention(
            heads(self.query(normed)), heads(k), heads(v), is_causal=True, dropout_p=DROPOUT
        )
        h = self.norm1(normed + self.out(o.transpose(1, 2).reshape(BATCH, LENGTH, DIM)))
        hidden = F.dropout(F.relu(self.ffn0(h)), DROPOUT)
        return (h + F.dropout(self.ffn1(hidden), DROPOUT)) * real


class SasRec(nn.Module):
    def __init__(self):
        super().__init__()
        self.items = nn.Embedding(ITEMS + 1, DIM)
        self.positions = nn.Parameter(torch.randn(LENGTH, DIM) * 0.02)
        self.blocks = nn.ModuleList([Block() for _ in range(BLOCKS)])
        nn.init.normal_(self.items.weight, std=0.02)

    def forward(self, ids):
        real = (ids != 0).float().unsqueeze(-1)
        x = F.dropout(self.items(ids) * math.sqrt(DIM) + self.positions, DROPOUT) * real
        for block in self.blocks:
            x = block(x, real)
        return x


def main():
    threads, steps = int(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = SasRec()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3, (0.9, 0.98))
    ids = torch.randint(1, ITEMS + 1, (BATCH, LENGTH))
    targets = torch.randint(1, ITEMS + 1, (BATCH * LENGTH,))

    def step():
        negatives = torch.randint(1, ITEMS + 1, (NEGATIVES,))
        h = model(ids).view(BATCH * LENGTH, DIM)
        positive = (h * model.items(targets)).sum(-1, keepdim=True)
        others = h @ model.items(negatives).T
        others = others.masked_fill(targets.unsqueeze(1) == negatives.unsqueeze(0), -5e4)
        logits = torch.cat([positive, others], 1)
        loss = -F.log_softmax(logits, -1)[:, 0].mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    for _ in range(3):
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
