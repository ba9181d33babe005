"""Writes what transformers makes of SmolLM2-135M-Instruct in a GGUF file: of invented prompts, the ids and what may come next.

usage: python write_pretrained.py MODEL.gguf expected.json [ALL.safetensors]

Of every prompt the ids, the log-probabilities of 64 tokens that are the same for all, their mean and entropy over the whole vocabulary and
the most probable token; of a question, the SHA-256 of what the chat template makes of it. The third file has every log-probability.
"""
import hashlib
import json
import os
import sys

import torch
from safetensors.torch import save_file
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

PROMPTS = [
    "The library opens at",
    "She returned the third book of the trilogy, because",
    "1, 2, 3, 4, 5, 6,",
    "A member of a film club liked these: a comedy about two bakers (1987), a drama at sea (2003).\nWill they like",
    "def last_page(book):\n    return book.pages[",
    "Le musée est fermé le lundi, mais",
    "Question: what do bees make?\nAnswer:",
    "In 2024 the club had 365 members and 12.5 % more than",
    "「本」means",
    "🎬 Movie night:  we'll watch",
]
QUESTION = "Which of these two films would the member take next? "
model_path, written, *whole = sys.argv[1:]
folder, name = os.path.split(os.path.abspath(model_path))
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
# Its own tokenizer.json reads digits one by one, which the reader of GGUF files leaves out.
bytes_of_words = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), bytes_of_words])
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
vocabulary = model.config.vocab_size
TOKENS = [(at * 12289 + 3) % vocabulary for at in range(64)]

answers, every = [], {}
for at, text in enumerate(PROMPTS):
    ids = tokenizer(text, add_special_tokens=False).input_ids
    with torch.no_grad():
        logs = torch.log_softmax(model(torch.tensor([ids])).logits[0, -1].double(), -1)
    every[str(at)] = logs.float()
    answers.append({
        "text": text,
        "ids": ids,
        "logs": [round(x, 6) for x in logs[TOKENS].tolist()],
        "mean": round(logs.mean().item(), 6),
        "entropy": round(-(logs.exp() * logs).sum().item(), 6),
        "first": logs.argmax().item(),
    })
chat = tokenizer.apply_chat_template(
    [{"role": "user", "content": QUESTION}], tokenize=False, add_generation_prompt=True)
with open(written, "w", encoding="utf8") as file:
    asked = {"question": QUESTION, "hash": hashlib.sha256(chat.encode()).hexdigest()}
    json.dump({"tokens": TOKENS, "prompts": answers, "chat": asked}, file, indent=1)
if whole:
    save_file(every, whole[0])
