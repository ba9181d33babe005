"""Training steps of TIGER's encoder-decoder in PyTorch, the peer of bench/tiger-step.ts: T5 (Raffel et al. 2020) over the codes of
Semantic IDs, softmax over the codes of each level, both encodings. Usage and output: peer.py.
"""
import math

import torch
from torch.nn import functional as F

from peer import by_length, join_rows, run


def drop(x, config):
    return F.dropout(x, config["dropout"]) if config["dropout"] else x


def norm(x, P, at, config):
    return F.rms_norm(x, (x.shape[-1],), P[f"{at}/scale"], config["normEpsilon"])


def buckets_of(queries, keys, both_ways, config):
    distance = torch.arange(keys) - torch.arange(queries).unsqueeze(1)
    count = config["buckets"] // 2 if both_ways else config["buckets"]
    first = torch.where(distance > 0, count, 0) if both_ways else torch.zeros_like(distance)
    away = distance.abs() if both_ways else (-distance).clamp(min=0)
    exact = count // 2
    share = (away.clamp(min=1).float() / exact).log() / math.log(config["maxDistance"] / exact)
    grown = (exact + (share * (count - exact)).long()).clamp(max=count - 1)
    return first + torch.where(away < exact, away, grown)


def attend(x, source, P, at, config, bias):
    """x [rows, queries, dim]; source: keys and values [rows, heads, keys, headDim]; bias broadcasts to the scores."""
    heads = config["heads"]
    q = (x @ P[f"{at}/query/weight"]).unflatten(-1, (heads, -1)).transpose(1, 2)
    key, value = source
    weights = drop(torch.softmax(q @ key.mT + bias, -1), config)
    return (weights @ value).transpose(1, 2).flatten(2) @ P[f"{at}/out/weight"]


def keys_of(x, P, at, config):
    split = lambda name: (x @ P[f"{at}/{name}/weight"]).unflatten(-1, (config["heads"], -1)).transpose(1, 2)
    return split("key"), split("value")


def feed_forward(x, P, at, config):
    hidden = drop(F.relu(norm(x, P, f"{at}/norm", config) @ P[f"{at}/in/weight"]), config)
    return x + drop(hidden @ P[f"{at}/out/weight"], config)


def self_attention(x, P, at, config, bias):
    normed = norm(x, P, f"{at}/norm", config)
    return x + drop(attend(normed, keys_of(normed, P, at, config), P, at, config, bias), config)


def loss(P, config, batch):
    table = P["token-embedding"]
    bias_of = lambda part: P[f"{part}/relative-bias"][batch[f"{part}-buckets"]].permute(2, 0, 1)
    x = drop(F.embedding(batch["tokens"], table), config)
    bias = bias_of("encoder") + batch["encoder-mask"]
    for index in range(config["encoderBlocks"]):
        at = f"encoder/blocks/{index}"
        x = self_attention(x, P, f"{at}/self", config, bias)
        x = feed_forward(x, P, f"{at}/ffn", config)
    states = drop(norm(x, P, "encoder/final-norm", config), config)
    rows, dim = len(states), config["dim"]
    y = drop(F.embedding(batch["decoderTokens"], table), config)
    bias = bias_of("decoder") + batch["decoder-mask"]
    for index in range(config["decoderBlocks"]):
        at = f"decoder/blocks/{index}"
        y = self_attention(y, P, f"{at}/self", config, bias)
        normed = norm(y, P, f"{at}/cross/norm", config).view(rows, -1, dim)
        source = keys_of(states, P, f"{at}/cross", config)
        attended = attend(normed, source, P, f"{at}/cross", config, batch["cross-mask"])
        y = y + drop(attended.view(y.shape), config)
        y = feed_forward(y, P, f"{at}/ffn", config)
    y = drop(norm(y, P, "decoder/final-norm", config), config)
    head = table * dim**-0.5 if config["head"] == "tied" else P["head/weight"]
    levels = config["levels"]
    total = 0.0
    for level, (start, size) in enumerate(zip(levels["starts"], levels["sizes"])):
        logits = y[:, level][batch["cells"]] @ head[start : start + size].t()
        each = F.cross_entropy(logits, batch["labels"][:, level][batch["cells"]] - start, reduction="none")
        total = total + (each * batch["weights"]).sum() / len(levels["sizes"])
    return total


CONSTANTS = {}


def constants(length, config):
    """Of sources of `length` items."""
    if length in CONSTANTS:
        return CONSTANTS[length]
    width, before = len(config["levels"]["sizes"]), config["before"]
    source = before + length * width
    item = (torch.arange(source) - before).div(width, rounding_mode="floor") + 1
    causal = config["encoding"] == "causal"
    masked = lambda where: torch.zeros(where.shape).masked_fill(where, -1e9)
    query_item = torch.arange(length * width).div(width, rounding_mode="floor") + 1
    CONSTANTS[length] = {
        "encoder-buckets": buckets_of(source, source, True, config),
        "decoder-buckets": buckets_of(width, width, False, config),
        "decoder-mask": masked(torch.ones(width, width).triu(1) > 0),
        **(
            {
                "encoder-mask": masked(item.unsqueeze(0) > item.unsqueeze(1)),
                "cross-mask": masked(item.unsqueeze(0) > query_item.unsqueeze(1)),
            }
            if causal
            else {}
        ),
    }
    return CONSTANTS[length]


def batch_of(micros, config, length):
    width, before = len(config["levels"]["sizes"]), config["before"]
    targets = (0, width) if config["encoding"] == "causal" else (width, 0)
    keys = {"tokens": (before, width), "present": (before, width), "decoderTokens": targets, "labels": targets}
    keys["weights"] = (0, 1) if config["encoding"] == "causal" else (1, 0)
    batch = join_rows(micros, keys, length)
    weights = batch["weights"].view(-1)
    cells = (weights > 0).nonzero().squeeze(1)
    batch.update(
        decoderTokens=batch["decoderTokens"].view(-1, width),
        labels=batch["labels"].view(-1, width),
        cells=cells,
        weights=weights[cells],
        **constants(length, config),
    )
    if config["encoding"] != "causal":
        padding = (1 - batch["present"]).view(-1, 1, 1, batch["present"].shape[1]) * -1e9
        batch.update({"encoder-mask": padding, "cross-mask": padding})
    return batch


run(loss, by_length(batch_of))
