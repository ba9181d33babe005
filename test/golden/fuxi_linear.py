"""Writes the fixture of FuXi-Linear: weights, a batch, what each block gives, loss, gradients and steps.

Usage: fuxi_linear.py > fuxi-linear-a.json
Needs NumPy and Autograd. The three channels are written in their recurrent form, interaction after interaction with a state that
fades, and not as sums over pairs. The public code (arXiv:2602.23671) has no licence: its equations are written here anew.
"""
import json
import math

import autograd.numpy as np
import numpy
from autograd import value_and_grad

draw = numpy.random.default_rng(9)

N, DIM, ITEMS, NEGATIVES, BLOCKS = 12, 8, 20, 5, 2
HEADS, DQK, DV, MULTIPLIER, TEMPERATURE = 2, 3, 6, 2, 0.05
WIDTH = HEADS * DV
PERIODS, BASE, FIRST, STRIDE, POSITION_DIM = 3, 16, 0, 2, 4
SECONDS = [BASE ** (FIRST + STRIDE * m) for m in range(PERIODS)]
ITEM_TABLE = "_embedding_module._item_emb.weight"
POSITION_TABLE = "_input_features_preproc._pos_emb.weight"
DECAY = "_fuxi._attention_layers.0._channel_t._gamma"
HISTORIES = [[15, 2, 1, 18, 6, 11, 19, 10, 16], [13, 8, 6, 3], [4]]
TARGETS = [17, 2, 10]
TIMES = [
    [963858104, 963858105, 963858105, 963858111, 963858190, 963861790, 963861795, 963861855, 965861855, 965861860],
    [961779765, 961779766, 965779766, 965779770, 965779775],
    [960565875, 960565906],
]


def tensor(values):
    values = numpy.asarray(values)
    flat = values.reshape(-1).tolist()
    return {"shape": list(values.shape), "data": [x if isinstance(x, int) else float(f"{x:.9g}") for x in flat]}


def normal(*shape, scale=0.3, mean=0.0):
    """Random values that decimals of nine digits hold exactly."""
    return numpy.round((mean + scale * draw.standard_normal(shape)) * 1e6) / 1e6


def weights():
    params = {ITEM_TABLE: normal(ITEMS + 1, DIM), POSITION_TABLE: normal(N, DIM), DECAY: normal(PERIODS)}
    for block in range(BLOCKS):
        at = f"_fuxi._attention_layers.{block}"
        params |= {
            f"{at}._uvqk": normal(DIM, 4 * WIDTH + 2 * HEADS * DQK),
            f"{at}._retention._gamma": normal(HEADS),
            f"{at}._channel_t.proj_v.weight": normal(WIDTH, DIM),
            f"{at}._channel_t.alpha": normal(2 * PERIODS, mean=1.0),
            f"{at}._channel_t.beta": normal(2 * PERIODS, mean=1.0),
            f"{at}._channel_p._proj_p.weight": normal(WIDTH, DIM),
            f"{at}._channel_p._alpha": normal(1, mean=1.0),
            f"{at}._channel_p._beta": normal(1, mean=1.0),
            f"{at}._channel_p._emb": normal(N, POSITION_DIM),
            f"{at}._mffn.lin0.weight": normal(DIM, 3 * WIDTH),
            f"{at}._mffn.lin1.weight": normal(MULTIPLIER * DIM, DIM),
            f"{at}._mffn.lin2.weight": normal(DIM, MULTIPLIER * DIM),
            f"{at}._mffn.lin3.weight": normal(MULTIPLIER * DIM, DIM),
        }
    return params


def silu(x):
    return x / (1 + np.exp(-x))


def layer_norm(x):
    centred = x - np.mean(x, -1, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, -1, keepdims=True) + 1e-6)


def rms_norm(x):
    return x / np.sqrt(np.mean(x**2, -1, keepdims=True) + 1e-6)


def retention(q, k, v, g):
    """One head: a state fades by exp(-rate) a position, once more before it is read."""
    state, outputs, fade = np.zeros((DQK, DV)), [], np.exp(-g)
    for i in range(len(q)):
        state = state * (fade if i else 1.0) + np.outer(k[i], v[i])
        outputs.append(fade * np.dot(q[i], state))
    return np.array(outputs)


