"""Writes tiny checkpoints of random weights by Hugging Face's transformers, a folder each, with what transformers and PyTorch compute.

usage: python write_layouts.py FOLDER [NAME...]
       python write_layouts.py check FOLDER ADAPTER   whether PEFT gets the logits of the folder adapter from another one

Beside a checkpoint's own files, expected.json has the tokens, the logits and the loss of each of three steps, and
expected.safetensors the gradients of the first step (grad/NAME) and the parameters after three steps of AdamW (after/NAME), by the
names of the live model. The folder adapter beside FOLDER has the same of a LoRA adapter by PEFT.
"""
import copy
import json
import os
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    Qwen2Config,
    Qwen3Config,
)

SIZES = dict(vocab_size=24, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=2,
             max_position_embeddings=64)
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=16)
LAYOUTS = {
    "llama": (LlamaConfig(**SIZES, num_key_value_heads=1, rope_theta=500.0, rms_norm_eps=1e-5), {}),
    "llama-biases": (LlamaConfig(**SIZES, num_key_value_heads=2, attention_bias=True, mlp_bias=True), {}),
    "llama3": (LlamaConfig(**SIZES, num_key_value_heads=1, rope_scaling={**LLAMA3, "rope_theta": 500.0},
                           tie_word_embeddings=True), {"max_shard_size": "3KB"}),
    "llama-linear": (LlamaConfig(**SIZES, num_key_value_heads=1,
                                 rope_scaling={"rope_type": "linear", "factor": 4.0, "rope_theta": 500.0}), {}),
    "mistral": (MistralConfig(**SIZES, num_key_value_heads=1, sliding_window=5), {}),
    "qwen2": (Qwen2Config(**SIZES, num_key_value_heads=1, use_sliding_window=True, sliding_window=4,
                          max_window_layers=1), {}),
    "qwen3": (Qwen3Config(**SIZES, num_key_value_heads=1, head_dim=6, tie_word_embeddings=True),
              {"bfloat16": True}),
    "mixtral": (MixtralConfig(**SIZES, num_key_value_heads=1, num_local_experts=4, num_experts_per_tok=2,
                              output_router_logits=True, router_aux_loss_coef=0.02), {}),
}
ROWS, LENGTH, STEPS = 2, 12, 3


def filled(config):
    torch.manual_seed(7)
    config.attention_dropout = 0.0
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").float()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape) * 0.3 + (1.0 if parameter.ndim == 1 else 0.0))
    return model


def write(folder, config, options):
    options = dict(options)
    model = filled(config)
    if options.pop("bfloat16", False):
        # The angles stay as precise as they are where a model is loaded.
        copy.deepcopy(model).bfloat16().save_pretrained(folder, **options)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.copy_(parameter.bfloat16().float())
    else:
        model.save_pretrained(folder, **options)
    expect(folder, model, config.vocab_size)


def write_adapter(folder):
    """A LoRA adapter of the checkpoint "llama", by PEFT."""
    model = filled(LAYOUTS["llama"][0])
    lora = LoraConfig(r=3, lora_alpha=6, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
    adapted = get_peft_model(model, lora)
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                parameter.copy_(torch.randn(parameter.shape) * 0.3)
    adapted.save_pretrained(folder)
    expect(folder, adapted, 24)


def expect(folder, model, vocabulary):
    tokens = torch.randint(0, vocabulary, (ROWS, LENGTH))
    trained = {n.replace(".default", ""): p for n, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.AdamW(trained.values(), lr=1e-2, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    losses, tensors = [], {}
    for step in range(STEPS):
        optimizer.zero_grad()
        output = model(input_ids=tokens, labels=tokens, use_cache=False)
        output.loss.backward()
        losses.append(output.loss.item())
        if step == 0:
            logits = output.logits.detach().reshape(-1).tolist()
            tensors.update({f"grad/{n}": p.grad.clone() for n, p in trained.items()})
        optimizer.step()
    tensors.update({f"after/{n}": p.detach().clone() for n, p in trained.items()})
    save_file({n: t.contiguous() for n, t in tensors.items()}, os.path.join(folder, "expected.safetensors"))
    with open(os.path.join(folder, "expected.json"), "w") as file:
        json.dump({"tokens": tokens.tolist(), "logits": [round(x, 7) for x in logits], "losses": losses}, file)


def check_adapter(home, path):
    """Fails unless PEFT loads an adapter that the program wrote, with the logits of the one that PEFT wrote."""
    base = AutoModelForCausalLM.from_pretrained(os.path.join(home, "llama"), dtype=torch.float32)
    adapted = PeftModel.from_pretrained(base, path)
    with open(os.path.join(os.path.dirname(os.path.abspath(home)), "adapter", "expected.json")) as file:
        expected = json.load(file)
    with torch.no_grad():
        found = adapted(torch.tensor(expected["tokens"])).logits.reshape(-1)
    worst = (found - torch.tensor(expected["logits"])).abs().max().item()
    print(f"largest difference of a logit: {worst:.1e}")
    assert worst < 1e-5


if __name__ == "__main__":
    if sys.argv[1] == "check":
        check_adapter(*sys.argv[2:])
        sys.exit()
    home, *names = sys.argv[1:]
    for name, (config, options) in LAYOUTS.items():
        if not names or name in names:
            folder = os.path.join(home, name)
            os.makedirs(folder, exist_ok=True)
            write(folder, config, options)
    if not names or "adapter" in names:
        write_adapter(os.path.join(os.path.dirname(home), "adapter"))
