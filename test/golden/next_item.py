"""Writes a fixture of a sequence model: weights, a batch, what each block gives, loss, gradients and steps.

Usage: next_item.py esasrec RECTOOLS > esasrec-a.json
       next_item.py fuxi-beta > fuxi-beta-a.json
Needs PyTorch. RECTOOLS is the folder that the wheel of RecTools was unpacked in; of it only the encoder is run, whose
imports of data sets and rankers are left out. The public code of FuXi-beta has no licence: its equations are written here
anew. Loss, optimiser and evaluation are PyTorch's own or written here.
"""
import importlib
import json
import math
import pathlib
import sys
import types

import torch
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
draw = torch.Generator().manual_seed(7)

N, DIM, ITEMS, NEGATIVES, BLOCKS = 12, 8, 20, 5, 2
ITEM_TABLE = "_embedding_module._item_emb.weight"
POSITION_TABLE = "_input_features_preproc._pos_emb.weight"
HISTORIES = [[15, 2, 1, 18, 6, 11, 19, 10, 16], [13, 8, 6, 3], [4]]
TARGETS = [17, 2, 10]


def tensor(values):
    flat = torch.as_tensor(values).reshape(-1).tolist()
    data = [x if isinstance(x, int) else float(f"{x:.9g}") for x in flat]
    return {"shape": list(torch.as_tensor(values).shape), "data": data}


def normal(*shape, scale=0.3, mean=0.0):
    """Random values that decimals of nine digits hold exactly."""
    return torch.round((mean + scale * torch.randn(*shape, generator=draw)) * 1e6) / 1e6


def valid(x):
    """Rows of real positions, user by user: [users, N, dim], padded on the right -> [positions, dim]."""
    return torch.cat([row[: len(history)] for row, history in zip(x, HISTORIES)])


def padded(sequences):
    return torch.tensor([row + [0] * (N - len(row)) for row in sequences])


def stubs(names):
    for name, values in names.items():
        module = types.ModuleType(name)
        module.__dict__.update(values)
        sys.modules[name] = module


class Esasrec:
    """The encoder of RecTools with its LiGR layers; histories stand at the right end of its windows."""

    name = "esasrec"
    normalised = False
    temperature = 1.0
    heads, multiplier = 2, 2

    def __init__(self, folder):
        root, home = f"{folder}/rectools", "rectools.models.nn"
        for package in ["rectools", "rectools.models", home, f"{home}.transformers"]:
            module = types.ModuleType(package)
            module.__path__ = [root + package.removeprefix("rectools").replace(".", "/")]
            sys.modules[package] = module
        stubs(
            {
                f"{home}.item_net": {"ItemNetBase": object},
                f"{home}.transformers.similarity": {"SimilarityModuleBase": object},
            }
        )
        backbone, blocks, ligr = (
            importlib.import_module(f"{home}.transformers.{name}")
            for name in ["torch_backbone", "net_blocks", "ligr"]
        )
        self.encoder = backbone.TransformerTorchBackbone(
            n_heads=self.heads,
            dropout_rate=0.0,
            item_model=None,
            pos_encoding_layer=blocks.LearnableInversePositionalEncoding(True, N, DIM),
            transformer_layers=ligr.LiGRLayers(BLOCKS, DIM, self.heads, 0.0, self.multiplier),
            similarity_module=None,
            use_causal_attn=True,
            use_key_padding_mask=True,
        ).eval()
        self.encoder.forward = self.encoder.encode_sessions
        self.layers = self.encoder.transformer_layers.transformer_blocks
        shapes = {name: value.shape for name, value in self.encoder.named_parameters()}
        shapes.pop("pos_encoding_layer.pos_emb.weight")
        self.params = {ITEM_TABLE: normal(ITEMS + 1, DIM), POSITION_TABLE: normal(N, DIM)}
        self.params |= {
            name: normal(*shape, mean=1.0 if "layer_norm" in name and name.endswith("weight") else 0.0)
            for name, shape in shapes.items()
        }
        (metadata,) = pathlib.Path(folder).glob("rectools-*.dist-info")
        self.source = {
            "kind": "upstream",
            "package": metadata.stem.replace("-", " "),
            "file": "rectools/models/nn/transformers/ligr.py",
            "shims": "own loss, optimiser loop and evaluation; fixed negatives; rows of the position table turned round "
            "(the oldest position first) and histories moved from the right end of the window to the left",
        }
        self.config = {"heads": self.heads, "ff_factors_multiplier": self.multiplier, "ln_eps": 1e-5}

    def stages(self, params):
        """Input, output of every block and states: each [users, N, dim], padded on the right."""
        turned = {
            name: value for name, value in params.items() if name not in (ITEM_TABLE, POSITION_TABLE)
        }
        turned["pos_encoding_layer.pos_emb.weight"] = params[POSITION_TABLE].flip(0)
        window = torch.tensor([[0] * (N - len(history)) + history for history in HISTORIES])
        seen = []
        hooks = [self.encoder.emb_dropout.register_forward_hook(lambda _, __, out: seen.append(out))]
        hooks += [layer.register_forward_hook(lambda _, __, out: seen.append(out)) for layer in self.layers]
        torch.func.functional_call(self.encoder, turned, ({"x": window}, params[ITEM_TABLE]))
        for hook in hooks:
            hook.remove()
        left = lambda x: torch.stack(
            [torch.cat([row[N - len(h) :], row[: N - len(h)]]) for row, h in zip(x, HISTORIES)]
        )
        return [left(x) for x in seen]


