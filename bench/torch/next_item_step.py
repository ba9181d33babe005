"""Training steps of a sequential model in PyTorch, the peer of bench/next-item-step.ts: SASRec, HSTU, FuXi-alpha
and a LLaMa decoder at their MovieLens-1M configuration, 128 negatives of its own for every position, AdamW.

usage: next_item_step.py MODEL THREADS STEPS BATCH LENGTHS_FILE
LENGTHS_FILE holds a JSON list: the positions trained of every user. Users are dealt to batches in their order, and
each batch is padded to N = 211. The loss is computed at the real positions alone.
Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}.
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

N, DIM, BLOCKS, NEGATIVES, ITEMS, DROPOUT, TEMPERATURE = 211, 50, 2, 128, 3883, 0.2, 0.05
WARM_UP = 2


def rms_norm(x):
    return F.rms_norm(x, (x.shape[-1],), eps=1e-6)


def drop(x):
    return F.dropout(x, DROPOUT)


def softmax_attention(q, k, v, batch):
    # scaled_dot_product_attention has no fused kernel with dropout on the CPU, and is no faster there.
    scores = torch.baddbmm(batch["causal_bias"], q, k.mT, alpha=1 / math.sqrt(DIM))
    return torch.bmm(drop(torch.softmax(scores, -1)), v)


class SasRecBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.pair = nn.Linear(DIM, DIM), nn.Linear(DIM, 2 * DIM)
        self.out, self.ffn0, self.ffn1 = (nn.Linear(DIM, DIM) for _ in range(3))

    def forward(self, x, batch):
        normed = F.layer_norm(x, (DIM,), eps=1e-8)
        k, v = self.pair(x).chunk(2, -1)
        attended = softmax_attention(self.query(normed), k, v, batch)
        h = F.layer_norm(normed + self.out(attended), (DIM,), eps=1e-8)
        return (h + drop(self.ffn1(drop(F.relu(self.ffn0(h)))))) * batch["real"]


class LlamaBlock(nn.Module):
    def __init__(self):
        super().__init__()
        width = round(DIM * 8 / 3)
        self.norm0, self.norm1 = nn.RMSNorm(DIM, eps=1e-6), nn.RMSNorm(DIM, eps=1e-6)
        self.qkv, self.out = nn.Linear(DIM, 3 * DIM, bias=False), nn.Linear(DIM, DIM, bias=False)
        self.gate_up, self.down = nn.Linear(DIM, 2 * width, bias=False), nn.Linear(width, DIM, bias=False)

    def forward(self, x, batch):
        q, k, v = self.qkv(self.norm0(x)).chunk(3, -1)
        cos, sin = batch["rotary"]
        turn = lambda t: t * cos + torch.cat([-t[..., DIM // 2 :], t[..., : DIM // 2]], -1) * sin
        x = x + self.out(softmax_attention(turn(q), turn(k), v, batch))
        gate, up = self.gate_up(self.norm1(x)).chunk(2, -1)
        return x + drop(self.down(F.silu(gate) * up))


class RelativeBias(nn.Module):
    """Bias by relative position, [N, N], and by the time between key and next event, [batch, N, N]."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.randn(2 * N - 1) * 0.02)
        self.times = nn.Parameter(torch.randn(129) * 0.02)

    def forward(self, batch):
        return self.positions[batch["distance"]], self.times.index_select(0, batch["buckets"]).view(-1, N, N)


class HstuBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.uvqk = nn.Parameter(torch.randn(DIM, 4 * DIM) * 0.02)
        self.bias, self.out = RelativeBias(), nn.Linear(DIM, DIM)

    def forward(self, x, batch):
        u, v, q, k = F.silu(F.layer_norm(x, (DIM,), eps=1e-6) @ self.uvqk).chunk(4, -1)
        position, by_time = self.bias(batch)
        weights = F.silu(torch.baddbmm(by_time + position, q, k.mT)) * batch["causal"]
        return x + self.out(drop(u * F.layer_norm(torch.bmm(weights, v), (DIM,), eps=1e-6)))


class FuxiBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.uvqk = nn.Parameter(torch.randn(DIM, 6 * DIM) * 0.02)
        self.bias, self.out = RelativeBias(), nn.Linear(3 * DIM, DIM)
        self.gate_up, self.down = nn.Linear(DIM, 2 * DIM, bias=False), nn.Linear(DIM, DIM, bias=False)

    def forward(self, x, batch):
        u, v, q, k = F.silu(rms_norm(x) @ self.uvqk).split([3 * DIM, DIM, DIM, DIM], -1)
        position, by_time = self.bias(batch)
        semantic = F.silu(torch.bmm(q, k.mT)) * batch["causal"]
        triangle = torch.tril(position)
        channels = [triangle @ v, torch.bmm(torch.tril(by_time), v), torch.bmm(semantic, v)]
        z = x + self.out(drop(u * rms_norm(torch.cat(channels, -1))))
        gate, up = self.gate_up(drop(rms_norm(z))).chunk(2, -1)
        return z + self.down(F.silu(gate) * up)


