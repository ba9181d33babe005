"""Writes GGUF files with a small tokenizer each and no tensors, and the ids that other programs give to texts.

usage: python write_tokenizers.py FOLDER

Vocabularies are learnt from invented sentences. Those of bytes are run by the package tokenizers as the models of their kind state it
in their tokenizer.json, those of pieces by the package sentencepiece; where transformers reads such a GGUF file alike, its ids are
required to be the same. expected.json has for each file the ids of every text, of texts in which special tokens stand for themselves
("marked"), and the texts that the ids become again where they are not the same.
"""
import io
import json
import os
import re
import sys

import gguf
import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers.integrations.gguf import convert_gguf_tokenizer, get_gguf_tokenizer

home = sys.argv[1]
os.makedirs(home, exist_ok=True)
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6

SENTENCES = [
    "The library opens at nine and closes at seven, but nobody's there before ten.",
    "We'll read 12 books in 2024; they've read 365 of 1000, I'm told.",
    "It's the reader's choice: a novel, an essay, or nothing at all?",
    "Un été à la bibliothèque, où naïveté et café vont ensemble.",
    "Übermorgen lesen größere Gäste ältere Bücher.",
    "東京の図書館で本を読む。東京は大きい。",
    "Читатель берёт книгу и читает её дома.",
    "def read(book):\n    return [page for page in book if page.isOpen()]\n\n",
    "HTTPServer and camelCase, snake_case and SHOUTING/paths/to/books.",
    "The reader reads, the writer writes, and the library lends  what   they need.\n",
]
TEXTS = [
    "",
    " ",
    "The library's books aren't THERE'S; we'Ll see, I'M sure they'd go.",
    "In 2024 there were 1234567 readers and 3.14 cakes, 12 34 567.",
    "Un été naïf à la plage: œuvre, Ærø, Łódź, İstanbul, ǅ.",
    "e\u0301te\u0301 and n\u0303, in two signs each; Å\u0323.",
    "東京で本を読む。全角１２３と半角123、ｶﾀｶﾅ。",
    "Привет, читатель! Сколько книг?",
    "emoji 🎬📚 and a family 👨‍👩‍👧‍👦, a flag 🇫🇷, a hand 👍🏽.",
    "one  two   three    four     five ",
    "  in front, and behind  ",
    "lines\nand\n\nmore\r\n\r\nlines \n  with spaces\n\n\n",
    "tabs\tand\t\tmore \t mixed",
    "a/b//c /// path/to/file.txt\n/x ...!!! ?!/\n",
    "def f(x):\n    return x+1  # comment\n\n\tdone",
    "camelCaseHTTPServer SHOUTING mixedUP ABCdef ﬁne",
    "\u00a0no-break\u2003wide\u200bzero\u3000ideographic\u2028line",
    "¿Qué? «non» „doch“ — it’s ‘quoted’",
    "٣٤٥ and ½ and ² and Ⅷ",
    "the overture overtures",
    "x\u0000y\u0007z \ufffd",
    "▁ stands here, ▁▁too ▁",
    "हिन्दी में किताब और ภาษาไทย",
]
MARKED = [
    "<|one|>The reader<|two|>\nreads.<|one|>",
    " <|two|> reads <keep this> book<|one|> <|two|>12",
    "<|one|",
]
BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
PIECES = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
ENDINGS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
SPACES = r"\s*[\r\n]+|\s+(?!\S)|\s+"


def split(pattern):
    return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), PIECES])


# As the tokenizer.json of GPT-2, SmolLM2, Llama 3, Qwen 2 and Mistral Nemo state it.
KINDS = {
    "default": dict(pre=BYTES),
    "gpt-2": dict(pre=BYTES),
    "smollm": dict(pre=pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), BYTES])),
    "llama-bpe": dict(pre=split(
        ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES), whole=True),
    "qwen2": dict(pre=split(
        ENDINGS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + SPACES), composed=True),
    "tekken": dict(pre=split(
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + SPACES), whole=True),
}


