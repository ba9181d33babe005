"""Training steps of sequential models in PyTorch, the peer of bench/next-item-step.ts: SASRec, eSASRec, HSTU, FuXi-alpha, a LLaMa
decoder and GRU4Rec, from the formulas in the comments of ours. A compiled step is padded to maxLength and to the full batch. The
loss is computed at the real positions alone.
Usage and output: peer.py.
"""
import math

import torch
from torch.nn import functional as F

from peer import join_rows, run, without_padding


def drop(x, config):
    return F.dropout(x, config["dropout"]) if config["dropout"] else x


def linear(x, P, at):
    return F.linear(x, P[f"{at}/weight"].t(), P.get(f"{at}/bias"))


def heads_of(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def merge(x):
    return x.transpose(1, 2).flatten(2)


def rms_norm(x, epsilon, scale=None):
    return F.rms_norm(x, (x.shape[-1],), scale, epsilon)


def layer_norm(x, epsilon, P=None, at=None):
    named = P is not None and f"{at}/scale" in P
    scale, shift = (P[f"{at}/scale"], P[f"{at}/shift"]) if named else (None, None)
    return F.layer_norm(x, (x.shape[-1],), scale, shift, epsilon)


def softmax_attention(q, k, v, batch, config):
    # scaled_dot_product_attention has no fused kernel with dropout on the CPU, and is no faster there.
    scores = q @ k.mT / math.sqrt(q.shape[-1]) + batch["causal_bias"]
    return merge(drop(torch.softmax(scores, -1), config) @ v)


def sasrec_block(x, P, at, batch, config):
    heads, dim = config["heads"], config["dim"]
    normed = layer_norm(x, 1e-8, P, f"{at}/norm/0")
    weight, bias = P[f"{at}/qkv/weight"], P[f"{at}/qkv/bias"]
    q = F.linear(normed, weight[:, :dim].t(), bias[:dim])
    k, v = F.linear(x, weight[:, dim:].t(), bias[dim:]).chunk(2, -1)
    attended = softmax_attention(*(heads_of(t, heads) for t in (q, k, v)), batch, config)
    h = layer_norm(normed + linear(attended, P, f"{at}/out"), 1e-8, P, f"{at}/norm/1")
    hidden = drop(F.relu(linear(h, P, f"{at}/ffn/0")), config)
    return (h + drop(linear(hidden, P, f"{at}/ffn/1"), config)) * batch["real"]


def esasrec_block(x, P, at, batch, config):
    heads = config["heads"]
    q, k, v = linear(layer_norm(x, 1e-5, P, f"{at}/norm/0"), P, f"{at}/qkv").chunk(3, -1)
    attended = softmax_attention(*(heads_of(t, heads) for t in (q, k, v)), batch, config)
    added = drop(linear(attended, P, f"{at}/out"), config)
    h = x + torch.sigmoid(linear(x, P, f"{at}/residual-gates/0")) * added
    m = layer_norm(h, 1e-5, P, f"{at}/norm/1")
    product = drop(F.silu(linear(m, P, f"{at}/ffn/gate")) * linear(m, P, f"{at}/ffn/up"), config)
    added = drop(linear(product, P, f"{at}/ffn/down"), config)
    return h + torch.sigmoid(linear(h, P, f"{at}/residual-gates/1")) * added


def llama_block(x, P, at, batch, config):
    heads, epsilon = config["heads"], config["normEpsilon"]
    normed = rms_norm(x, epsilon, P[f"{at}/norm/0/scale"])
    weights = torch.cat([P[f"{at}/{name}/weight"] for name in ("query", "key", "value")], 1)
    q, k, v = (heads_of(t, heads) for t in F.linear(normed, weights.t()).chunk(3, -1))
    cos, sin = batch["rotary"]
    half = q.shape[-1] // 2
    turn = lambda t: t * cos + torch.cat([-t[..., half:], t[..., :half]], -1) * sin
    h = x + linear(softmax_attention(turn(q), turn(k), v, batch, config), P, f"{at}/out")
    m = rms_norm(h, epsilon, P[f"{at}/norm/1/scale"])
    hidden = F.silu(linear(m, P, f"{at}/ffn/gate")) * linear(m, P, f"{at}/ffn/up")
    return h + drop(linear(hidden, P, f"{at}/ffn/down"), config)


def biases(P, at, batch):
    """By relative position, [length, length], and by the time between key and query, [batch, length, length]."""
    times = P[f"{at}/time-bias"].index_select(0, batch["buckets"].view(-1)).view(batch["buckets"].shape)
    return P[f"{at}/position-bias"][batch["distance"]], times


def hstu_block(x, P, at, batch, config):
    heads, dqk, dv = config["heads"], config["dqk"], config["dv"]
    product = F.silu(layer_norm(x, 1e-6) @ P[f"{at}/uvqk/weight"])
    u, v, q, k = product.split([heads * width for width in (dv, dv, dqk, dqk)], -1)
    position, by_time = biases(P, at, batch)
    q, k, v = (heads_of(t, heads) for t in (q, k, v))
    weights = F.silu(q @ k.mT + (by_time + position).unsqueeze(1)) * batch["causal_share"]
    return x + linear(drop(u * layer_norm(merge(weights @ v), 1e-6), config), P, f"{at}/out")


def fuxi_block(x, P, at, batch, config):
    heads, dqk, dv = config["heads"], config["dqk"], config["dv"]
    product = F.silu(rms_norm(x, 1e-6) @ P[f"{at}/uvqk/weight"])
    u, v, q, k = product.split([heads * width for width in (3 * dv, dv, dqk, dqk)], -1)
    position, by_time = biases(P, at, batch)
    semantic = F.silu(heads_of(q, heads) @ heads_of(k, heads).mT) * batch["causal_share"]
    mixed = [
        torch.tril(position) @ v,
        torch.tril(by_time) @ v,
        merge(semantic @ heads_of(v, heads)),
    ]
    channels = torch.stack([t.unflatten(-1, (heads, dv)) for t in mixed], -2).flatten(2)
    z = x + linear(drop(u * rms_norm(channels, 1e-6), config), P, f"{at}/out")
    m = drop(rms_norm(z, 1e-6), config)
    return z + linear(F.silu(linear(m, P, f"{at}/ffn/gate")) * linear(m, P, f"{at}/ffn/up"), P, f"{at}/ffn/down")


BLOCK_OF = {
    "sasrec": sasrec_block,
    "esasrec": esasrec_block,
    "llama": llama_block,
    "hstu": hstu_block,
    "fuxi-alpha": fuxi_block,
}


def encode(P, config, batch, table):
    """States of every position, [rows, length, dim]."""
    vectors = F.embedding(batch["ids"], table)
    if config["model"] == "gru4rec":
        x = drop(vectors, config)
        weights = [P["gru/0/input"].t().contiguous(), P["gru/0/recurrent"].t().contiguous()]
        start = x.new_zeros(1, len(x), config["hidden"])
        states, _ = torch._VF.gru(x, start, weights, False, 1, 0.0, True, False, True)
        return linear(states, P, "output")
    plain = config["model"] == "esasrec"
    scaled = vectors if plain else vectors * math.sqrt(config["dim"])
    x = drop(scaled + P["position-embedding"][batch["places"]], config) * batch["real"]
    for index in range(config["blocks"]):
        x = BLOCK_OF[config["model"]](x, P, f"blocks/{index}", batch, config)
    return rms_norm(x, config["normEpsilon"], P["final-norm/scale"]) if config["model"] == "llama" else x


def loss(P, config, batch):
    return mean_loss(P, config, batch) * batch["share"]


def mean_loss(P, config, batch):
    recurrent = config["model"] == "gru4rec"
    table = P["item-embedding"]
    if config.get("itemDropout"):
        table = F.dropout(table, config["itemDropout"])
    if recurrent:
        # Ours has no row for padding.
        batch = {**batch, "ids": (batch["ids"] - 1).clamp(min=0)}
    states = encode(P, config, batch, table).flatten(0, 1)[batch["cells"]]
    vectors = table if recurrent else table[1:]
    if config.get("l2Normalize"):
        states, vectors = (F.normalize(t, dim=-1, eps=1e-6) for t in (states, vectors))
    states = states / config.get("temperature", 1)
    targets = batch["targets"]
    if config["loss"] in ("full-softmax", "cross-entropy"):
        return F.cross_entropy(states @ vectors.t(), targets)
    negatives = batch.get("negatives")
    if negatives is None:
        negatives = torch.randint(0, config["items"], (len(targets), config["negatives"]))
    # Gathered vectors are faster here than one product with all items followed by Tensor.gather.
    gathered = F.embedding(torch.cat([targets.unsqueeze(1), negatives], 1), vectors)
    logits = torch.bmm(gathered, states.unsqueeze(2)).squeeze(2)
    if config["targetAmongNegatives"] == "masked":
        logits = logits.masked_fill(F.pad(negatives == targets.unsqueeze(1), (1, 0)), -5e4)
    return F.cross_entropy(logits, torch.zeros(len(targets), dtype=torch.long))


CONSTANTS = {}


def constants(length, config):
    if length not in CONSTANTS:
        causal = torch.ones(length, length).tril()
        steps = torch.arange(length)
        one = {"causal_bias": torch.zeros(length, length).masked_fill(causal == 0, -math.inf)}
        if "dqk" in config:
            normaliser = config["normaliser"] or config["maxLength"] + 11
            one["causal_share"] = causal / normaliser
            one["distance"] = max(normaliser, config["maxLength"]) - 1 + steps.unsqueeze(0) - steps.unsqueeze(1)
        if config["model"] == "llama":
            half = torch.arange(0, config["dim"] // config["heads"], 2) / (config["dim"] // config["heads"])
            angles = steps.unsqueeze(1) * config["ropeTheta"] ** -half
            one["rotary"] = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        CONSTANTS[length] = one
    return CONSTANTS[length]


def batches_of(micros, config, mode):
    micros = without_padding(micros)
    total = sum(int((micro["weights"] > 0).sum()) for micro in micros)
    if mode == "apart":
        return [batch_of([micro], config, int(micro["shape"][1]), total) for micro in micros]
    longest = max(int(micro["shape"][1]) for micro in micros)
    fixed = mode == "compiled"
    length, size = (config["maxLength"], config["batchSize"]) if fixed else (longest, None)
    return [batch_of(micros, config, length, total, size, mode == "check")]


def batch_of(micros, config, length, total, size=None, given_negatives=False):
    keys = {key: (0, 1) for key in ("ids", "targets", "weights", "times", "queryTimes") if key in micros[0]}
    if given_negatives and "negatives" in micros[0]:
        keys["negatives"] = (0, config["negatives"])
    batch = join_rows(micros, keys, length, size)
    lengths = (batch["ids"] > 0).sum(1, keepdim=True)
    cells = (batch.pop("weights").view(-1) > 0).nonzero().squeeze(1)
    places = torch.arange(length)
    if config.get("positions") == "from-end":
        places = (config["maxLength"] - lengths + places).clamp(max=config["maxLength"] - 1)
    batch.update(
        cells=cells,
        places=places,
        real=(batch["ids"] > 0).float().unsqueeze(-1),
        targets=batch["targets"].view(-1)[cells],
        share=len(cells) / total,
        **constants(length, config),
    )
    if "negatives" in batch:
        batch["negatives"] = batch["negatives"].view(-1, config["negatives"])[cells]
    return batch


def prepare(batch, config):
    """Buckets of time differences, once for all blocks: part of every step."""
    if "times" not in batch:
        return batch
    gaps = (batch["queryTimes"].unsqueeze(2) - batch["times"].unsqueeze(1)).abs().clamp(min=1)
    return {**batch, "buckets": (gaps.float().log() / 0.301).int().clamp(max=128)}


run(loss, batches_of, prepare)
