/** The check of rpg fixtures: log-probabilities of all tokens at once, scores of items, and the graph of similar items. */
import { z } from 'zod';
import type { HostArrays } from '../engine/index.ts';
import { UserError } from '../errors.ts';
import type { ItemTokens } from '../families/generative/code-tokens.ts';
import { ItemDigits, similarItems } from '../families/generative/item-graph.ts';
import { Rpg, rpgSchema } from '../families/generative/rpg.ts';
import { idInputs, itemTokensOf } from './id-fixtures.ts';
import {
  compareGradients,
  compareSteps,
  forwardAndBackward,
  type ModelCheck,
  modelFixture,
  optimiserSchema,
  type ParameterName,
} from './model-check.ts';
import { GoldenCheck, type GoldenResult, tensorSchema } from './tensor-compare.ts';

const whole = z.number().int().positive();

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

function namesOf({ blocks, sizes }: Fixture['config']): ParameterName[] {
  const both = (
    ours: string,
    theirs: string,
    [weight, bias]: [string, string] = ['weight', 'bias'],
  ): ParameterName[] => [
    { ours: `${ours}/${weight}`, theirs: `${theirs}.weight` },
    { ours: `${ours}/${bias}`, theirs: `${theirs}.bias` },
  ];
  const norm: [string, string] = ['scale', 'shift'];
  return [
    { ours: 'token-embedding', theirs: 'token_embedding' },
    { ours: 'position-embedding', theirs: 'wpe.weight' },
    ...both('final-norm', 'ln_f', norm),
    ...Array.from({ length: blocks }, (_, i) => [
      ...both(`blocks/${i}/norm/0`, `h.${i}.ln_1`, norm),
      ...both(`blocks/${i}/qkv`, `h.${i}.attn.c_attn`),
      ...both(`blocks/${i}/out`, `h.${i}.attn.c_proj`),
      ...both(`blocks/${i}/norm/1`, `h.${i}.ln_2`, norm),
      ...both(`blocks/${i}/ffn/0`, `h.${i}.mlp.c_fc`),
      ...both(`blocks/${i}/ffn/1`, `h.${i}.mlp.c_proj`),
    ]).flat(),
    ...sizes.flatMap((_, level): ParameterName[] => [
      { ours: `heads/${level}/weight`, theirs: `pred_heads.${level}.weight`, transposed: true },
      { ours: `heads/${level}/bias`, theirs: `pred_heads.${level}.bias` },
    ]),
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
export async function checkRpg(value: unknown): Promise<GoldenResult> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError(`this is no rpg fixture: ${issue.path.join('.')}: ${issue.message}`);
  }
  const fixture = parsed.data;
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
      return {
        input,
        ...Object.fromEntries(blocks.map((block, i) => [`block/${i}`, block])),
        states,
        logProbabilities,
      };
    },
  };
  const golden = new GoldenCheck();
  const results = await forwardAndBackward(check);
  const real = (values: ArrayLike<number>) =>
    cells.flatMap((cell) => Array.from({ length: config.d }, (_, i) => values[cell * config.d + i]));
  golden.compare('output', 'outputs.input', real(results.input), outputs.input.data);
  outputs.blocks.forEach((block, i) => {
    golden.compare('output', `outputs.blocks.${i}`, real(results[`block/${i}`]), block.data);
  });
  golden.compare('output', 'outputs.encoder', real(results.states), outputs.encoder.data);
  golden.compare('output', 'outputs.log_probs', results.logProbabilities, outputs.log_probs.data);
  golden.compare('loss', 'outputs.loss', results.loss[0], outputs.loss);
  compareGradients(golden, check, results);
  compareItems(golden, fixture, items, results.logProbabilities as Float32Array);
  if (fixture.adamw) await compareSteps(golden, check, 'adamw', fixture.adamw);
  return golden.result('rpg');
}

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
  golden.compare('output', 'outputs.item_scores', scores, outputs.item_scores.data);
  const ends = [...items.levels.starts, items.levels.outputs].map((token) => token - 1);
  const vectors = Float32Array.from(params.token_embedding.data);
  const neighbours = similarItems(digits, vectors, ends, config.edges);
  golden.compare('output', 'outputs.neighbours', neighbours, outputs.neighbours.data);
}