def saved(name, model, tokens, types, fields):
    path = os.path.join(home, f"{name}.gguf")
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(model)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    fields(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def by_transformers(path):
    architecture, tokenizer, _ = get_gguf_tokenizer(path)
    return convert_gguf_tokenizer(architecture, tokenizer)[0]


def byte_level(name, pre, whole=False, composed=False):
    """A vocabulary of bytes; with `whole`, a word that is a token is taken as it is, though no merges make it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre
    trainer = trainers.BpeTrainer(
        vocab_size=400, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(SENTENCES, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get) + ["Ġoverture", "<|one|>", "<|two|>", "<keep this>", "[PAD404]"]
    types = [NORMAL] * (len(tokens) - 4) + [CONTROL, CONTROL, USER_DEFINED, UNUSED]
    merges = [tuple(merge) for merge in model["merges"]]

    def fields(writer):
        if name != "default":
            writer.add_tokenizer_pre(name)
        writer.add_token_merges([" ".join(merge) for merge in merges])
        writer.add_bos_token_id(len(tokens) - 4)
        writer.add_eos_token_id(len(tokens) - 3)
        writer.add_pad_token_id(len(tokens) - 1)

    path = saved(name, "gpt2", tokens, types, fields)
    vocab = {token: at for at, token in enumerate(tokens)}
    known = Tokenizer(models.BPE(vocab=vocab, merges=merges, ignore_merges=whole))
    known.pre_tokenizer, known.decoder = pre, decoders.ByteLevel()
    if composed:
        known.normalizer = normalizers.NFC()
    known.add_special_tokens([AddedToken(one, normalized=False, special=True) for one in ("<|one|>", "<|two|>")])
    known.add_tokens([AddedToken("<keep this>", normalized=False, special=False)])
    theirs = by_transformers(path)
    for text in TEXTS + MARKED:
        # It reads no digits one by one, composes no signs, merges every word, and has no words of a user's with a space.
        if name != "smollm" and not any(one in text for one in ("\u0301", "\u0323", "overture", "keep this")):
            ours, other = (one.encode(text, add_special_tokens=False).ids for one in (known, theirs))
            assert ours == other, (name, text)
    return expectations(lambda text: known.encode(text, add_special_tokens=False).ids, known.decode, MARKED)


def expectations(encode, decode, marked):
    ids = [encode(text) for text in TEXTS]
    texts = [decode(one) for one in ids]
    return {
        "ids": ids,
        "decoded": {at: text for at, text in enumerate(texts) if text != TEXTS[at]},
        "marked": {text: encode(text) for text in marked},
    }


def pieces(name, prefix):
    """SentencePiece as Llama 2 has it: byte-pair encoding with scores, every byte, and spaces as they are."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(one.rstrip("\n") for one in SENTENCES), model_writer=written, model_type="bpe",
        vocab_size=420, byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        add_dummy_prefix=prefix, split_digits=True, allow_whitespace_only_pieces=True, hard_vocab_limit=False,
        character_coverage=0.98, user_defined_symbols=["<keep>"], num_threads=1, minloglevel=2)
    model = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    ids = range(model.vocab_size())
    kinds = [(model.is_unknown, UNKNOWN), (model.is_control, CONTROL), (model.is_unused, UNUSED), (model.is_byte, BYTE)]
    types = [next((kind for test, kind in kinds if test(at)), NORMAL) for at in ids]
    tokens = [model.id_to_piece(at) for at in ids]
    types[tokens.index("<keep>")] = USER_DEFINED

    def fields(writer):
        writer.add_tokenizer_pre("default")
        writer.add_token_scores([model.get_score(at) for at in ids])
        writer.add_bos_token_id(model.bos_id())
        writer.add_eos_token_id(model.eos_id())
        writer.add_unk_token_id(model.unk_id())
        writer.add_add_space_prefix(prefix)

    saved(name, "llama", tokens, types, fields)


    def marked(text):
        """Each part between special tokens is a text of its own, as llama.cpp and transformers read it."""
        parts = re.split("(<s>|</s>|<keep>)", text)
        return [one for at, part in enumerate(parts) if part
                for one in ([model.piece_to_id(part)] if at % 2 else model.encode(part))]

    told = expectations(model.encode, model.decode, [])
    texts = ["a <keep> book", "<keep>", "<s>read</s>\n read", "<s> The<keep>reader</s></s>12"]
    return {**told, "marked": {text: marked(text) for text in texts}}


expected = {name: byte_level(name, **kind) for name, kind in KINDS.items()}
expected["pieces"] = pieces("pieces", True)
expected["pieces-as-they-are"] = pieces("pieces-as-they-are", False)
with open(os.path.join(home, "expected.json"), "w", encoding="utf8") as file:
    json.dump({"texts": TEXTS, "expected": expected}, file, indent=1)
