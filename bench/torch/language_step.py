"""A LoRA step by PEFT, or scoring of prompts by transformers: the peer of bench/language-step.ts, on the same tokens.

usage: python language_step.py lora|score MODEL THREADS ROWS LENGTH STEPS [--recompute] [--rank 8]
MODEL: a GGUF file, or a folder of a checkpoint. Prints one JSON line as bench/language-step.ts does.
"""
import argparse
import json
import os
import resource
import time

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

WARM_UP = 2
parser = argparse.ArgumentParser()
parser.add_argument("kind", choices=["lora", "score"])
parser.add_argument("model")
for name in ("threads", "rows", "length", "steps"):
    parser.add_argument(name, type=int)
parser.add_argument("--recompute", action="store_true")
parser.add_argument("--rank", type=int, default=8)
args = parser.parse_args()
torch.set_num_threads(args.threads)

folder, file = (os.path.dirname(args.model), os.path.basename(args.model)) if os.path.isfile(args.model) else (args.model, None)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
vocabulary = model.config.vocab_size
i = torch.arange(args.rows * args.length)
ids = ((i * 7919 + (i * i) % 104_729) % vocabulary).reshape(args.rows, args.length)

if args.kind == "score":
    model.eval()

    def step():
        with torch.inference_mode():
            logits = model(ids, logits_to_keep=1, use_cache=False).logits[:, -1]
            return torch.log_softmax(logits, -1)[:, [1, 2]].sum().item()
else:
    model = get_peft_model(model, LoraConfig(r=args.rank, lora_alpha=16, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"))
    model.train()
    if args.recompute:
        model.enable_input_require_grads()
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.01)

    def step():
        optimizer.zero_grad()
        loss = model(input_ids=ids, labels=ids, use_cache=False).loss
        loss.backward()
        optimizer.step()
        return loss.item()


losses, cpu, wall = [], [], []
for at in range(WARM_UP + args.steps):
    begun, used = time.perf_counter(), time.process_time()
    losses.append(step())
    if at >= WARM_UP:
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
median = lambda values: sorted(values)[len(values) // 2]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"cpu": median(cpu), "wall": median(wall), "loss": losses[-1], "peak": peak}))
