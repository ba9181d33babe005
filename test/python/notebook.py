"""
Runs the cells of a notebook, one after the other, and prints what the last expression of each is as JSON, one line a cell that has one.

usage: notebook.py NOTEBOOK
"""
import ast
import json
import sys

names = {}
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is not None:
        print(json.dumps(eval(compile(ast.Expression(last.value), "cell", "eval"), names)))
