/** Which tensors of a checkpoint in Hugging Face's layout make a parameter of ours. */
import type { DecoderConfig } from '../decoder.ts';
import type { Recipe } from './matrices.ts';

const WHOLE: Readonly<Record<string, string>> = {
  embedding: 'model.embed_tokens.weight',
  'final-norm/scale': 'model.norm.weight',
  head: 'lm_head.weight',
};

/** Of a block: a matrix stands transposed, all else as it is. */
const PARTS: Readonly<Record<string, string>> = {
  'norm/0/scale': 'input_layernorm.weight',
  'norm/1/scale': 'post_attention_layernorm.weight',
  'query-norm/scale': 'self_attn.q_norm.weight',
  'key-norm/scale': 'self_attn.k_norm.weight',
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  out: 'self_attn.o_proj',
  'ffn/gate': 'mlp.gate_proj',
  'ffn/up': 'mlp.up_proj',
  'ffn/down': 'mlp.down_proj',
};

/** Matrices of Mixtral's experts, in its own files and in those that keep all experts together. */
const EXPERTS: Readonly<Record<string, { own: string; fused: string; part?: 0 | 1 }>> = {
  'ffn/gate': { own: 'w1', fused: 'gate_up_proj', part: 0 },
  'ffn/up': { own: 'w3', fused: 'gate_up_proj', part: 1 },
  'ffn/down': { own: 'w2', fused: 'down_proj' },
};

/** The name of a linear layer, for `ours` such as "blocks/0/query"; null where it is none of the checkpoint's. */
export function hubLayer(ours: string): string | null {
  const [, block, part] = ours.match(/^blocks\/(\d+)\/(.+)$/) ?? [];
  const name = part && !part.endsWith('scale') ? PARTS[part] : undefined;
  return name === undefined ? null : `model.layers.${block}.${name}`;
}

/** `has`: whether the checkpoint has a tensor of a name. */
export function hubRecipe(
  ours: string,
  { ffnDim, experts }: DecoderConfig,
  has: (name: string) => boolean,
): Recipe {
  if (WHOLE[ours]) return { names: [WHOLE[ours]] };
  const [, block, part] = ours.match(/^blocks\/(\d+)\/(.+)$/) ?? [];
  const layer = `model.layers.${block}`;
  if (PARTS[part]) return { names: [`${layer}.${PARTS[part]}`] };
  const kind = part.endsWith('/bias') ? 'bias' : 'weight';
  const matrix = part.slice(0, -kind.length - 1);
  if (experts && matrix === 'router') {
    const names = [`${layer}.block_sparse_moe.gate.weight`, `${layer}.mlp.gate.weight`];
    return { names: [names.find(has) ?? names[0]], transposed: 'whole' };
  }
  if (experts && EXPERTS[matrix]) return expertRecipe(layer, matrix, { ffnDim, count: experts.count }, has);
  const names = [`${layer}.${PARTS[matrix]}.${kind}`];
  return kind === 'bias' ? { names } : { names, transposed: 'whole' };
}

/** All experts beside each other: those of the first matrices by columns, of the last one by rows. */
function expertRecipe(
  layer: string,
  matrix: string,
  { ffnDim, count }: { ffnDim: number; count: number },
  has: (name: string) => boolean,
): Recipe {
  const { own, fused, part } = EXPERTS[matrix];
  const transposed = matrix === 'ffn/down' ? 'each' : 'whole';
  const together = `${layer}.mlp.experts.${fused}`;
  if (has(together)) {
    const rows = part === undefined ? undefined : ([part * ffnDim, (part + 1) * ffnDim] as const);
    return { names: [together], rows, transposed };
  }
  const of = (expert: number) => `${layer}.block_sparse_moe.experts.${expert}.${own}.weight`;
  return { names: Array.from({ length: count }, (_, expert) => of(expert)), transposed };
}
