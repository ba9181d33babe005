"""Writes what transformers makes of the chat templates in a folder, for several conversations: expected.json beside them.

usage: python write_chats.py FOLDER

The clock stands on the day that the reader has, too. Where a template refuses a conversation, its words are expected.
"""
import datetime
import glob
import json
import os
import sys

import jinja2
import transformers.utils.chat_template_utils as chats
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast


class Standing(datetime.datetime):
    @classmethod
    def now(cls, *_):
        return cls(2024, 7, 26)


chats.datetime = Standing
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


def turns(*contents, first="user", rules=None):
    roles = ["user", "assistant"] if first == "user" else ["assistant", "user"]
    said = [{"role": roles[at % 2], "content": content} for at, content in enumerate(contents)]
    return ([] if rules is None else [{"role": "system", "content": rules}]) + said


CONVERSATIONS = {
    "one question": turns("Which book is next?"),
    "with rules": turns("  Which book is next?\n", rules=" Be brief.\nName one book. "),
    "an answer between": turns("Who wrote it?", " Somebody else. ", "Say \"who\"!"),
    "rules and answers": turns("a", "b", "c d e f", "g", "h", rules="r"),
    "other letters": turns("Où est l'été? 東京 🎬 <b>&amp;\t\\n 'x'", "Là.\r\nNon \u2028 \u00a0", "{{ bos_token }} {% if %}"),
    "thoughts": turns("1+1?", "<think>\n\nOne and\none.\n\n</think>\n\n\nTwo.", "Sure?", "<think>\nYes\n</think>\nYes."),
    "a result at the end": turns("Look.", "<think>Where?</think>Here.", "<result>7</result>"),
    "an answer first": turns("Hello.", "Hi.", first="assistant"),
    "nothing said": turns(""),
    "two at once": turns("One.") + turns("Two."),
}

home = sys.argv[1]
expected = {}
for path in sorted(glob.glob(os.path.join(home, "*.jinja"))):
    with open(path, encoding="utf8") as file:
        source = file.read()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), **TOKENS)
    answers = {}
    for name, messages in CONVERSATIONS.items():
        try:
            answers[name] = tokenizer.apply_chat_template(
                messages, chat_template=source, tokenize=False, add_generation_prompt=True)
        except jinja2.exceptions.TemplateError as error:
            answers[name] = {"refused": str(error)}
    expected[os.path.basename(path).removesuffix(".jinja")] = answers
with open(os.path.join(home, "expected.json"), "w", encoding="utf8") as file:
    json.dump({"tokens": TOKENS, "conversations": CONVERSATIONS, "expected": expected}, file, indent=2)
