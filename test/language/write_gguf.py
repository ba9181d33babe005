"""Writes tiny GGUF files by the Python package gguf, with what that package and transformers make of them.

usage: python write_gguf.py FOLDER

blocks.gguf has a tensor of random bytes of every type; expected.json the SHA-256 of its values as the package dequantises them (NaN as
0), and the logits that transformers gets from each model file.
"""
import hashlib
import json
import os
import sys

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from transformers import AutoModelForCausalLM

home = sys.argv[1]
os.makedirs(home, exist_ok=True)
random = np.random.default_rng(5)
TYPES = [Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1,
         Type.Q2_K, Type.Q3_K, Type.Q4_K, Type.Q5_K, Type.Q6_K]
VOCAB, DIM, FFN, BLOCKS = 32, 32, 64, 2
TOKENS = random.integers(0, VOCAB, 10).tolist()


def saved(path, architecture, tensors, fields=lambda writer: None):
    writer = gguf.GGUFWriter(path, architecture)
    fields(writer)
    for name, (values, kind) in tensors.items():
        if kind in (None, Type.F32):
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, values, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def random_blocks(kind):
    values, size = gguf.GGML_QUANT_SIZES[kind]
    if kind == Type.F32:
        return random.standard_normal((3, 512)).astype(np.float32), None
    return random.integers(0, 256, (3, 512 // values * size), dtype=np.uint8), kind


def blocks(path):
    saved(path, "llama", {kind.name: random_blocks(kind) for kind in TYPES})
    hashes = {}
    with np.errstate(all="ignore"):
        for tensor in gguf.GGUFReader(path).tensors:
            values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            values[np.isnan(values)] = 0
            hashes[tensor.name] = hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()
    return hashes


def model(name, kind, heads=4, groups=2, head_dim=None, biases=False, head_norms=False, tied=True):
    width = head_dim or DIM // heads
    path = os.path.join(home, f"{name}.gguf")
    tensors = {}

    def add(key, *shape, exact=False, ones=False):
        values = (random.standard_normal(shape) * 0.3 + (1 if ones else 0)).astype(np.float32)
        if exact or kind is None:
            tensors[key] = (values, None)
        else:
            tensors[key] = (gguf.quants.quantize(values, kind), kind)

    add("token_embd.weight", VOCAB, DIM)
    add("output_norm.weight", DIM, exact=True, ones=True)
    if not tied:
        add("output.weight", VOCAB, DIM)
    for block in range(BLOCKS):
        at = f"blk.{block}"
        add(f"{at}.attn_norm.weight", DIM, exact=True, ones=True)
        add(f"{at}.ffn_norm.weight", DIM, exact=True, ones=True)
        for part, count in (("q", heads), ("k", groups), ("v", groups)):
            add(f"{at}.attn_{part}.weight", count * width, DIM)
            if biases:
                add(f"{at}.attn_{part}.bias", count * width, exact=True)
        if head_norms:
            add(f"{at}.attn_q_norm.weight", width, exact=True, ones=True)
            add(f"{at}.attn_k_norm.weight", width, exact=True, ones=True)
        add(f"{at}.attn_output.weight", DIM, heads * width)
        add(f"{at}.ffn_gate.weight", FFN, DIM)
        add(f"{at}.ffn_up.weight", FFN, DIM)
        add(f"{at}.ffn_down.weight", DIM, FFN)

    def fields(writer):
        writer.add_block_count(BLOCKS)
        writer.add_context_length(64)
        writer.add_embedding_length(DIM)
        writer.add_feed_forward_length(FFN)
        writer.add_head_count(heads)
        writer.add_head_count_kv(groups)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_rope_freq_base(500.0)
        writer.add_vocab_size(VOCAB)
        if head_dim:
            writer.add_key_length(head_dim)
            writer.add_value_length(head_dim)

    saved(path, name.split("-")[0], tensors, fields)
    live = AutoModelForCausalLM.from_pretrained(home, gguf_file=f"{name}.gguf", dtype=torch.float32)
    with torch.no_grad():
        return [round(x, 7) for x in live(torch.tensor([TOKENS])).logits.reshape(-1).tolist()]


expected = {
    "tokens": TOKENS,
    "hashes": blocks(os.path.join(home, "blocks.gguf")),
    "logits": {
        "llama": model("llama", Type.Q8_0, tied=False),
        "qwen2": model("qwen2", Type.F16, biases=True),
        "qwen3": model("qwen3", Type.Q8_0, heads=2, groups=1, head_dim=128, head_norms=True),
    },
}
with open(os.path.join(home, "expected.json"), "w") as file:
    json.dump(expected, file)
