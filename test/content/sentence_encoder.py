"""Writes a tiny sentence encoder with random weights and what sentence-transformers makes of texts with it.

pip install torch sentence-transformers onnx onnxscript; python sentence_encoder.py sentence-encoder
Made with sentence-transformers 6.2.0, transformers 5.24.0, torch 2.13.0. The folder keeps what the test reads: onnx/,
tokenizer.json, tokenizer_config.json, expected.json, and of config.json the type, the width and max_position_embeddings.
"""
import json
import os
import sys

import torch
from sentence_transformers import SentenceTransformer, models
from transformers import BertConfig, BertModel, BertTokenizerFast

TEXTS = [
    "Red nail polish",
    "the hair brush for the hair, the blue nail polish for the nails. brushing the hair",
    "  blue ",
    "",
    "a b c d e f g h i j k l m n o p q r s t u v w x y z",
]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz", "red", "blue", "nail"]
WORDS += ["polish", "##s", "##ing", "for", "the", "hair", "brush", ".", ","]


class States(torch.nn.Module):
    def __init__(self, bert):
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask, token_type_ids):
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
        return self.bert(**inputs).last_hidden_state


def main(folder):
    os.makedirs(f"{folder}/onnx", exist_ok=True)
    vocab = {word: at for at, word in enumerate(WORDS)}
    tokenizer = BertTokenizerFast(vocab=vocab, do_lower_case=True, model_max_length=20)
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    bert = BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=20, **sizes)).eval()
    tokenizer.save_pretrained(folder)
    bert.save_pretrained(folder)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tokenizer(TEXTS[:2], return_tensors="pt", padding=True, truncation=True)
    torch.onnx.export(
        States(bert),
        tuple(example[name] for name in names),
        f"{folder}/onnx/model.onnx",
        input_names=names,
        output_names=["last_hidden_state"],
        dynamic_axes={name: {0: "rows", 1: "length"} for name in [*names, "last_hidden_state"]},
        dynamo=False,
    )
    vectors = {}
    for limit in (8, None):
        for mode in ("mean", "cls"):
            transformer = models.Transformer(folder, **({"max_seq_length": limit} if limit else {}))
            encoder = SentenceTransformer(modules=[transformer, models.Pooling(16, pooling_mode=mode)], device="cpu")
            vectors[f"{limit}/{mode}"] = encoder.encode(TEXTS).tolist()
    with open(f"{folder}/expected.json", "w") as file:
        json.dump({"texts": TEXTS, "vectors": vectors}, file)


main(sys.argv[1])