BLOCK_OF = {"sasrec": SasRecBlock, "llama": LlamaBlock, "hstu": HstuBlock, "fuxi-alpha": FuxiBlock}


class NextItemModel(nn.Module):
    def __init__(self, block):
        super().__init__()
        self.items = nn.Embedding(ITEMS + 1, DIM)
        self.positions = nn.Parameter(torch.randn(N, DIM) / math.sqrt(DIM))
        self.blocks = nn.ModuleList([block() for _ in range(BLOCKS)])
        self.final = nn.RMSNorm(DIM, eps=1e-6) if block is LlamaBlock else nn.Identity()
        nn.init.normal_(self.items.weight, std=0.02)

    def forward(self, batch):
        x = drop(self.items(batch["ids"]) * math.sqrt(DIM) + self.positions) * batch["real"]
        for block in self.blocks:
            x = block(x, batch)
        return self.final(x)

    def loss(self, batch):
        states = F.normalize(self(batch).view(-1, DIM)[batch["cells"]], dim=-1, eps=1e-6)
        table = F.normalize(self.items.weight, dim=-1, eps=1e-6)
        targets = batch["targets"].unsqueeze(1)
        negatives = torch.randint(1, ITEMS + 1, (len(targets), NEGATIVES))
        # Gathered vectors, [tokens, 129, dim], are 3 times faster here than one product with all items
        # followed by Tensor.gather, whose backward pass is slow.
        vectors = F.embedding(torch.cat([targets, negatives], 1), table)
        logits = torch.bmm(vectors, (states / TEMPERATURE).unsqueeze(2)).squeeze(2)
        same = F.pad(negatives == targets, (1, 0))
        return F.cross_entropy(logits.masked_fill(same, -5e4), torch.zeros(len(targets), dtype=torch.long))


def rotary():
    angles = torch.arange(N).unsqueeze(1) * 10000.0 ** (-torch.arange(0, DIM, 2) / DIM)
    return torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)


CAUSAL = torch.ones(N, N).tril()
CONSTANTS = {
    "causal": CAUSAL,
    "causal_bias": torch.zeros(N, N).masked_fill(CAUSAL == 0, -math.inf),
    "distance": N - 1 + torch.arange(N).unsqueeze(0) - torch.arange(N).unsqueeze(1),
    "rotary": rotary(),
}


def make_batch(lengths, with_times):
    lengths = torch.tensor(lengths)
    inside = torch.arange(N).unsqueeze(0) < lengths.unsqueeze(1)
    ids = torch.randint(1, ITEMS + 1, (len(lengths), N)) * inside
    batch = {
        **CONSTANTS,
        "ids": ids,
        "real": inside.unsqueeze(-1).float(),
        "cells": inside.view(-1).nonzero().squeeze(1),
    }
    batch["targets"] = torch.randint(1, ITEMS + 1, (len(batch["cells"]),))
    if with_times:
        gaps = (torch.rand(len(lengths), N) * 20).exp().long()
        batch["times"] = gaps.cumsum(1)
    return batch


def add_buckets(batch):
    """Time buckets, once for all blocks: part of every step."""
    times = batch["times"]
    following = torch.cat([times[:, 1:], times[:, -1:]], 1)
    gaps = (following.unsqueeze(2) - times.unsqueeze(1)).abs().clamp(min=1)
    batch["buckets"] = (gaps.float().log() / 0.301).int().clamp(max=128).view(-1)


def main():
    name, (threads, steps, size), path = sys.argv[1], map(int, sys.argv[2:5]), sys.argv[5]
    with open(path) as file:
        lengths = json.load(file)
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = NextItemModel(BLOCK_OF[name])
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, (0.9, 0.98), weight_decay=0, fused=True)
    with_times = name in ("hstu", "fuxi-alpha")
    batches = [make_batch(lengths[i : i + size], with_times) for i in range(0, len(lengths), size)]

    def step(index):
        batch = batches[index % len(batches)]
        if with_times:
            add_buckets(batch)
        loss = model.loss(batch)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.item()

    for index in range(WARM_UP):
        step(index)
    cpu, wall = time.process_time(), time.perf_counter()
    for index in range(steps):
        loss = step(index)
    print(json.dumps({
        "cpu": (time.process_time() - cpu) / steps,
        "wall": (time.perf_counter() - wall) / steps,
        "loss": loss,
    }))


main()
