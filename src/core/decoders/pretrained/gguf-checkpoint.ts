/** A checkpoint in one GGUF file: sizes from its metadata, tensors by llama.cpp's names. */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { type GgufFile, readGguf, readGgufTensor } from '../../files/gguf.ts';
import type { DecoderConfig } from '../decoder.ts';
import { type CheckpointSizes, MOST_BLOCKS } from './hub-config.ts';
import type { Recipe, TensorFiles } from './matrices.ts';
import { type RopeScaling, scaledAngles } from './rope-angles.ts';

/** Architectures as GGUF names them. Mistral and Mixtral are called llama there. */
const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'] as const;

const whole = z.number().int().positive();
const positive = z.number().positive();

/** Keys after the name of the architecture. */
const sizesSchema = z.looseObject({
  block_count: whole.max(MOST_BLOCKS),
  context_length: whole,
  embedding_length: whole,
  feed_forward_length: whole,
  'attention.head_count': whole,
  'attention.head_count_kv': whole.optional(),
  'attention.key_length': whole.optional(),
  'attention.value_length': whole.optional(),
  'attention.scale': z.number().nonnegative().optional(),
  'attention.layer_norm_rms_epsilon': positive,
  'attention.sliding_window': z.number().int().nonnegative().optional(),
  'rope.dimension_count': whole.optional(),
  'rope.freq_base': positive.default(10_000),
  // As llama.cpp reads them: a factor alone is linear, and 0 is none.
  'rope.scaling.type': z
    .enum(['none', 'linear'], 'its rotary angles are scaled, and not by one factor')
    .optional(),
  'rope.scaling.factor': z.number().nonnegative().default(0),
  'rope.scale_linear': z.number().nonnegative().default(0),
  expert_count: z.number().int().nonnegative().default(0),
  expert_used_count: z.number().int().nonnegative().default(0),
});
type GgufSizes = z.output<typeof sizesSchema>;

/**
 * What a file may ask for beyond its sizes, with the values that ask for nothing: llama.cpp's keys, where 0 is often "not set". With any
 * other value the logits would be wrong.
 */
const NEUTRAL: Readonly<Record<string, readonly (number | boolean)[]>> = {
  'attention.causal': [true],
  'attention.clamp_kqv': [0],
  'attention.max_alibi_bias': [0],
  attn_logit_softcapping: [0],
  final_logit_softcapping: [0],
  router_logit_softcapping: [0],
  logit_scale: [0, 1],
  residual_scale: [0, 1],
  embedding_scale: [0, 1],
  expert_shared_count: [0],
  // By softmax.
  expert_gating_func: [0, 1],
  expert_weights_norm: [true],
  expert_weights_scale: [0, 1],
  leading_dense_block_count: [0],
  use_parallel_residual: [false],
  'rope.scaling.attn_factor': [0, 1],
};

export interface GgufCheckpoint extends CheckpointSizes {
  file: GgufFile;
  tensors: TensorFiles;
  recipe(ours: string): Recipe;
  /** Tensors that are read, but into no parameter. */
  further: readonly string[];
}

/** Divisors of the rotary angles, where they are not all of one factor. */
const DIVISORS = 'rope_freqs.weight';

/** @throws UserError where it is no GGUF file, or of an architecture that this decoder does not compute */
export function openGguf(path: string, context?: number): GgufCheckpoint {
  const file = readGguf(path);
  const parts = Number(file.metadata['split.count'] ?? 1);
  if (parts > 1)
    throw new UserError(
      `${path}: one of the ${parts} parts of a model: join them by llama-gguf-split --merge`,
    );
  const architecture = ARCHITECTURES.find((one) => one === file.metadata['general.architecture']);
  if (!architecture) {
    const stated = String(file.metadata['general.architecture'] ?? 'missing');
    throw cannotRun(path, `its architecture is ${stated}, not ${ARCHITECTURES.join(', ')}`);
  }
  const prefix = `${architecture}.`;
  const own = Object.entries(file.metadata).flatMap(([key, value]) =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value] as const] : [],
  );
  const parsed = sizesSchema.safeParse(Object.fromEntries(own));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw cannotRun(path, `${prefix}${issue.path.join('.')}: ${issue.message}`);
  }
  for (const [key, value] of own) {
    const neutral = NEUTRAL[key];
    if (neutral?.some((one) => one === value) === false)
      throw cannotRun(
        path,
        `it asks for ${prefix}${key} of ${String(value)}, which this decoder does not compute`,
      );
  }
  const config = configOf(path, file, architecture, { ...parsed.data, context });
  return {
    ...{
      file,
      architecture,
      longest: parsed.data.context_length,
      config,
      tensors: tensorsOf(path, file),
      further: [DIVISORS],
    },
    recipe: (ours) => ggufRecipe(ours, config, architecture, (name) => Object.hasOwn(file.tensors, name)),
  };
}

const cannotRun = (path: string, why: string) =>
  new UserError(`${path}: not a checkpoint this decoder can run: ${why}`);

function tensorsOf(path: string, { tensors }: GgufFile): TensorFiles {
  const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
  return {
    ...{ pathOf: () => path, shapes },
    typeOf: (name) => tensors[name].type.name,
    read: (name) => readGgufTensor(path, tensors[name]),
  };
}

