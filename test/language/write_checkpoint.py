"""Writes a tiny checkpoint in the layout of Llama and prints its logits, with json and struct alone.

Usage: write_checkpoint.py FOLDER F32|F16|BF16 tied|separate FILES
The logits on stdout are computed from the values as they are stored.
"""
import json
import math
import os
import struct
import sys

folder, dtype, head, files = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
VOCAB, DIM, LAYERS, HEADS, KV, FF, THETA, EPS = 11, 8, 2, 4, 2, 12, 500.0, 1e-5
HEAD = DIM // HEADS
state = 12345


def draw():
    """Uniform in [-1, 1) by a linear congruential generator."""
    global state
    state = (1103515245 * state + 12345) % 2**31
    return state / 2**30 - 1


def stored(x):
    """Bytes of a value, and the value that they stand for."""
    if dtype == "F32":
        raw = struct.pack("<f", x)
        return raw, struct.unpack("<f", raw)[0]
    if dtype == "F16":
        raw = struct.pack("<e", x)
        return raw, struct.unpack("<e", raw)[0]
    raw = struct.pack("<f", x)[2:]
    return raw, struct.unpack("<f", b"\0\0" + raw)[0]


tensors = {}


def make(name, *shape):
    count = math.prod(shape)
    pairs = [stored(1 + 0.3 * draw() if len(shape) == 1 else 0.8 * draw()) for _ in range(count)]
    tensors[name] = (shape, b"".join(raw for raw, _ in pairs), [value for _, value in pairs])


make("model.embed_tokens.weight", VOCAB, DIM)
for layer in range(LAYERS):
    at = f"model.layers.{layer}."
    make(at + "input_layernorm.weight", DIM)
    make(at + "self_attn.q_proj.weight", HEADS * HEAD, DIM)
    make(at + "self_attn.k_proj.weight", KV * HEAD, DIM)
    make(at + "self_attn.v_proj.weight", KV * HEAD, DIM)
    make(at + "self_attn.o_proj.weight", DIM, HEADS * HEAD)
    make(at + "post_attention_layernorm.weight", DIM)
    make(at + "mlp.gate_proj.weight", FF, DIM)
    make(at + "mlp.up_proj.weight", FF, DIM)
    make(at + "mlp.down_proj.weight", DIM, FF)
make("model.norm.weight", DIM)
if head == "separate":
    make("lm_head.weight", VOCAB, DIM)

names = sorted(tensors)
parts = [names[i::files] for i in range(files)]
where = {}
for i, part in enumerate(parts):
    file = "model.safetensors" if files == 1 else f"model-{i + 1:05d}-of-{files:05d}.safetensors"
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name in part:
        shape, raw, _ = tensors[name]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
        where[name] = file
    text = json.dumps(header).encode()
    with open(os.path.join(folder, file), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + data)
if files > 1:
    with open(os.path.join(folder, "model.safetensors.index.json"), "w") as out:
        json.dump({"metadata": {}, "weight_map": where}, out)
with open(os.path.join(folder, "config.json"), "w") as out:
    json.dump(
        {
            "model_type": "llama",
            "hidden_act": "silu",
            "vocab_size": VOCAB,
            "hidden_size": DIM,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": HEADS,
            "num_key_value_heads": KV,
            "intermediate_size": FF,
            "rope_theta": THETA,
            "rms_norm_eps": EPS,
            "tie_word_embeddings": head == "tied",
            "max_position_embeddings": 64,
        },
        out,
    )


def product(name, x):
    (rows, columns), _, values = tensors[name]
    return [sum(values[r * columns + c] * x[c] for c in range(columns)) for r in range(rows)]


def norm(name, x):
    scale = tensors[name][2]
    size = math.sqrt(sum(v * v for v in x) / len(x) + EPS)
    return [v / size * s for v, s in zip(x, scale)]


def turned(x, position):
    half = HEAD // 2
    result = []
    for i in range(HEAD):
        angle = position * THETA ** (-2 * (i % half) / HEAD)
        other = -x[i + half] if i < half else x[i - half]
        result.append(x[i] * math.cos(angle) + other * math.sin(angle))
    return result


def heads_of(x, count):
    return [x[h * HEAD : (h + 1) * HEAD] for h in range(count)]


def attended(query, keys, values):
    scores = [sum(a * b for a, b in zip(query, key)) / math.sqrt(HEAD) for key in keys]
    most = max(scores)
    weights = [math.exp(score - most) for score in scores]
    total = sum(weights)
    return [sum(w * value[i] for w, value in zip(weights, values)) / total for i in range(HEAD)]


def logits(tokens):
    table = tensors["model.embed_tokens.weight"][2]
    states = [table[t * DIM : (t + 1) * DIM] for t in tokens]
    for layer in range(LAYERS):
        at = f"model.layers.{layer}."
        keys, values, queries = [], [], []
        for position, x in enumerate(states):
            normal = norm(at + "input_layernorm.weight", x)
            q, k, v = (product(at + f"self_attn.{name}_proj.weight", normal) for name in "qkv")
            queries.append([turned(h, position) for h in heads_of(q, HEADS)])
            keys.append([turned(h, position) for h in heads_of(k, KV)])
            values.append(heads_of(v, KV))
        for position, x in enumerate(states):
            joined = []
            for h in range(HEADS):
                group = h // (HEADS // KV)
                seen = range(position + 1)
                joined += attended(
                    queries[position][h], [keys[j][group] for j in seen], [values[j][group] for j in seen]
                )
            x = [a + b for a, b in zip(x, product(at + "self_attn.o_proj.weight", joined))]
            m = norm(at + "post_attention_layernorm.weight", x)
            gate, up = product(at + "mlp.gate_proj.weight", m), product(at + "mlp.up_proj.weight", m)
            hidden = [g / (1 + math.exp(-g)) * u for g, u in zip(gate, up)]
            states[position] = [a + b for a, b in zip(x, product(at + "mlp.down_proj.weight", hidden))]
    output = "lm_head.weight" if head == "separate" else "model.embed_tokens.weight"
    return [product(output, norm("model.norm.weight", x)) for x in states]


sequence = [3, 7, 0, 10, 7, 2, 5]
print(json.dumps({"tokens": sequence, "logits": logits(sequence)}))
