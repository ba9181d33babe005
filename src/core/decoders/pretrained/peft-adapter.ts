/** LoRA adapters in the files of Hugging Face's PEFT: adapter_config.json and adapter_model.safetensors. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { sizeOf } from '../../engine/types.ts';
import { UserError } from '../../errors.ts';
import { writeDurably } from '../../files/durable.ts';
import { readJson } from '../../files/json.ts';
import { readShapes, readTensorFloats, writeSafetensors } from '../../files/safetensors.ts';
import { DECODER_MATRICES, type DecoderMatrix } from '../../layers/index.ts';
import { type Adapters, adapterParameters, type DecoderConfig } from '../decoder.ts';
import { hubLayer } from './hub-names.ts';
import { cooked, requireFinite, type TensorFiles } from './matrices.ts';

/** What an adapter may also be, and is not here. */
const PLAIN =
  'is not read: only plain LoRA is; merge the adapter into its model with PEFT, and name that folder with weights';
const off = z.union([z.literal(false), z.null()], PLAIN).optional();
const none = z.union([z.null(), z.record(z.string(), z.never()), z.array(z.never())], PLAIN).optional();

/** Ways to begin that leave the model as it is; of the others, such as PiSSA and OLoRA, the adapter is of changed weights. */
const HARMLESS = ['gaussian', 'orthogonal', 'eva', 'mica'];
const init = z
  .union([z.boolean(), z.string()])
  .nullish()
  .refine((way) => typeof way !== 'string' || HARMLESS.includes(way.toLowerCase()), {
    error: ({ input }) =>
      `"${String(input)}" changes the weights of the model itself, which the adapter does not have: save it again with path_initial_model_for_weight_conversion`,
  });

const configSchema = z.looseObject({
  peft_type: z.literal('LORA'),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  bias: z.literal('none', PLAIN).default('none'),
  init_lora_weights: init,
  use_rslora: z.boolean().nullish(),
  ...{ use_dora: off, fan_in_fan_out: off, lora_bias: off, use_qalora: off, use_bdlora: off },
  ...{ rank_pattern: none, alpha_pattern: none, modules_to_save: none, layer_replication: none },
  ...{ trainable_token_indices: none, alora_invocation_tokens: none, target_parameters: none },
  ...{ kasa_config: none, arrow_config: none, velora_config: none, monteclora_config: none },
});

/** An adapter with its values by the names of our parameters. */
export interface ReadAdapter {
  adapters: Adapters;
  values: Record<string, Float32Array>;
}

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_TENSORS = 'adapter_model.safetensors';

/** PEFT's name of one of our adapter's parameters, such as "blocks/0/query/adapter/a". */
function peftName(ours: string): string {
  const [matrix, part] = ours.split('/adapter/');
  return `base_model.model.${hubLayer(matrix)}.lora_${part === 'a' ? 'A' : 'B'}.weight`;
}

/**
 * Values of an adapter's parameters out of tensors by PEFT's names; 0 for a matrix that has none, as PEFT's own are where it leaves
 * layers out (layers_to_transform, exclude_modules, names of single layers).
 */
export function peftValues(
  files: TensorFiles,
  config: DecoderConfig,
  adapters: Adapters,
): Record<string, Float32Array> {
  const has = (ours: string) => Object.hasOwn(files.shapes, peftName(ours));
  return Object.fromEntries(
    Object.entries(adapterParameters(config, adapters)).map(([ours, { shape }]) => {
      const isThere = ['a', 'b'].some((part) => has(ours.replace(/.$/, part)));
      if (!isThere) return [ours, new Float32Array(sizeOf(shape))];
      const names = [peftName(ours)];
      const values = cooked(files, { names, transposed: 'whole' }, shape);
      requireFinite(values, files.pathOf(names[0]), names);
      return [ours, values];
    }),
  );
}

/**
 * The adapter of a folder for a decoder of these sizes.
 * @throws UserError where it is none, one of another kind, or for another model
 */
export function readPeftAdapter(folder: string, config: DecoderConfig): ReadAdapter {
  const configPath = join(folder, ADAPTER_CONFIG);
  const parsed = configSchema.safeParse(readJson(configPath));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(
      `${configPath}: not an adapter that can be used: ${issue.path.join('.')}: ${issue.message}`,
    );
  }
  const { r: rank, lora_alpha: alpha, use_rslora: isByRoot } = parsed.data;
  const path = join(folder, ADAPTER_TENSORS);
  const shapes = readShapes(path);
  const isOf = (matrix: DecoderMatrix) =>
    Object.keys(adapterParameters(config, { rank, alpha, targets: [matrix] })).some((ours) =>
      Object.hasOwn(shapes, peftName(ours)),
    );
  // Rank-stabilised adapters count alpha / sqrt(rank).
  const adapters: Adapters = {
    ...{ rank, alpha: isByRoot ? alpha * Math.sqrt(rank) : alpha },
    targets: DECODER_MATRICES.filter(isOf),
  };
  const known = new Set(Object.keys(adapterParameters(config, adapters)).map(peftName));
  const unread = Object.keys(shapes).find((name) => !known.has(name));
  if (unread !== undefined || known.size === 0)
    throw new UserError(
      `${path}: ${unread === undefined ? 'it changes no matrix of this model' : `this model has no place for its tensor "${unread}"`}`,
    );
  const read = (name: string) => readTensorFloats(path, name);
  return {
    adapters,
    values: peftValues({ pathOf: () => path, shapes, typeOf: () => 'F32', read }, config, adapters),
  };
}

/** Names of linear layers in PEFT's target_modules. */
const moduleName = (matrix: DecoderMatrix) =>
  hubLayer(`blocks/0/${matrix === 'gate' || matrix === 'up' || matrix === 'down' ? 'ffn/' : ''}${matrix}`)
    ?.split('.')
    .at(-1);

/** Writes an adapter as PEFT reads it; `base` names the model that it changes, `metadata` stands with its tensors. */
export function writePeftAdapter(
  folder: string,
  { adapters, values }: ReadAdapter,
  config: DecoderConfig,
  base: string,
  metadata: Readonly<Record<string, string>> = {},
): void {
  const specs = adapterParameters(config, adapters);
  const tensors = Object.entries(specs).map(
    ([
      ours,
      {
        shape: [rows, columns],
      },
    ]) => {
      const turned = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++)
          turned[column * rows + row] = values[ours][row * columns + column];
      return [peftName(ours), { spec: { shape: [columns, rows], dtype: 'float32' as const }, data: turned }];
    },
  );
  const written = {
    ...{ peft_type: 'LORA', task_type: 'CAUSAL_LM', base_model_name_or_path: base, inference_mode: true },
    ...{ r: adapters.rank, lora_alpha: adapters.alpha, lora_dropout: 0, bias: 'none', fan_in_fan_out: false },
    target_modules: adapters.targets.map(moduleName),
  };
  mkdirSync(folder, { recursive: true });
  writeSafetensors(join(folder, ADAPTER_TENSORS), Object.fromEntries(tensors), metadata);
  writeDurably(join(folder, ADAPTER_CONFIG), [Buffer.from(`${JSON.stringify(written, null, 2)}\n`)]);
}