function configOf(
  path: string,
  file: GgufFile,
  architecture: string,
  sizes: GgufSizes & { context?: number },
): DecoderConfig {
  const { embedding_length: dim, block_count: blocks, context_length: longest } = sizes;
  const heads = sizes['attention.head_count'];
  const headDim = sizes['attention.key_length'] ?? dim / heads;
  const rotated = sizes['rope.dimension_count'] ?? headDim;
  const embedding = file.tensors['token_embd.weight'];
  if (!embedding) throw cannotRun(path, 'it has no tensor "token_embd.weight"');
  if (!Number.isInteger(headDim) || headDim % 2 !== 0 || rotated !== headDim)
    throw cannotRun(path, `heads of the width ${headDim}, of which ${rotated} are rotated`);
  const { 'attention.value_length': valueDim = headDim, 'attention.scale': scale = 0 } = sizes;
  if (valueDim !== headDim)
    throw cannotRun(path, `heads with keys of ${headDim} numbers and values of ${valueDim}`);
  if (scale !== 0 && Math.abs(scale * Math.sqrt(headDim) - 1) > 1e-6)
    throw cannotRun(path, `its attention is scaled by ${scale}, and not by the root of the width of a head`);
  const kvHeads = sizes['attention.head_count_kv'] ?? heads;
  if (heads % kvHeads !== 0)
    throw cannotRun(path, `${heads} heads cannot share ${kvHeads} heads of keys and values`);
  const { expert_count: experts, expert_used_count: used } = sizes;
  if (experts > 0 && (used < 1 || used > experts))
    throw cannotRun(path, `${used} experts a token, and there are ${experts}`);
  const window = sizes['attention.sliding_window'] ?? 0;
  const ropeTheta = sizes['rope.freq_base'];
  const has = (name: string) => Object.hasOwn(file.tensors, name);
  return {
    ...{ dim, blocks, heads, kvHeads, headDim, ropeTheta, vocabulary: embedding.shape[0] },
    ffnDim: sizes.feed_forward_length,
    tiedHead: !has('output.weight'),
    ropeAngles: scaledAngles(headDim, ropeTheta, scalingOf(path, file, sizes, headDim / 2)),
    normEpsilon: sizes['attention.layer_norm_rms_epsilon'],
    context: sizes.context ?? longest,
    biases: MATRICES.filter((matrix) => has(`blk.0.${NAMES[matrix]}.bias`)).map(
      (matrix) => matrix.replace('ffn/', '') as NonNullable<DecoderConfig['biases']>[number],
    ),
    headNorms: architecture === 'qwen3',
    windows: window > 0 ? Array.from({ length: blocks }, () => window) : undefined,
    experts: experts > 0 ? { count: experts, used, balance: 0 } : undefined,
  };
}

function scalingOf(path: string, file: GgufFile, sizes: GgufSizes, pairs: number): RopeScaling {
  const tensor = file.tensors[DIVISORS];
  if (tensor) {
    const divisors = [...readGgufTensor(path, tensor)];
    if (divisors.length !== pairs || !divisors.every((one) => one > 0 && Number.isFinite(one)))
      throw cannotRun(path, `"${DIVISORS}" is not a positive number for each of ${pairs} pairs of a head`);
    return { kind: 'divisors', divisors };
  }
  const { 'rope.scaling.type': kind, 'rope.scaling.factor': stated, 'rope.scale_linear': older } = sizes;
  const factor = stated || older;
  if (kind === 'linear' && factor === 0) throw cannotRun(path, 'its rotary angles lack a factor');
  return kind === 'none' || factor === 0 ? { kind: 'default' } : { kind: 'linear', factor };
}

const NAMES: Readonly<Record<string, string>> = {
  'norm/0/scale': 'attn_norm',
  'norm/1/scale': 'ffn_norm',
  'query-norm/scale': 'attn_q_norm',
  'key-norm/scale': 'attn_k_norm',
  query: 'attn_q',
  key: 'attn_k',
  value: 'attn_v',
  out: 'attn_output',
  'ffn/gate': 'ffn_gate',
  'ffn/up': 'ffn_up',
  'ffn/down': 'ffn_down',
  router: 'ffn_gate_inp',
};

const MATRICES = ['query', 'key', 'value', 'out', 'ffn/gate', 'ffn/up', 'ffn/down'] as const;

const WHOLE: Readonly<Record<string, string>> = {
  embedding: 'token_embd.weight',
  'final-norm/scale': 'output_norm.weight',
  head: 'output.weight',
};

/** Converters write the queries and keys of Llama for a rotation of neighbours, those of Qwen for one of halves. */
function ggufRecipe(
  ours: string,
  { heads, kvHeads, experts }: DecoderConfig,
  architecture: string,
  has: (name: string) => boolean,
): Recipe {
  if (WHOLE[ours]) return { names: [WHOLE[ours]] };
  const [, block, part] = ours.match(/^blocks\/(\d+)\/(.+)$/) ?? [];
  const name = (matrix: string, kind: string) => `blk.${block}.${NAMES[matrix]}.${kind}`;
  if (NAMES[part]) return { names: [name(part, 'weight')] };
  const kind = part.endsWith('/bias') ? 'bias' : 'weight';
  const matrix = part.slice(0, -kind.length - 1);
  const transposed = kind === 'bias' ? undefined : 'whole';
  if (experts && matrix.startsWith('ffn/')) {
    const together = `blk.${block}.${NAMES[matrix]}_exps.weight`;
    const apart = Array.from(
      { length: experts.count },
      (_, expert) => `blk.${block}.${NAMES[matrix]}.${expert}.weight`,
    );
    const names = has(together) || !has(apart[0]) ? [together] : apart;
    return { names, transposed: matrix === 'ffn/down' ? 'each' : 'whole' };
  }
  const isRotated = architecture === 'llama' && (matrix === 'query' || matrix === 'key');
  const interleaved = isRotated ? (matrix === 'query' ? heads : kvHeads) : undefined;
  return { names: [name(matrix, kind)], transposed, interleaved };
}