class FuxiBeta:
    """FuXi-beta by its equations (arXiv:2508.10615): values mixed by a table of distances and by a (1 + t)^-b."""

    name = "fuxi-beta"
    normalised = True
    temperature = 0.05
    heads, dv, multiplier = 2, 4, 2
    times = [
        [963858104, 963944504, 963944504, 964644504, 964644509, 964648109, 964648114, 964648174, 996184174, 996184179],
        [961779765, 961779766, 993315766, 993315766, 993315768],
        [960565875, 960565906],
    ]

    def __init__(self):
        width = self.heads * self.dv
        self.params = {ITEM_TABLE: normal(ITEMS + 1, DIM), POSITION_TABLE: normal(N, DIM)}
        for block in range(BLOCKS):
            at = f"_fuxi._attention_layers.{block}"
            self.params |= {
                f"{at}._uvqk": normal(DIM, 3 * width),
                f"{at}._rel_attn_bias._pow_a": normal(1, mean=0.5, scale=0.2),
                f"{at}._rel_attn_bias._pow_b": normal(1, mean=0.2, scale=0.05),
                f"{at}._rel_attn_bias._pos_w": normal(2 * N - 1),
                f"{at}._mffn.lin0.weight": normal(DIM, 2 * width),
                f"{at}._mffn.lin0.bias": normal(DIM),
                f"{at}._mffn.lin1.weight": normal(self.multiplier * DIM, DIM),
                f"{at}._mffn.lin2.weight": normal(DIM, self.multiplier * DIM),
                f"{at}._mffn.lin3.weight": normal(self.multiplier * DIM, DIM),
            }
        self.source = {
            "kind": "own",
            "script": "next_item.py",
            "remark": "the paper's equations written anew; names, time of the target and (1 + max(0, t)) as in the code that "
            "its authors published with FuXi-Linear, which has no licence and was not run",
        }
        self.config = {"heads": self.heads, "dv": self.dv, "ffn_multiply": self.multiplier, "norm_eps": 1e-6}
        self.inputs = {"timestamps": tensor(padded(self.times))}

    def stages(self, params):
        times = padded(self.times)
        x = math.sqrt(DIM) * params[ITEM_TABLE][padded(HISTORIES)] + params[POSITION_TABLE]
        stages = [x]
        for block in range(BLOCKS):
            at = f"_fuxi._attention_layers.{block}."
            x = self.block(x, times, {name.removeprefix(at): p for name, p in params.items() if name.startswith(at)})
            stages.append(x)
        return stages

    def block(self, x, times, p):
        rms = lambda y: functional.rms_norm(y, y.shape[-1:], eps=1e-6)
        width = self.heads * self.dv
        u, v = functional.silu(rms(x) @ p["_uvqk"]).split([2 * width, width], -1)
        place = torch.arange(N)
        by_place = p["_rel_attn_bias._pos_w"][N - 1 + place[None] - place[:, None]].tril()
        # A position knows when the interaction that it predicts happens.
        asked = torch.cat([times[:, 1:], times[:, -1:]], 1)
        passed = (asked[:, :, None] - times[:, None]).clamp(min=0).double()
        by_time = (p["_rel_attn_bias._pow_a"] * (1 + passed) ** -p["_rel_attn_bias._pow_b"]).tril()
        split = lambda y: y.reshape(*y.shape[:2], self.heads, self.dv)
        mixed = torch.cat([split(by_place @ v), split(by_time @ v)], -1).flatten(2)
        z = x + functional.linear(u * rms(mixed), p["_mffn.lin0.weight"], p["_mffn.lin0.bias"])
        m = rms(z)
        hidden = functional.silu(functional.linear(m, p["_mffn.lin1.weight"]))
        hidden = hidden * functional.linear(m, p["_mffn.lin3.weight"])
        return z + functional.linear(hidden, p["_mffn.lin2.weight"])


