"""Writes a fixture of a model that generates Semantic IDs: weights, a batch, what it gives, loss, gradients and steps.

Usage: generative.py rpg > rpg-a.json
Needs PyTorch and Hugging Face's transformers, whose GPT-2 is run. What the paper adds to it is written here anew:
the public code of RPG may not be used commercially and was read for facts alone.
"""
import json
import sys

import torch
import transformers
from torch.nn import functional

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
draw = torch.Generator().manual_seed(11)


def rounded(values):
    return float(f"{values:.9g}")


def tensor(values):
    flat = torch.as_tensor(values).reshape(-1).tolist()
    return {"shape": list(torch.as_tensor(values).shape), "data": [x if isinstance(x, int) else rounded(x) for x in flat]}


def normal(*shape, scale=0.3, mean=0.0):
    """Random values that decimals of nine digits hold exactly."""
    return torch.round((mean + scale * torch.randn(*shape, generator=draw)) * 1e6) / 1e6


def weights_of(module):
    """Random weights by name, those of norms around 1."""
    norm = lambda name: name.endswith("weight") and ("ln_" in name or "layer_norm" in name)
    return {
        name: normal(*value.shape, mean=1.0 if norm(name) else 0.0)
        for name, value in module.named_parameters()
        if name not in ("wte.weight", "lm_head.weight")
    }


class Rpg:
    """Parallel prediction of long IDs (arXiv:2506.05781) on GPT-2."""

    name = "rpg"
    sizes = [5, 4, 6]
    dim, heads, blocks, hidden, window = 8, 2, 2, 12, 5
    temperature, edges = 0.07, 4
    histories, targets = [[3, 0, 6, 2], [8, 5]], [7, 1]

    def __init__(self):
        self.starts = [sum(self.sizes[:level]) for level in range(len(self.sizes))]
        self.codes = torch.stack([torch.randint(size, (9,), generator=draw) for size in self.sizes], 1)
        # Two items of one ID: they score alike.
        self.codes[4] = self.codes[6]
        self.gpt2 = transformers.GPT2Model(
            transformers.GPT2Config(
                vocab_size=1,
                n_positions=self.window,
                n_embd=self.dim,
                n_layer=self.blocks,
                n_head=self.heads,
                n_inner=self.hidden,
                layer_norm_epsilon=1e-12,
                attn_implementation="eager",
            )
        ).eval()
        self.params = {"token_embedding": normal(sum(self.sizes), self.dim), **weights_of(self.gpt2)}
        for level in range(len(self.sizes)):
            self.params[f"pred_heads.{level}.weight"] = normal(self.dim, self.dim)
            self.params[f"pred_heads.{level}.bias"] = normal(self.dim)
        self.config = {
            "d": self.dim,
            "heads": self.heads,
            "blocks": self.blocks,
            "ff": self.hidden,
            "N": self.window,
            "sizes": self.sizes,
            "temperature": self.temperature,
            "edges": self.edges,
            "ln_eps": 1e-12,
        }

    def forward(self, params):
        rows = []
        table = params["token_embedding"]
        codebooks = [functional.normalize(part, dim=-1) for part in table.split(self.sizes)]
        backbone = {name: value for name, value in params.items() if name in dict(self.gpt2.named_parameters())}
        losses, kept = [], {"input": [], "blocks": [[] for _ in range(self.blocks)], "encoder": [], "log_probs": []}
        for history, target in zip(self.histories, self.targets):
            vectors = table[self.codes[history] + torch.tensor(self.starts)].mean(-2)
            out = torch.func.functional_call(
                self.gpt2, backbone, (), {"inputs_embeds": vectors[None], "output_hidden_states": True}, strict=False
            )
            states = out.last_hidden_state[0]
            logits = []
            for level, codebook in enumerate(codebooks):
                weight, bias = params[f"pred_heads.{level}.weight"], params[f"pred_heads.{level}.bias"]
                moved = states + functional.silu(functional.linear(states, weight, bias))
                logits.append(functional.normalize(moved, dim=-1) @ codebook.T / self.temperature)
            following = self.codes[history[1:] + [target]]
            losses.append(
                torch.stack(
                    [functional.cross_entropy(x, following[:, level], reduction="none") for level, x in enumerate(logits)]
                ).mean(0)
            )
            hidden = out.hidden_states
            kept["input"].append(hidden[0][0])
            # The last hidden state of the list is after the final norm.
            for block, value in zip(kept["blocks"], hidden[1:-1]):
                block.append(value[0])
            kept["encoder"].append(states)
            kept["log_probs"].append(torch.cat([functional.log_softmax(x[-1], -1) for x in logits]))
        loss = torch.cat(losses).mean()
        return loss, {
            "input": torch.cat(kept["input"]),
            "blocks": [torch.cat(block) for block in kept["blocks"][: self.blocks - 1]],
            "encoder": torch.cat(kept["encoder"]),
            "log_probs": torch.stack(kept["log_probs"]),
        }

    def inputs(self):
        return {"item_codes": tensor(self.codes)}

    def further(self, outputs):
        """Scores of all items, and the graph."""
        flat = self.codes + torch.tensor(self.starts)
        scores = torch.stack([row[flat].sum(-1) for row in outputs["log_probs"]])
        unit = functional.normalize(self.params["token_embedding"], dim=-1)[flat]
        similarity = torch.einsum("ild,jld->ijl", unit, unit).mean(-1)
        # An item is its own first neighbour, and of twins the one of the lower number comes first.
        similarity.fill_diagonal_(2)
        order = similarity.sort(dim=-1, descending=True, stable=True).indices[:, : self.edges]
        return {"item_scores": tensor(scores), "neighbours": tensor(order)}


MODELS = {"rpg": Rpg}


def fixture(model):
    params = {name: value.requires_grad_() for name, value in model.params.items()}
    loss, outputs = model.forward(params)
    grads = torch.autograd.grad(loss, list(params.values()))
    detached = {
        name: [x.detach() for x in value] if isinstance(value, list) else value.detach()
        for name, value in outputs.items()
    }
    model.params = {name: value.detach() for name, value in params.items()}
    return {
        "model": model.name,
        "case": "a",
        "source": {
            "kind": "own",
            "script": "generative.py",
            "package": f"transformers {transformers.__version__}",
            "remark": "the paper's equations around a public backbone",
        },
        "computed_in": "float64",
        "config": model.config,
        "params": {name: tensor(value) for name, value in model.params.items()},
        "inputs": {
            "histories": model.histories,
            "targets": model.targets,
            **model.inputs(),
        },
        "outputs": {
            **{
                name: [tensor(x) for x in value] if isinstance(value, list) else tensor(value)
                for name, value in detached.items()
            },
            **model.further(detached),
            "loss": rounded(loss.item()),
        },
        "grads": {name: tensor(grad) for name, grad in zip(params, grads)},
        "adamw": steps(model),
    }


def steps(model):
    settings = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.98, "eps": 1e-8, "weight_decay": 0.0}
    params = {name: value.clone().requires_grad_() for name, value in model.params.items()}
    optimiser = torch.optim.AdamW(params.values(), lr=1e-3, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0)
    trace, after = [], None
    for _ in range(4):
        optimiser.zero_grad()
        loss, _ = model.forward(params)
        loss.backward()
        trace.append(rounded(loss.item()))
        optimiser.step()
        after = after or {name: tensor(value.detach()) for name, value in params.items()}
    return {**settings, "params_after_1": after, "loss_trace": trace}


print(json.dumps(fixture(MODELS[sys.argv[1]]()), separators=(",", ":")))
