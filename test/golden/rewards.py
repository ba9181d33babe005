"""Writes rewards-a.json: losses of policies by rewards and by preferences, with advantages and gradients, by PyTorch.

Usage: rewards.py > rewards-a.json
Needs torch, trl and numpy. Of the loss by rewards this file has a plain version, and TRL's own trainer must give the same at loss_type="grpo".
"""
import json
from importlib.metadata import version
from types import SimpleNamespace

import numpy as np
import torch
from trl import GRPOTrainer

draw = np.random.default_rng(11)
torch.set_default_dtype(torch.float64)


def logs(count, levels, scale=1.0):
    return np.round(-np.abs(draw.normal(1.5, scale, (count, levels))) - 0.05, 5)


def advantages_of(rewards, group):
    grouped = rewards.view(-1, group)
    return ((grouped - grouped.mean(1, keepdim=True)) / (grouped.std(1, keepdim=True) + 1e-4)).flatten()


def grpo(present, drawn, start, advantages, clip, beta):
    ratio = torch.exp(present - drawn)
    gain = torch.minimum(ratio * advantages[:, None], ratio.clamp(1 - clip, 1 + clip) * advantages[:, None])
    kl = torch.exp(start - present) - (start - present) - 1
    return (beta * kl - gain).mean(1).mean()


class Metrics(dict):
    def __missing__(self, key):
        self[key] = Metrics() if key in ("train", "eval") else []
        return self[key]


def by_trl(present, drawn, start, advantages, clip, beta):
    ids = torch.zeros(present.shape, dtype=torch.long)
    gathering = SimpleNamespace(gather=lambda x: x, num_processes=1, reduce=lambda x, **_: x)
    trainer = SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *_, **__: (present, torch.zeros_like(present), None),
        _entropy_bonus_enabled=False, aux_loss_enabled=False, top_entropy_quantile=1.0, off_policy_mask_threshold=None, importance_sampling_level="token",
        beta=beta, epsilon_low=clip, epsilon_high=clip, loss_type="grpo", use_vllm=False, vllm_importance_sampling_correction=False,
        args=SimpleNamespace(use_bias_correction_kl=False, delta=None), current_gradient_accumulation_steps=1,
        model=SimpleNamespace(training=True), accelerator=gathering, _metrics=Metrics(),
    )
    inputs = {
        "prompt_ids": ids[:, :1], "prompt_mask": torch.ones_like(ids[:, :1]), "completion_ids": ids,
        "completion_mask": torch.ones_like(ids), "advantages": advantages, "old_per_token_logps": drawn, "ref_per_token_logps": start,
    }
    return GRPOTrainer._compute_loss(trainer, None, inputs)


def rewarded(name, groups, group, levels, clip, beta, moved):
    rewards = np.round(draw.choice([0, 0, 0, 1, -0.2, -0.5], (groups, group)), 3)
    rewards[0] = 0
    present, start = logs(groups * group, levels), logs(groups * group, levels)
    drawn = np.round(present + draw.normal(0, moved, present.shape), 5)
    leaf = torch.tensor(present, requires_grad=True)
    advantages = advantages_of(torch.tensor(rewards).flatten(), group)
    arguments = (torch.tensor(drawn), torch.tensor(start), advantages, clip, beta)
    loss = grpo(leaf, *arguments)
    loss.backward()
    other = torch.tensor(present, requires_grad=True)
    theirs = by_trl(other, *arguments)
    theirs.backward()
    assert torch.allclose(loss, theirs, atol=1e-12) and torch.allclose(leaf.grad, other.grad, atol=1e-12), name
    return {
        "name": name, "group": group, "clip": clip, "beta": beta, "rewards": rewards.tolist(), "present": present.tolist(),
        "drawn": drawn.tolist(), "start": start.tolist(), "advantages": advantages.tolist(), "loss": loss.item(),
        "gradient": leaf.grad.tolist(),
    }


def preferred(name, rows, negatives, levels, scale):
    present, start = logs(rows * (1 + negatives), levels), logs(rows * (1 + negatives), levels)
    leaf = torch.tensor(present, requires_grad=True)
    gains = scale * (leaf - torch.tensor(start)).sum(1).view(rows, -1)
    loss = -torch.nn.functional.logsigmoid(-torch.logsumexp(gains[:, 1:] - gains[:, :1], 1)).mean()
    loss.backward()
    return {
        "name": name, "choices": 1 + negatives, "scale": scale, "present": present.tolist(), "start": start.tolist(),
        "loss": loss.item(), "gradient": leaf.grad.tolist(),
    }


print(json.dumps({
    "versions": {name: version(name) for name in ["torch", "trl"]},
    "rewarded": [
        rewarded("as drawn", 3, 4, 3, 0.2, 0.04, 0.0),
        rewarded("moved on", 4, 6, 4, 0.2, 0.04, 0.4),
        rewarded("without divergence", 2, 5, 2, 0.1, 0.0, 0.2),
    ],
    "preferred": [preferred("one negative", 3, 1, 3, 0.5), preferred("several", 3, 4, 4, 1.0)],
}))