MODELS = {"esasrec": Esasrec, "fuxi-beta": FuxiBeta}


def fixture(model):
    history = padded(HISTORIES)
    train = padded([row + [target] for row, target in zip(HISTORIES, TARGETS)])
    positives = torch.cat([row[1 : len(h) + 1] for row, h in zip(train, HISTORIES)])
    negatives = torch.stack([drawn_negatives(int(positive)) for positive in positives])

    def forward(params):
        stages = [valid(x) for x in model.stages(params)]
        unit = lambda x: x / x.norm(dim=-1, keepdim=True).clamp(min=1e-6)
        encoder, items = stages[-1], params[ITEM_TABLE]
        if model.normalised:
            encoder, items = unit(encoder), unit(items)
        chosen = items[torch.cat([positives[:, None], negatives], 1)]
        logits = (encoder[:, None] * chosen).sum(-1) / model.temperature
        loss = functional.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long))
        return {"input": stages[0], "blocks": stages[1:], "encoder": encoder, "logits": logits, "loss": loss}, items

    def gradients(params):
        outputs, _ = forward(params)
        return outputs["loss"], torch.autograd.grad(outputs["loss"], list(params.values()))

    params = {name: value.requires_grad_() for name, value in model.params.items()}
    outputs, items = forward(params)
    _, grads = gradients(params)
    return {
        "model": model.name,
        "case": "a",
        "source": model.source,
        "computed_in": "float64",
        "config": {
            "d": DIM,
            "blocks": BLOCKS,
            "N": N,
            "max_item_id": ITEMS,
            "temperature": model.temperature,
            "num_negatives": NEGATIVES,
            **model.config,
        },
        "params": {name: tensor(value.detach()) for name, value in params.items()},
        "inputs": {
            "lengths": tensor([len(row) for row in HISTORIES]),
            "history_ids": tensor(history),
            "train_ids": tensor(train),
            "negatives": tensor(negatives),
            "candidates": tensor(torch.arange(1, ITEMS + 1)),
            **getattr(model, "inputs", {}),
        },
        "outputs": {
            **{name: tensor(outputs[name].detach()) for name in ["input", "encoder", "logits"]},
            "blocks": [tensor(block.detach()) for block in outputs["blocks"]],
            "positives": tensor(positives),
            "loss": float(f"{outputs['loss'].item():.9g}"),
        },
        "grads": {name: tensor(grad) for name, grad in zip(params, grads)},
        "adamw": steps(model, gradients),
        "eval": evaluation(outputs["encoder"].detach(), items.detach()),
    }


def drawn_negatives(positive):
    """None of them the positive: what to do with such a one is not the encoder's affair."""
    others = [item for item in range(1, ITEMS + 1) if item != positive]
    return torch.tensor(others)[torch.randint(len(others), (NEGATIVES,), generator=draw)]


def steps(model, gradients):
    settings = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "weight_decay": 0.0}
    params = {name: value.detach().clone().requires_grad_() for name, value in model.params.items()}
    optimiser = torch.optim.AdamW(params.values(), lr=1e-3, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0)
    trace, after = [], None
    for _ in range(6):
        loss, grads = gradients(params)
        trace.append(float(f"{loss.item():.9g}"))
        for value, grad in zip(params.values(), grads):
            value.grad = grad
        optimiser.step()
        after = after or {name: tensor(value.detach()) for name, value in params.items()}
    return {**settings, "params_after_1": after, "loss_trace": trace}


def evaluation(encoder, items):
    ends = [sum(len(h) for h in HISTORIES[: i + 1]) - 1 for i in range(len(HISTORIES))]
    query = encoder[ends]
    scores = query @ items[1:].T
    ranks = []
    for row, (history, target) in enumerate(zip(HISTORIES, TARGETS)):
        left = scores[row].clone()
        left[torch.tensor(history) - 1] = -math.inf
        ranks.append(1 + int((left > left[target - 1]).sum()))
    runs = [{"name": "next", "targets": tensor(TARGETS), "ranks": tensor(ranks)}]
    return {"query": tensor(query), "candidate_scores": tensor(scores), "runs": runs}


print(json.dumps(fixture(MODELS[sys.argv[1]](*sys.argv[2:])), separators=(",", ":")))
