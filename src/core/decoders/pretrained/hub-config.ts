/** Sizes of a checkpoint in Hugging Face's layout, by its config.json. Defaults are those of transformers' classes. */
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import { readJson } from '../../files/json.ts';
import type { DecoderConfig } from '../decoder.ts';
import { type RopeScaling, scaledAngles } from './rope-angles.ts';

/** More blocks than any model has: a file may state any number, and memory is taken for each before a tensor is looked for. */
export const MOST_BLOCKS = 1000;

/** What a checkpoint says of itself. */
export interface CheckpointSizes {
  /** As its files name it. */
  architecture: string;
  /** Tokens of the longest row that it was made for. */
  longest: number;
  config: DecoderConfig;
}

const whole = z.number().int().positive();
const positive = z.number().positive();

const ropeSchema = z.looseObject({
  rope_theta: positive.optional(),
  rope_type: z.string().optional(),
  type: z.string().optional(),
  factor: positive.optional(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: whole.optional(),
  partial_rotary_factor: z.literal(1, 'some of a head is not rotated').optional(),
});

/** The architectures whose checkpoints this decoder computes exactly, as their files name them. */
const ARCHITECTURES = ['llama', 'mistral', 'mixtral', 'qwen2', 'qwen3'] as const;
type Architecture = (typeof ARCHITECTURES)[number];

const configSchema = z.looseObject({
  model_type: z.enum(ARCHITECTURES, {
    error: ({ input }) =>
      `${input === undefined ? 'missing' : `"${input}"`}, not ${ARCHITECTURES.join(', ')}`,
  }),
  vocab_size: whole,
  hidden_size: whole,
  num_hidden_layers: whole.max(MOST_BLOCKS),
  num_attention_heads: whole,
  num_key_value_heads: whole.nullish(),
  head_dim: whole.nullish(),
  intermediate_size: whole,
  rms_norm_eps: positive.optional(),
  rope_theta: positive.optional(),
  rope_parameters: ropeSchema.nullish(),
  rope_scaling: ropeSchema.nullish(),
  partial_rotary_factor: z.literal(1, 'some of a head is not rotated').optional(),
  sliding_window: whole.nullish(),
  use_sliding_window: z.boolean().optional(),
  max_window_layers: z.number().int().nonnegative().optional(),
  layer_types: z.array(z.enum(['full_attention', 'sliding_attention'])).nullish(),
  tie_word_embeddings: z.boolean().default(false),
  max_position_embeddings: whole.optional(),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  num_local_experts: whole.optional(),
  num_experts_per_tok: whole.optional(),
  router_aux_loss_coef: z.number().nonnegative().optional(),
  original_max_position_embeddings: whole.nullish(),
  quantization_config: z
    .null('its weights are quantised: take the model as it was before, or a GGUF file of it')
    .optional(),
});
type HubConfig = z.output<typeof configSchema>;

interface Defaults {
  kvHeads?: number;
  headDim?: number;
  normEpsilon: number;
  theta: number;
  context: number;
  window: number | null;
}

const DEFAULTS: Record<Architecture, Defaults> = {
  llama: { normEpsilon: 1e-6, theta: 1e4, context: 2048, window: null },
  mistral: { kvHeads: 8, normEpsilon: 1e-6, theta: 1e4, context: 131_072, window: 4096 },
  mixtral: { kvHeads: 8, normEpsilon: 1e-5, theta: 1e6, context: 131_072, window: null },
  qwen2: { kvHeads: 32, normEpsilon: 1e-6, theta: 1e4, context: 32_768, window: 4096 },
  qwen3: { kvHeads: 32, headDim: 128, normEpsilon: 1e-6, theta: 1e4, context: 32_768, window: 4096 },
};

/**
 * For rows of so many tokens (default: as many as it was made for).
 * @throws UserError where the file is missing, or says what this decoder cannot compute
 */
export function readHubConfig(path: string, context?: number): CheckpointSizes {
  const parsed = configSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw cannotRun(path, `${issue.path.join('.')}: ${issue.message}`);
  }
  const config = parsed.data;
  const defaults = DEFAULTS[config.model_type];
  const heads = config.num_attention_heads;
  const headDim = config.head_dim ?? defaults.headDim ?? config.hidden_size / heads;
  const kvHeads =
    config.num_key_value_heads ?? (config.num_key_value_heads === null ? heads : (defaults.kvHeads ?? heads));
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw cannotRun(path, `heads have the width ${headDim}, which is not even`);
  if (heads % kvHeads !== 0)
    throw cannotRun(path, `${heads} heads cannot share ${kvHeads} heads of keys and values`);
  const ropeTheta = ropeOf(config).rope_theta ?? config.rope_theta ?? defaults.theta;
  const longest = config.max_position_embeddings ?? defaults.context;
  const sizes: DecoderConfig = {
    ...{ vocabulary: config.vocab_size, dim: config.hidden_size, blocks: config.num_hidden_layers },
    ...{ heads, kvHeads, headDim, ffnDim: config.intermediate_size },
    ...{ tiedHead: config.tie_word_embeddings, normEpsilon: config.rms_norm_eps ?? defaults.normEpsilon },
    ...{ ropeTheta, ropeAngles: scaledAngles(headDim, ropeTheta, scalingOf(path, config)) },
    context: context ?? longest,
    biases: biasesOf(config),
    headNorms: config.model_type === 'qwen3',
    windows: windowsOf(path, config, defaults.window),
    experts: expertsOf(path, config),
  };
  return { architecture: config.model_type, longest, config: sizes };
}

