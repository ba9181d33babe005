"""Writes tiny GGUF files by the Python package gguf, with what that package and transformers make of them.

usage: python write_gguf.py FOLDER

blocks.gguf has a tensor of random bytes of every type; expected.json the SHA-256 of its values as the package dequantises them (NaN as
0), and the logits that transformers gets from each model file. What its reader of GGUF does not know, experts and scaled angles, is
written of a model of its own as llama.cpp's converter writes it, and the logits are that model's.
"""
import hashlib
import json
import os
import sys

import gguf
import numpy as np
import torch
from gguf import GGMLQuantizationType as Type
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig, MixtralConfig

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


PARTS = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "mlp.gate": "ffn_gate_inp",
}
WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
         "lm_head.weight": "output.weight"}
SIZES = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=12, num_hidden_layers=BLOCKS, num_attention_heads=2,
             num_key_value_heads=1, max_position_embeddings=128, rms_norm_eps=1e-5)


def of_neighbours(values, heads):
    """Rows of halves of a head as pairs of neighbours."""
    return values.reshape(heads, 2, -1, values.shape[-1]).swapaxes(1, 2).reshape(values.shape)


def expert_tensors(block, part, values, apart):
    """Of all experts [experts, rows, columns]: gate and up stand one over the other."""
    named = {"down": values} if part == "down_proj" else dict(zip(("gate", "up"), np.split(values, 2, axis=1)))
    if not apart:
        return {f"blk.{block}.ffn_{name}_exps.weight": one for name, one in named.items()}
    return {f"blk.{block}.ffn_{name}.{at}.weight": own for name, one in named.items() for at, own in enumerate(one)}


def converted(name, config, apart=False, further=None, fields=lambda writer: None):
    """A model of transformers in a GGUF file of the architecture llama; `further` are tensors besides its own."""
    config.attention_dropout = 0.0
    live = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float()
    tensors = dict(further or {})
    with torch.no_grad():
        for key, parameter in live.named_parameters():
            values = (random.standard_normal(parameter.shape) * 0.3 + (parameter.ndim == 1)).astype(np.float32)
            parameter.copy_(torch.from_numpy(values))
            if key in WHOLE:
                tensors[WHOLE[key]] = values
                continue
            _, _, block, part = key.split(".", 3)
            if part.startswith("mlp.experts."):
                tensors.update(expert_tensors(block, part.rsplit(".", 1)[-1], values, apart))
                continue
            ours = PARTS[part.removesuffix(".weight")]
            if ours in ("attn_q", "attn_k"):
                heads = config.num_attention_heads if ours == "attn_q" else config.num_key_value_heads
                values = of_neighbours(values, heads)
            tensors[f"blk.{block}.{ours}.weight"] = values
        logits = live(torch.tensor([TOKENS])).logits.reshape(-1).tolist()

    def all_fields(writer):
        writer.add_block_count(BLOCKS)
        writer.add_context_length(config.max_position_embeddings)
        writer.add_embedding_length(config.hidden_size)
        writer.add_feed_forward_length(config.intermediate_size)
        writer.add_head_count(config.num_attention_heads)
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
        writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
        fields(writer)

    saved(os.path.join(home, f"{name}.gguf"), "llama", {key: (np.ascontiguousarray(one), None) for key, one in tensors.items()}, all_fields)
    return [round(x, 7) for x in logits]


def experts(name, apart):
    config = MixtralConfig(**SIZES, num_local_experts=4, num_experts_per_tok=2, rope_theta=500.0)

    def fields(writer):
        writer.add_expert_count(4)
        writer.add_expert_used_count(2)

    return converted(name, config, apart, fields=fields)


def divided_angles():
    """Llama 3.1, whose converter writes a divisor for each pair of a head: 1 for fast ones, `factor` for slow ones."""
    factor, low, high, original, theta, width = 8.0, 1.0, 4.0, 64, 500.0, 8
    angles = 1.0 / theta ** (np.arange(0, width, 2) / width)
    turns = original * angles / (2 * np.pi)
    share = np.clip((turns - low) / (high - low), 0, 1)
    divisors = 1 / ((1 - share) / factor + share)
    assert divisors.max() == factor and divisors.min() == 1 and 0 < np.sort(share)[1:-1].max() < 1
    rope = dict(rope_type="llama3", factor=factor, low_freq_factor=low, high_freq_factor=high,
                original_max_position_embeddings=original, rope_theta=theta)
    return converted("llama-divisors", LlamaConfig(**SIZES, rope_scaling=rope),
                     further={"rope_freqs.weight": divisors.astype(np.float32)})


def linear_angles():
    def fields(writer):
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(4.0)

    rope = dict(rope_type="linear", factor=4.0, rope_theta=500.0)
    return converted("llama-linear", LlamaConfig(**SIZES, rope_scaling=rope), fields=fields)


def window():
    config = MistralConfig(**SIZES, sliding_window=4, rope_theta=500.0)
    return converted("llama-window", config, fields=lambda writer: writer.add_sliding_window(4))


expected = {
    "tokens": TOKENS,
    "hashes": blocks(os.path.join(home, "blocks.gguf")),
    "logits": {
        "llama": model("llama", Type.Q8_0, tied=False),
        "qwen2": model("qwen2", Type.F16, biases=True),
        "qwen3": model("qwen3", Type.Q8_0, heads=2, groups=1, head_dim=128, head_norms=True),
        "mixtral": experts("mixtral", False),
        "mixtral-apart": experts("mixtral-apart", True),
        "llama-divisors": divided_angles(),
        "llama-linear": linear_angles(),
        "llama-window": window(),
    },
}
with open(os.path.join(home, "expected.json"), "w") as file:
    json.dump(expected, file)
