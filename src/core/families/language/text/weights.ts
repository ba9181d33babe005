/** Checkpoints in the layout of Llama as Hugging Face's transformers writes it: config.json and safetensors. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../errors.ts';
import { readJson } from '../../../files/json.ts';
import { readFloats, readShapes } from '../../../files/safetensors.ts';
import type { ParameterSpec } from '../../../layers/index.ts';
import { type DecoderConfig, decoderParameters } from '../decoder.ts';

const whole = z.number().int().positive();

/** What newer files keep of the rotary angles in place of `rope_theta` and `rope_scaling`. */
const ropeSchema = z.looseObject({
  rope_theta: z.number().positive().optional(),
  rope_type: z
    .literal('default', 'the rotary angles are scaled, which this decoder does not compute')
    .optional(),
  type: z.literal('default', 'the rotary angles are scaled, which this decoder does not compute').optional(),
  partial_rotary_factor: z.literal(1, 'some of a head is not rotated').optional(),
});

/** The architectures whose checkpoints this decoder computes exactly, as their files name them. */
const ARCHITECTURES = ['llama', 'mistral'] as const;

const configSchema = z.looseObject({
  model_type: z.enum(ARCHITECTURES, {
    error: ({ input }) =>
      `${input === undefined ? 'missing' : `"${input}"`}, not ${ARCHITECTURES.join(' or ')}`,
  }),
  vocab_size: whole,
  hidden_size: whole,
  num_hidden_layers: whole,
  num_attention_heads: whole,
  num_key_value_heads: whole.nullish(),
  head_dim: whole.nullish(),
  intermediate_size: whole,
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().default(10000),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: ropeSchema.nullish(),
  partial_rotary_factor: z.literal(1).optional(),
  sliding_window: whole.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: whole.default(2048),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
});

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * Sizes of the checkpoint in a folder, for rows of so many tokens (default: as many as it was made for).
 * @throws UserError where config.json is missing, or says what this decoder cannot compute
 */
export function readLlamaConfig(folder: string, context?: number): DecoderConfig {
  const path = join(folder, 'config.json');
  const parsed = configSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(
      `${path}: not a checkpoint this decoder can run: ${issue.path.join('.')}: ${issue.message}`,
    );
  }
  const config = parsed.data;
  const heads = config.num_attention_heads;
  const length = context ?? config.max_position_embeddings;
  const window = config.sliding_window ?? length;
  if (window < length) {
    throw new UserError(
      `${path}: its attention ends after ${window} tokens (sliding_window), and rows have ${length}: set context to ${window} or less`,
    );
  }
  return {
    vocabulary: config.vocab_size,
    dim: config.hidden_size,
    blocks: config.num_hidden_layers,
    heads,
    kvHeads: config.num_key_value_heads ?? heads,
    headDim: config.head_dim ?? config.hidden_size / heads,
    ffnDim: config.intermediate_size,
    tiedHead: config.tie_word_embeddings,
    ropeTheta: config.rope_parameters?.rope_theta ?? config.rope_theta,
    normEpsilon: config.rms_norm_eps,
    context: length,
  };
}

/** The name that Llama's files have for one of our parameters, and whether they store it transposed. */
export function llamaName(ours: string): { name: string; transposed: boolean } {
  const plain: Record<string, string> = {
    embedding: 'model.embed_tokens.weight',
    'final-norm/scale': 'model.norm.weight',
    head: 'lm_head.weight',
  };
  if (plain[ours]) return { name: plain[ours], transposed: false };
  const [, block, part] = ours.match(/^blocks\/(\d+)\/(.+)$/) ?? [];
  const parts: Record<string, string> = {
    'norm/0/scale': 'input_layernorm',
    'norm/1/scale': 'post_attention_layernorm',
    'query/weight': 'self_attn.q_proj',
    'key/weight': 'self_attn.k_proj',
    'value/weight': 'self_attn.v_proj',
    'out/weight': 'self_attn.o_proj',
    'ffn/gate/weight': 'mlp.gate_proj',
    'ffn/up/weight': 'mlp.up_proj',
    'ffn/down/weight': 'mlp.down_proj',
  };
  return { name: `model.layers.${block}.${parts[part]}.weight`, transposed: !part.startsWith('norm') };
}

/**
 * Every parameter of a decoder, in our layout, out of the folder's safetensors files: float32, float16 or bfloat16, one
 * file or several with model.safetensors.index.json.
 * @throws UserError where a file or a tensor is missing or has another shape, and where there is one that nobody reads
 */
export function readLlamaWeights(folder: string, config: DecoderConfig): Record<string, Float32Array> {
  const { fileOf, files } = tensorFiles(folder);
  const specs = decoderParameters(config);
  refuseUnread(files, new Set(Object.keys(specs).map((ours) => llamaName(ours).name)));
  const read = ([ours, spec]: [string, ParameterSpec]) => {
    const { name, transposed } = llamaName(ours);
    const path = fileOf(name);
    const shape = transposed ? [...spec.shape].reverse() : spec.shape;
    // One at a time: a checkpoint may take half the memory.
    const tensor = readFloats(path, (other) => other === name)[name];
    if (!tensor) throw new UserError(`${path}: it has no tensor "${name}"`);
    if (String(tensor.shape) !== String(shape)) {
      const has = `"${name}" has the shape ${tensor.shape.join(' x ')}`;
      throw new UserError(`${path}: ${has}, and config.json asks for ${shape.join(' x ')}`);
    }
    const values = new Float32Array(tensor.data);
    return [ours, transposed ? transpose(values, shape[0], shape[1]) : values] as const;
  };
  return Object.fromEntries(Object.entries(specs).map(read));
}

/** What follows from other tensors and config.json: a copy of the tied table, and the angles that old files keep. */
const DERIVED = /^lm_head\.weight$|\.rotary_emb\.inv_freq$/;

/** A model computes something with every tensor; one that is not read is part of another architecture. */
function refuseUnread(files: readonly string[], read: ReadonlySet<string>): void {
  for (const path of files) {
    const unread = Object.keys(readShapes(path)).find((name) => !read.has(name) && !DERIVED.test(name));
    if (unread === undefined) continue;
    throw new UserError(
      `${path}: this decoder has no place for its tensor "${unread}": it belongs to another architecture`,
    );
  }
}

/** The files of a folder, and the path of the one that holds a tensor. */
function tensorFiles(folder: string): { files: string[]; fileOf: (name: string) => string } {
  const indexPath = join(folder, 'model.safetensors.index.json');
  const whole = join(folder, 'model.safetensors');
  if (!existsSync(indexPath)) return { files: [whole], fileOf: () => whole };
  const parsed = indexSchema.safeParse(readJson(indexPath));
  if (!parsed.success) throw new UserError(`${indexPath}: damaged; fetch the checkpoint again`);
  const { weight_map: map } = parsed.data;
  const pathOf = (file: string) => {
    if (file.includes('/') || file.includes('\\'))
      throw new UserError(`${indexPath}: "${file}" is no file of the folder`);
    return join(folder, file);
  };
  const fileOf = (name: string) => {
    if (!Object.hasOwn(map, name)) throw new UserError(`${indexPath}: no file has the tensor "${name}"`);
    return pathOf(map[name]);
  };
  return { files: [...new Set(Object.values(map))].map(pathOf), fileOf };
}

function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j];
  }
  return result;
}