def turning(values, times, asked, seconds, rate, sine):
    """One head of a period: a state of two rows, which the angle of an interaction fills and that of the question reads."""
    state, outputs = np.zeros((2, values.shape[1])), []
    for i in range(len(values)):
        passed = times[i] - times[i - 1] if i else 0
        angle = 2 * math.pi * (times[i] % seconds) / seconds
        wanted = 2 * math.pi * (asked[i] % seconds) / seconds
        state = state * np.exp(-rate * max(0, passed)) + np.outer(numpy.array([math.cos(angle), math.sin(angle)]), values[i])
        read = [math.sin(wanted), -math.cos(wanted)] if sine else [math.cos(wanted), math.sin(wanted)]
        outputs.append(np.exp(-rate * max(0, asked[i] - times[i])) * np.dot(np.array(read), state))
    return np.array(outputs)


def placed(values, e):
    """The vector of a position reads a state in which those before it stand."""
    state, outputs = np.zeros((POSITION_DIM, WIDTH)), []
    for i in range(len(values)):
        state = state + np.outer(e[i], values[i])
        outputs.append(np.dot(e[i], state) / (POSITION_DIM // 2))
    return np.array(outputs)


def block(x, times, asked, p, decay):
    n = layer_norm(x)
    product = silu(np.dot(n, p["_uvqk"]))
    cuts = [3 * WIDTH, 3 * WIDTH + HEADS * DQK, 3 * WIDTH + 2 * HEADS * DQK]
    u, q, k, v = product[:, : cuts[0]], product[:, cuts[0] : cuts[1]], product[:, cuts[1] : cuts[2]], product[:, cuts[2] :]
    rates = np.exp(-np.cumsum(np.log(1 + np.exp(p["_retention._gamma"]))))
    of = lambda y, head, width: y[:, head * width : (head + 1) * width]
    semantic = [retention(of(q, h, DQK), of(k, h, DQK), of(v, h, DV), rates[h]) for h in range(HEADS)]

    values = np.dot(n, p["_channel_t.proj_v.weight"].T)
    temporal = []
    for head in range(2 * PERIODS):
        m = head % PERIODS
        rate = np.log(1 + np.exp(-decay[m])) * 2 * math.pi / SECONDS[m]
        own = of(values, head, WIDTH // (2 * PERIODS))
        gathered = turning(own, times, asked, SECONDS[m], rate, head < PERIODS)
        temporal.append(gathered * p["_channel_t.alpha"][head] + own * p["_channel_t.beta"][head])

    values = np.dot(n, p["_channel_p._proj_p.weight"].T)
    positional = placed(values, p["_channel_p._emb"]) * p["_channel_p._alpha"] + values * p["_channel_p._beta"]

    channels = [np.concatenate(semantic, -1), np.concatenate(temporal, -1), positional]
    gated = u * np.concatenate([layer_norm(channel) for channel in channels], -1)
    z = x + np.dot(gated, p["_mffn.lin0.weight"].T)
    m = rms_norm(z)
    hidden = silu(np.dot(m, p["_mffn.lin1.weight"].T)) * np.dot(m, p["_mffn.lin3.weight"].T)
    return z + np.dot(hidden, p["_mffn.lin2.weight"].T)


def stages(params):
    """Input and output of every block of all users, position by position: each [positions, DIM]."""
    users = []
    for history, times in zip(HISTORIES, TIMES):
        x = math.sqrt(DIM) * params[ITEM_TABLE][history] + params[POSITION_TABLE][: len(history)]
        own = [x]
        for number in range(BLOCKS):
            at = f"_fuxi._attention_layers.{number}."
            p = {name.removeprefix(at): value for name, value in params.items() if name.startswith(at)}
            # A position knows when the interaction that it predicts happens.
            x = block(x, times[: len(history)], times[1:], p, params[DECAY])
            own.append(x)
        users.append(own)
    return [np.concatenate(stage) for stage in zip(*users)]


def padded(sequences):
    return numpy.array([row + [0] * (N - len(row)) for row in sequences])


def drawn_negatives(positive):
    """None of them the positive: what to do with such a one is not the encoder's affair."""
    others = [item for item in range(1, ITEMS + 1) if item != positive]
    return draw.choice(others, NEGATIVES)


PARAMS = weights()
POSITIVES = numpy.concatenate([(history + [target])[1:] for history, target in zip(HISTORIES, TARGETS)])
DRAWN = numpy.stack([drawn_negatives(positive) for positive in POSITIVES])


def forward(params):
    all_stages = stages(params)
    unit = lambda x: x / np.sqrt(np.sum(x**2, -1, keepdims=True))
    encoder, items = unit(all_stages[-1]), unit(params[ITEM_TABLE])
    chosen = items[numpy.concatenate([POSITIVES[:, None], DRAWN], 1)]
    logits = np.sum(encoder[:, None] * chosen, -1) / TEMPERATURE
    highest = numpy.max(getattr(logits, "_value", logits), -1, keepdims=True)
    loss = np.mean(np.log(np.sum(np.exp(logits - highest), -1)) + highest[:, 0] - logits[:, 0])
    return {"input": all_stages[0], "blocks": all_stages[1:], "encoder": encoder, "logits": logits, "loss": loss}, items


gradients = value_and_grad(lambda params: forward(params)[0]["loss"])


def steps():
    settings = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "weight_decay": 0.0}
    params = dict(PARAMS)
    first, second = ({name: numpy.zeros_like(value) for name, value in params.items()} for _ in range(2))
    trace, after = [], None
    for step in range(1, 7):
        loss, grads = gradients(params)
        trace.append(float(f"{loss:.9g}"))
        for name, grad in grads.items():
            first[name] = 0.9 * first[name] + 0.1 * grad
            second[name] = 0.98 * second[name] + 0.02 * grad**2
            change = (first[name] / (1 - 0.9**step)) / (numpy.sqrt(second[name] / (1 - 0.98**step)) + 1e-8)
            params[name] = params[name] - 1e-3 * change
        after = after or {name: tensor(value) for name, value in params.items()}
    return {**settings, "params_after_1": after, "loss_trace": trace}


def evaluation(encoder, items):
    ends = numpy.cumsum([len(history) for history in HISTORIES]) - 1
    query = encoder[ends]
    scores = query @ items[1:].T
    ranks = []
    for row, (history, target) in enumerate(zip(HISTORIES, TARGETS)):
        left = scores[row].copy()
        left[numpy.array(history) - 1] = -math.inf
        ranks.append(1 + int((left > left[target - 1]).sum()))
    runs = [{"name": "next", "targets": tensor(TARGETS), "ranks": tensor(ranks)}]
    return {"query": tensor(query), "candidate_scores": tensor(scores), "runs": runs}


def fixture():
    outputs, items = forward(PARAMS)
    _, grads = gradients(PARAMS)
    return {
        "model": "fuxi-linear",
        "case": "a",
        "source": {
            "kind": "own",
            "script": "fuxi_linear.py",
            "remark": "equations of the paper in recurrent form, with what it leaves open as in the code of its authors, which has no "
            "licence and was not run",
        },
        "computed_in": "float64",
        "config": {
            "d": DIM,
            "blocks": BLOCKS,
            "heads": HEADS,
            "dqk": DQK,
            "dv": DV,
            "ffn_multiply": MULTIPLIER,
            "N": N,
            "max_item_id": ITEMS,
            "temperature": TEMPERATURE,
            "num_negatives": NEGATIVES,
            "periods": PERIODS,
            "period_base": BASE,
            "first_period": FIRST,
            "period_stride": STRIDE,
            "position_dim": POSITION_DIM,
            "norm_eps": 1e-6,
        },
        "params": {name: tensor(value) for name, value in PARAMS.items()},
        "inputs": {
            "lengths": tensor([len(row) for row in HISTORIES]),
            "history_ids": tensor(padded(HISTORIES)),
            "train_ids": tensor(padded([row + [target] for row, target in zip(HISTORIES, TARGETS)])),
            "timestamps": tensor(padded(TIMES)),
            "negatives": tensor(DRAWN),
            "candidates": tensor(numpy.arange(1, ITEMS + 1)),
        },
        "outputs": {
            **{name: tensor(outputs[name]) for name in ["input", "encoder", "logits"]},
            "blocks": [tensor(one) for one in outputs["blocks"]],
            "positives": tensor(POSITIVES),
            "loss": float(f"{outputs['loss']:.9g}"),
        },
        "grads": {name: tensor(grads[name]) for name in PARAMS},
        "adamw": steps(),
        "eval": evaluation(outputs["encoder"], items),
    }


print(json.dumps(fixture(), separators=(",", ":")))
