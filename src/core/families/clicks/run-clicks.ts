/** The family of click models: labelled rows in, the probability of a click out. */
import { existsSync } from 'node:fs';
import { type ClickData, rowsOfPart, TRAIN } from '../../data/clicks/index.ts';
import { UserError } from '../../errors.ts';
import { clickMetrics } from '../../evaluation/predictions.ts';
import { writePredictions } from '../../evaluation/predictions-file.ts';
import type { ClickProtocol } from '../../evaluation/types.ts';
import type { RunResult } from '../../training/events.ts';
import type { RunContext } from '../../training/run-context.ts';
import { runStepLoop } from '../../training/step-loop.ts';
import { type ClickConfig, clickSchema } from './click-config.ts';
import type { ClickDefinition } from './click-model.ts';
import { type ClickOutcome, ClickTraining } from './click-training.ts';
import { countClicks, openRows, sizesOf } from './rows.ts';
import { startRows } from './start-rows.ts';

/** Throws UserError where the data set has no such rows, or one label only. */
export async function trainClicks(definition: ClickDefinition, context: RunContext): Promise<RunResult> {
  const { spec } = context;
  const config = clickSchema.parse(context.config);
  const data = await openRows(definition, spec.datasetDir, config);
  const sizes = sizesOf(data, context);
  if (definition.isFitted) sizes.clicks = countClicks(data.table, rowsOfPart(data.parts, TRAIN));
  const model = definition.build(context.config, sizes);
  const run = { ...context, config };
  const training = new ClickTraining(model, sizes, data, run, (source, tables) =>
    startRows(definition, source, { tables, model, data, context }),
  );
  const outcome = definition.isFitted
    ? await training.evaluate(null, 0, spec.evaluate?.splits ?? ['valid', 'test'])
    : spec.evaluate
      ? await evaluated(training, spec.evaluate)
      : await training.test(await runStepLoop(training, run));
  const metrics: Record<string, number> = {};
  for (const predictions of outcome.predictions) Object.assign(metrics, clickMetrics(predictions));
  const test = outcome.predictions.find(({ split }) => split === 'test');
  if (test) writePredictions(spec.runDir, test);
  const { epochs, selectedEpoch, seconds } = outcome;
  const protocol = protocolOf(run, data, test ? 'test' : 'valid');
  return { status: 'completed', epochs, selectedEpoch, seconds, metrics, ranks: [], protocol };
}

function evaluated(
  training: ClickTraining,
  { path, epoch, splits }: NonNullable<RunContext['spec']['evaluate']>,
): Promise<ClickOutcome> {
  if (!existsSync(path)) throw new UserError(`${path}: the checkpoint no longer exists; train the run again`);
  return training.evaluate(path, epoch, splits);
}

function protocolOf(
  { summary, spec, config: { negatives, selection } }: RunContext<ClickConfig>,
  { table, labels, split, hashes }: ClickData,
  target: ClickProtocol['target'],
): ClickProtocol {
  const drawn = split.kind === 'random' || split.hiddenItems > 0 || labels === 'sampled';
  const byShares = split.kind === 'random' || split.kind === 'time';
  const final = selection === 'final-epoch' || spec.evaluate?.kind === 'last';
  return {
    task: 'ranking',
    dataset: summary.fingerprint,
    labels,
    tasks: [...table.tasks],
    ...(labels === 'sampled' ? { negatives } : {}),
    split: split.kind,
    ...(byShares ? { validShare: split.valid, testShare: split.test } : {}),
    ...(split.hiddenItems > 0 ? { hiddenItems: split.hiddenItems } : {}),
    ...(drawn ? { splitSeed: split.seed } : {}),
    target,
    ...hashes,
    selection: final ? 'final-epoch' : 'validation',
  };
}
