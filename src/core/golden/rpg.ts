/** The check of rpg fixtures: log-probabilities of all tokens at once, scores of items, and the graph of similar items. */
import { z } from 'zod';
import type { HostArrays } from '../engine/index.ts';
import type { ItemTokens } from '../families/generative/code-tokens.ts';
import { ItemDigits, similarItems } from '../families/generative/item-graph.ts';
import { Rpg, rpgSchema } from '../families/generative/rpg.ts';
import { idInputs, itemTokensOf } from './id-fixtures.ts';
import {
  compareModel,
  compareSteps,
  linearNames,
  type ModelCheck,
  modelFixture,
  normNames,
  numbered,
  optimiserSchema,
  type ParameterName,
  rowsAt,
  times,
} from './model-check.ts';
import { fixtureCheck, type GoldenCheck, tensorSchema, whole } from './tensor-compare.ts';

const schema = z.object({
  ...modelFixture,
  config: z.object({
    d: whole,
    heads: whole,
    blocks: whole,
    ff: whole,
    N: whole,
    sizes: z.array(whole),
    temperature: z.number().positive(),
    edges: whole,
    ln_eps: z.number().positive(),
  }),
  inputs: idInputs,
  outputs: z.object({
    input: tensorSchema,
    blocks: z.array(tensorSchema),
    encoder: tensorSchema,
    log_probs: tensorSchema,
    item_scores: tensorSchema,
    neighbours: tensorSchema,
    loss: z.number(),
  }),
  adamw: optimiserSchema.optional(),
});

type Fixture = z.output<typeof schema>;

/** A layer whose matrix is stored as ours. */
function layerNames(ours: string, theirs: string): ParameterName[] {
  return linearNames(ours, theirs).map((name) => ({ ...name, transposed: false }));
}

function namesOf({ blocks, sizes }: Fixture['config']): ParameterName[] {
  return [
    { ours: 'token-embedding', theirs: 'token_embedding' },
    { ours: 'position-embedding', theirs: 'wpe.weight' },
    ...normNames('final-norm', 'ln_f.'),
    ...times(blocks, (i) => [
      ...normNames(`blocks/${i}/norm/0`, `h.${i}.ln_1.`),
      ...layerNames(`blocks/${i}/qkv`, `h.${i}.attn.c_attn.`),
      ...layerNames(`blocks/${i}/out`, `h.${i}.attn.c_proj.`),
      ...normNames(`blocks/${i}/norm/1`, `h.${i}.ln_2.`),
      ...layerNames(`blocks/${i}/ffn/0`, `h.${i}.mlp.c_fc.`),
      ...layerNames(`blocks/${i}/ffn/1`, `h.${i}.mlp.c_proj.`),
    ]),
    ...times(sizes.length, (level) => linearNames(`heads/${level}`, `pred_heads.${level}.`)),
  ];
}

/** The batch as our inputs; `cells` are the flat positions of real items. */
function batchOf({ inputs, config }: Fixture, items: ItemTokens): { inputs: HostArrays; cells: number[] } {
  const { histories, targets } = inputs;
  const length = Math.max(...histories.map((history) => history.length));
  const levels = config.sizes.length;
  const cells = histories.flatMap((history, row) => history.map((_, i) => row * length + i));
  const positions = histories.length * length;
  const tokens = new Int32Array(positions * levels);
  const present = new Float32Array(positions * levels);
  const labels = new Int32Array(positions * levels);
  const weights = new Float32Array(positions);
  const tokensOf = (item: number) => items.tokens.subarray(item * levels, (item + 1) * levels);
  histories.forEach((history, row) => {
    history.forEach((item, i) => {
      const cell = row * length + i;
      tokens.set(tokensOf(item), cell * levels);
      present.fill(1, cell * levels, (cell + 1) * levels);
      labels.set(tokensOf(history[i + 1] ?? targets[row]), cell * levels);
      weights[cell] = 1 / cells.length;
    });
  });
  return { inputs: { tokens, present, labels, weights }, cells };
}

/** Runs our RPG on a fixture and compares everything it holds. */
export const checkRpg = fixtureCheck('rpg', schema, async (golden, fixture) => {
  const { config, outputs } = fixture;
  const items = itemTokensOf(fixture.inputs, config.sizes);
  const settings = rpgSchema.parse({
    dim: config.d,
    heads: config.heads,
    blocks: config.blocks,
    ffnDim: config.ff,
    maxLength: config.N,
    temperature: config.temperature,
    normEpsilon: config.ln_eps,
    dropout: 0,
  });
  const model = new Rpg(settings, items.levels);
  const { inputs, cells } = batchOf(fixture, items);
  const rows = fixture.inputs.histories.length;
  const check: ModelCheck = {
    model,
    config: settings,
    fixture,
    names: namesOf(config),
    shape: { rows, length: inputs.weights.length / rows },
    inputs,
    outputs: (parameters, given) => {
      const { input, blocks, states } = model.stages(parameters, given);
      const logProbabilities = model.logProbabilities(parameters, given);
      return { input, ...numbered('blocks', blocks), encoder: states, log_probs: logProbabilities };
    },
  };
  const results = await compareModel(golden, check, outputs, (values, name) =>
    name === 'log_probs' ? values : rowsAt(cells, values, config.d),
  );
  compareItems(golden, fixture, items, results.log_probs as Float32Array);
  await compareSteps(golden, check, 'adamw', fixture.adamw);
});

function compareItems(
  golden: GoldenCheck,
  { config, inputs, outputs, params }: Fixture,
  items: ItemTokens,
  logProbabilities: Float32Array,
): void {
  const count = inputs.item_codes.shape[0];
  const digits = new ItemDigits(
    items,
    Int32Array.from({ length: count }, (_, item) => item),
  );
  const width = logProbabilities.length / inputs.histories.length;
  const scores = inputs.histories.flatMap((_, row) =>
    Array.from({ length: count }, (_, item) => digits.score(item, logProbabilities, row * width)),
  );
  golden.compare('output', 'outputs.item_scores', scores, outputs.item_scores);
  const ends = [...items.levels.starts, items.levels.outputs].map((token) => token - 1);
  const vectors = Float32Array.from(params.token_embedding.data);
  const neighbours = similarItems(digits, vectors, ends, config.edges);
  golden.compare('output', 'outputs.neighbours', neighbours, outputs.neighbours);
}
