"""What all peers share: reading what bench/exchange.ts wrote, steps eager or compiled, and their times.

A peer is a function loss(parameters, config, batch), with our names of the parameters, and one that makes a batch of the
micro-batches of a step. Usage of every peer: NAME_step.py FOLDER THREADS STEPS eager|apart|compiled|check
"eager" computes a step as one batch padded to its longest row, "apart" the micro-batches of ours one after the other.
Prints one JSON line: {"cpu": seconds of process CPU a step, "wall": seconds a step, "loss": last loss}; with "check"
{"losses": of the first steps, without dropout and with the negatives of ours}.
"""
import json
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F

CHECKED, WARM_UP = 3, 4
TYPES = {"F32": torch.float32, "I32": torch.int32, "BOOL": torch.bool}


def read_tensors(path):
    """Every tensor of a safetensors file by name."""
    content = bytearray(Path(path).read_bytes())
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)

    def tensor(entry):
        start, end = entry["data_offsets"]
        kind = TYPES[entry["dtype"]]
        if start == end:
            return torch.empty(entry["shape"], dtype=kind)
        count = (end - start) // kind.itemsize
        values = torch.frombuffer(content, dtype=kind, count=count, offset=8 + length + start)
        return values.clone().view(entry["shape"])

    return {name: tensor(entry) for name, entry in header.items()}


def read_steps(path):
    """By step the list of its micro-batches, each a dict of flat tensors; ids are int64, as torch wants them."""
    steps = {}
    for name, tensor in read_tensors(path).items():
        step, micro, key = name.split("/", 2)
        value = tensor.long() if tensor.dtype == torch.int32 else tensor
        steps.setdefault(int(step), {}).setdefault(int(micro), {})[key] = value
    return [[micros[at] for at in sorted(micros)] for _, micros in sorted(steps.items())]


def optimiser_of(parameters, config):
    betas, rate = (config.get("beta1", 0.9), config.get("beta2", 0.999)), config["learningRate"]
    kinds = {
        "adam": lambda: torch.optim.Adam(parameters, rate, betas, config["epsilon"], fused=True),
        "adamw": lambda: torch.optim.AdamW(
            parameters, rate, betas, config["epsilon"], weight_decay=config["weightDecay"], fused=True
        ),
        "adagrad": lambda: torch.optim.Adagrad(parameters, rate, eps=config["epsilon"]),
    }
    return kinds[config["optimiser"]]()


def join_rows(micros, keys, length, size=None):
    """All rows of micro-batches in one batch, by key [size or rows, columns], padded with zeros. `keys`: columns before the first
    position, and of each of the `length` positions."""
    joined = {}
    for key, (before, width) in keys.items():
        columns = before + length * width
        rows = [micro[key].view(int(micro["shape"][0]), -1) for micro in micros]
        whole = torch.cat([F.pad(part, (0, columns - part.shape[1])) for part in rows])
        joined[key] = whole if size is None else F.pad(whole, (0, 0, 0, size - len(whole)))
    return joined


def without_padding(micros):
    """The micro-batches without the rows that no user has."""
    kept = []
    for micro in micros:
        rows, length = micro["shape"].tolist()
        real = micro["weights"].view(rows, -1).sum(1) > 0
        one = {"shape": torch.tensor([int(real.sum()), length])}
        for key, value in micro.items():
            if key != "shape":
                one[key] = value.view(rows, -1)[real].reshape(-1)
        kept.append(one)
    return [one for one in kept if int(one["shape"][0]) > 0]


def by_length(batch_of):
    """The `batches_of` of models whose graph is compiled for each length: a batch a micro-batch where they run apart or compiled, else
    all rows in one, padded to the longest. `batch_of`: micro-batches, config, length -> batch."""

    def batches_of(micros, config, mode):
        micros = without_padding(micros)
        if mode in ("apart", "compiled"):
            return [batch_of([micro], config, int(micro["shape"][1])) for micro in micros]
        return [batch_of(micros, config, max(int(micro["shape"][1]) for micro in micros))]

    return batches_of


def run(loss, batches_of, prepare=lambda batch, config: batch, compiled=torch.compile):
    """`batches_of`: micro-batches of a step, config, mode -> batches whose losses are summed. `prepare`: part of every step."""
    torch._dynamo.config.recompile_limit = 64
    folder, (threads, count), mode = Path(sys.argv[1]), map(int, sys.argv[2:4]), sys.argv[4]
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    config = json.loads((folder / "config.json").read_text())
    if mode == "check":
        config.update({key: 0 for key in ("dropout", "itemDropout", "hiddenDropout") if key in config})
    parameters = read_tensors(folder / "parameters.safetensors")
    for value in parameters.values():
        value.requires_grad_()
    optimiser = optimiser_of(list(parameters.values()), config)
    steps = [batches_of(micros, config, mode) for micros in read_steps(folder / "steps.safetensors")]
    compute = compiled(loss) if mode == "compiled" else loss

    def step(index):
        total = 0.0
        optimiser.zero_grad()
        for batch in steps[index % len(steps)]:
            value = compute(parameters, config, prepare(batch, config))
            value.backward()
            total += value.item()
        optimiser.step()
        return total

    if mode == "check":
        print(json.dumps({"losses": [step(index) for index in range(CHECKED)]}))
        return
    # A compiled step is compiled again when it first sees another shape.
    for index in range(max(WARM_UP, len(steps) if mode == "compiled" else 0)):
        step(index)
    cpu, wall = time.process_time(), time.perf_counter()
    for index in range(count):
        last = step(index)
    times = {"cpu": (time.process_time() - cpu) / count, "wall": (time.perf_counter() - wall) / count}
    print(json.dumps({**times, "loss": last}))
