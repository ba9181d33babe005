"""Lists of 10 by the beam search of transformers, the peer of bench/tiger-lists.ts: a T5 of TIGER small's shapes, histories of the
same lengths in batches of users of alike lengths. Its search is free; ours keeps to the IDs of items that are not filtered.

usage: tiger_lists.py LENGTHS_FILE BEAMS THREADS
LENGTHS_FILE holds a JSON list: the items of each history. Prints one JSON line: {"cpu": seconds of process CPU, "wall": seconds}.
"""
import json
import sys
import time

import torch
from transformers import T5Config, T5ForConditionalGeneration

LEVELS, CODES, USER_TOKENS, ROWS = 4, 256, 2000, 64


def main():
    with open(sys.argv[1]) as file:
        lengths = sorted(json.load(file))
    beams, threads = int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    outputs = 1 + LEVELS * CODES
    config = T5Config(
        vocab_size=outputs + USER_TOKENS, d_model=128, d_kv=32, d_ff=256, num_layers=2, num_decoder_layers=2, num_heads=4,
        decoder_start_token_id=0, pad_token_id=0, eos_token_id=None,
    )
    model = T5ForConditionalGeneration(config).eval()

    def batch(part):
        width = 1 + LEVELS * part[-1]
        tokens = torch.randint(1, outputs, (len(part), width))
        present = torch.arange(width).unsqueeze(0) < 1 + LEVELS * torch.tensor(part).unsqueeze(1)
        return tokens * present, present.long()

    batches = [batch(lengths[start : start + ROWS]) for start in range(0, len(lengths), ROWS)]

    def lists(tokens, present):
        return model.generate(
            input_ids=tokens, attention_mask=present, num_beams=beams, num_return_sequences=10, do_sample=False,
            max_new_tokens=LEVELS, min_new_tokens=LEVELS, use_cache=True,
        )

    with torch.inference_mode():
        lists(*batches[0])
        cpu, wall = time.process_time(), time.perf_counter()
        for one in batches:
            lists(*one)
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}))


main()
