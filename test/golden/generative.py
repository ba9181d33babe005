"""Writes a fixture of a model that generates Semantic IDs: weights, a batch, what it gives, loss, gradients and steps.

Usage: generative.py rpg > rpg-a.json
       generative.py liger > liger-a.json
Needs PyTorch and Hugging Face's transformers, whose GPT-2 and T5 are run. What the papers add to them is written here anew:
the public code of RPG and LIGER may not be used commercially and was read for facts alone.
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


class Liger:
    """Generation and similarity of one encoder (arXiv:2411.18814) on T5."""

    name = "liger"
    sizes = [4, 5, 3]
    dim, heads, head_dim, hidden, window = 8, 2, 3, 12, 4
    encoder_layers, decoder_layers = 2, 1
    content_dim, projection, temperature = 6, [7, 5], 0.07
    # Item 5 is hidden: it is no class of the softmax over items.
    histories, targets, hidden_items = [[3, 0, 6, 2], [8, 5], [1]], [7, 1, 4], [5]

    def __init__(self):
        self.starts = [1 + sum(self.sizes[:level]) for level in range(len(self.sizes))]
        self.codes = torch.stack([torch.randint(size, (9,), generator=draw) for size in self.sizes], 1)
        self.content = normal(9, self.content_dim, scale=1.0)
        self.t5 = transformers.T5ForConditionalGeneration(
            transformers.T5Config(
                vocab_size=1 + sum(self.sizes),
                d_model=self.dim,
                d_kv=self.head_dim,
                d_ff=self.hidden,
                num_layers=self.encoder_layers,
                num_decoder_layers=self.decoder_layers,
                num_heads=self.heads,
                relative_attention_num_buckets=8,
                relative_attention_max_distance=16,
                dropout_rate=0.0,
                layer_norm_epsilon=1e-6,
                feed_forward_proj="relu",
                tie_word_embeddings=True,
                pad_token_id=0,
                eos_token_id=None,
                decoder_start_token_id=0,
            )
        ).eval()
        widths = [self.content_dim, *self.projection]
        self.params = weights_of(self.t5)
        for i, (inner, outer) in enumerate(zip(widths, widths[1:])):
            self.params |= {
                f"content.{i}.weight": normal(outer, inner),
                f"content.{i}.bias": normal(outer),
                f"content.{i}.norm.weight": normal(outer, mean=1.0),
                f"content.{i}.norm.bias": normal(outer),
                f"content.{i}.residual": normal(outer, inner),
            }
        self.params |= {
            "content.out.weight": normal(self.dim, widths[-1]),
            "content.out.bias": normal(self.dim),
            "item_position": normal(self.window, self.dim),
            "level_position": normal(len(self.sizes), self.dim),
            "source_norm.weight": normal(self.dim, mean=1.0),
            "source_norm.bias": normal(self.dim),
        }
        self.config = {
            "d_model": self.dim,
            "d_kv": self.head_dim,
            "d_ff": self.hidden,
            "encoder_layers": self.encoder_layers,
            "decoder_layers": self.decoder_layers,
            "heads": self.heads,
            "buckets": 8,
            "max_distance": 16,
            "ln_eps": 1e-6,
            "N": self.window,
            "sizes": self.sizes,
            "projection": self.projection,
            "temperature": self.temperature,
            "tied_head": True,
        }

    def project(self, params, x):
        for i in range(len(self.projection)):
            at = lambda name: params[f"content.{i}.{name}"]
            y = functional.linear(x, at("weight"), at("bias"))
            y = functional.layer_norm(y, y.shape[-1:], at("norm.weight"), at("norm.bias"), 1e-6)
            x = functional.relu(y) + functional.linear(x, at("residual"))
        return functional.linear(x, params["content.out.weight"], params["content.out.bias"])

    def forward(self, params):
        t5 = {name: value for name, value in params.items() if name in dict(self.t5.named_parameters())}
        levels, outputs = len(self.sizes), {"source": [], "encoder": [], "query": [], "logits": []}
        items = functional.normalize(self.project(params, self.content), dim=-1)
        seen = [item for item in range(9) if item not in self.hidden_items]
        generation, dense = [], []
        for history, target in zip(self.histories, self.targets):
            tokens = self.codes[history] + torch.tensor(self.starts)
            vectors = params["shared.weight"][tokens]
            vectors = vectors + (self.project(params, self.content[history]) + params["item_position"][: len(history)])[:, None]
            vectors = (vectors + params["level_position"]).reshape(1, len(history) * levels, self.dim)
            vectors = functional.layer_norm(
                vectors, (self.dim,), params["source_norm.weight"], params["source_norm.bias"], 1e-6
            )
            labels = (self.codes[[target]] + torch.tensor(self.starts))
            # No cache of keys: it would hold on to graphs of other rows.
            out = torch.func.functional_call(
                self.t5, t5, (), {"inputs_embeds": vectors, "labels": labels, "use_cache": False}, strict=False, tie_weights=True
            )
            states = out.encoder_last_hidden_state[0]
            query = functional.normalize(states[-1], dim=-1)
            generation.append(out.loss)
            place = torch.tensor([seen.index(target)])
            dense.append(functional.cross_entropy((items[seen] @ query)[None] / self.temperature, place))
            outputs["source"].append(vectors[0])
            outputs["encoder"].append(states)
            outputs["query"].append(query)
            outputs["logits"].append(out.logits[0])
        outputs = {name: torch.cat(x) if name != "query" else torch.stack(x) for name, x in outputs.items()}
        loss = torch.stack(generation).mean() + torch.stack(dense).mean()
        return loss, {**outputs, "items": items}

    def inputs(self):
        return {"item_codes": tensor(self.codes), "content": tensor(self.content), "hidden": self.hidden_items}

    def further(self, outputs):
        return {"similarity": tensor(outputs["query"] @ outputs["items"].T)}


MODELS = {"rpg": Rpg, "liger": Liger}


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
