"""Runs the Python of docs/other-frameworks.md as it stands there, in the folder that holds the exports.

usage: python other_frameworks.py FOLDER NAME...    NAME: recbole, rectools, implicit, cornac, torch

The libraries come from PyPI, RecBole into an environment of its own (its pins are in the document). They are no part of `npm test`.
"""
import os
import pathlib
import re
import runpy
import sys
import tempfile
import time

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "other-frameworks.md"


def main(folder, *names):
    blocks = dict(re.findall(r"```python (\w+)\n(.*?)```", DOCUMENT.read_text(), re.S))
    os.environ["TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"] = "1"
    os.chdir(folder)
    for name in names or blocks:
        with tempfile.TemporaryDirectory() as scratch:
            script = pathlib.Path(scratch, f"{name}.py")
            script.write_text(blocks[name])
            began = time.perf_counter()
            runpy.run_path(str(script), run_name="__main__")
            print(f"{name}: {len(blocks[name].splitlines())} lines, {time.perf_counter() - began:.0f} s", flush=True)


arguments, sys.argv[1:] = sys.argv[1:], []  # RecBole reads them, too
main(*arguments)