const cannotRun = (path: string, why: string) =>
  new UserError(`${path}: not a checkpoint this decoder can run: ${why}`);

/** Where a file has both, what older versions wrote counts alone, its base too: it was put there by hand. */
const ropeOf = ({ rope_parameters: rope, rope_scaling: old }: HubConfig): z.output<typeof ropeSchema> =>
  (old && Object.keys(old).length > 0 ? old : rope) ?? {};

function scalingOf(path: string, config: HubConfig): RopeScaling {
  const rope = ropeOf(config);
  const kind = rope.rope_type ?? rope.type ?? 'default';
  const needed = <K extends keyof typeof rope>(key: K): NonNullable<(typeof rope)[K]> => {
    const value = rope[key];
    if (value === undefined || value === null) throw cannotRun(path, `its rotary angles lack ${String(key)}`);
    return value;
  };
  if (kind === 'default') return { kind };
  if (kind === 'linear') return { kind, factor: needed('factor') };
  if (kind !== 'llama3')
    throw cannotRun(path, `its rotary angles are scaled by "${kind}", not linear or llama3`);
  return {
    ...{ kind, factor: needed('factor'), low: needed('low_freq_factor'), high: needed('high_freq_factor') },
    original:
      config.original_max_position_embeddings ??
      rope.original_max_position_embeddings ??
      config.max_position_embeddings ??
      DEFAULTS[config.model_type].context,
  };
}

function biasesOf({ model_type, attention_bias, mlp_bias }: HubConfig): DecoderConfig['biases'] {
  if (model_type === 'qwen2') return ['query', 'key', 'value'];
  if (model_type === 'mistral' || model_type === 'mixtral') return [];
  return [
    ...(attention_bias ? (['query', 'key', 'value', 'out'] as const) : []),
    ...(mlp_bias && model_type === 'llama' ? (['gate', 'up', 'down'] as const) : []),
  ];
}

/** Of each block; none where every block sees everything. */
function windowsOf(path: string, config: HubConfig, usual: number | null): DecoderConfig['windows'] {
  const { model_type: type, sliding_window: stated, num_hidden_layers: blocks } = config;
  const isQwen = type === 'qwen2' || type === 'qwen3';
  // The others pass over it.
  const kinds = isQwen ? config.layer_types : undefined;
  const window = stated === undefined ? usual : stated;
  if (type === 'llama' && stated)
    throw cannotRun(path, `it states a sliding_window, which the architecture llama does not compute`);
  if (kinds && kinds.length !== blocks)
    throw cannotRun(path, `layer_types names ${kinds.length} layers of ${blocks}`);
  const starts = isQwen ? (config.use_sliding_window ? (config.max_window_layers ?? 28) : blocks) : 0;
  if (kinds?.includes('sliding_attention') && (!config.use_sliding_window || window === null))
    throw cannotRun(path, 'layer_types names sliding layers, and it gives no window for them');
  const windows = Array.from({ length: blocks }, (_, block) => {
    const isShort = kinds ? kinds[block] === 'sliding_attention' : block >= starts;
    return isShort ? window : null;
  });
  return windows.some((one) => one !== null) ? windows : undefined;
}

function expertsOf(path: string, config: HubConfig): DecoderConfig['experts'] {
  if (config.model_type !== 'mixtral') return undefined;
  const { num_local_experts: count = 8, num_experts_per_tok: used = 2 } = config;
  if (used > count) throw cannotRun(path, `${used} experts a token, and there are ${count}`);
  return { count, used, balance: config.router_aux_loss_coef ?? 0.001 };
}
