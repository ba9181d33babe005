"""The product, filter and top-k of a full ranking in PyTorch, what bench/ranking.ts does beside encoding histories: states of all
users against all items, the items of each history left out, the target's rank counted, lists of 10. Users in chunks as ours.

usage: ranking.py USERS ITEMS DIM FILTERED THREADS eager|compiled
Prints one JSON line: {"cpu": seconds of process CPU, "wall": seconds}.
"""
import json
import sys
import time

import torch

CHUNK = 346


def rank(states, vectors, filtered, targets):
    scores = states @ vectors.t()
    of_target = scores.gather(1, targets)
    at_least = (scores >= of_target).sum(1) - (scores.gather(1, filtered) >= of_target).sum(1)
    top = torch.topk(scores.scatter(1, filtered, -3e38), 10).indices
    return at_least, top


def main():
    users, items, dim, width, threads = map(int, sys.argv[1:6])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    states, vectors = torch.randn(users, dim), torch.randn(items, dim)
    filtered, targets = torch.randint(0, items, (users, width)), torch.randint(0, items, (users, 1))
    work = torch.compile(rank, dynamic=True) if sys.argv[6] == "compiled" else rank

    def all_users():
        for start in range(0, users, CHUNK):
            part = slice(start, start + CHUNK)
            work(states[part], vectors, filtered[part], targets[part])

    with torch.inference_mode():
        all_users()
        cpu, wall = time.process_time(), time.perf_counter()
        all_users()
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))


main()
