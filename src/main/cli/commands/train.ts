import os from 'node:os';
import type { Command } from 'commander';
import { UserError } from '../../../core/errors.ts';
import { defaultColumns, metricColumn, metricLabel } from '../../../core/reports/columns.ts';
import { duration, fixed } from '../../../core/reports/format.ts';
import { quoted } from '../../../core/reports/text.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { TrainSpec } from '../../../core/training/events.ts';
import { program } from '../../data-folder/command-line.ts';
import type { RunHandle, RunService } from '../../hub/runs.ts';
import { type CommandContext, contextOf, print, printJson, withStore } from '../context.ts';
import { reportError } from '../errors.ts';
import { examples } from '../help.ts';
import { setting, wholeNumber } from '../options.ts';
import { factLines } from '../terminal/text-table.ts';
import { type TrainingDisplay, trainingDisplay } from '../terminal/training-display.ts';
import { deviceText } from '../text/device-text.ts';
import { unfinishedText } from '../unfinished.ts';

const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs-gpu'] as const;
const DEFAULT_SEED = 1;

export interface TrainOptions {
  dataset?: string;
  model?: string;
  preset?: string;
  set?: Record<string, unknown>;
  seed?: number;
  device?: string;
  threads?: number;
  name?: string;
  resume?: string;
}

/** `train`: start a run or go on with one, and follow it. */
export function addTrainCommand(parent: Command): void {
  const command = parent
    .command('train')
    .summary('train a model on a data set, or go on with a run')
    .description('Trains a model on a data set and tests it. Every result is kept in the home.')
    .option('--dataset <name>', 'data set to train on: name or id')
    .option('--model <id>', 'model to train; "tessera models" lists them');
  addTrainingOptions(command)
    .addHelpText(
      'after',
      examples(
        'tessera train --dataset beauty --model popularity',
        'tessera train --dataset beauty --model sasrec --preset beauty --seed 2',
        'tessera train --dataset ml-1m --model bprmf --set epochs=20 --set learningRate=0.002 --device cpu',
        'tessera train --resume sasrec-beauty-seed2',
      ),
    )
    .action((options: TrainOptions, command: Command) => train(options, command));
}

/** The options of every command that trains, data set and model left out. */
export function addTrainingOptions(command: Command): Command {
  return command
    .option('--preset <name>', "one of the model's presets")
    .option('--set <key=value>', "change one key of the model's config; repeatable", setting)
    .option('--seed <number>', `seed of everything random (default: ${DEFAULT_SEED})`, wholeNumber(0))
    .option('--device <id>', `where to compute: ${DEVICES.join(', ')} (default: auto)`)
    .option('--threads <number>', 'threads of the CPU (default: as many as there are)', wholeNumber(1))
    .option('--name <name>', 'name of the run (default: made of model, data set and seed)')
    .option(
      '--resume <run>',
      'go on with a run that has not completed; it keeps its data set, config and seed',
    );
}

/** Starts or resumes a run as the options say, and follows it to its end. */
export async function train(options: TrainOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  const device = deviceChoice(options.device);
  const launch =
    options.resume === undefined ? await newRun(options, device, command) : resumed(options, device);
  const { followRun } = await import('../training.ts');
  await withStore(context, async (store) => {
    const display = (handle: RunHandle) => displayOf(context, handle);
    const { run, exitCode } = await followRun(store, await launch(store), display);
    if (context.json) printJson(resultOf(run));
    if (run.status === 'completed') {
      if (!context.json) print(completedText(store, run));
      return;
    }
    process.exitCode = exitCode ?? 1;
    reportError(new UserError(unfinishedText(store, run)));
  });
}

type Launch = (store: Store) => Promise<(service: RunService) => RunHandle>;

/** @throws UserError for an unknown device */
export function deviceChoice(asked: string | undefined): TrainSpec['device'] {
  const device = DEVICES.find((id) => id === (asked ?? 'auto'));
  if (!device) throw new UserError(`unknown device "${asked}"; choose one of: ${DEVICES.join(', ')}`);
  return device;
}

/** Checks everything that can be wrong before a run exists. */
async function newRun(options: TrainOptions, device: TrainSpec['device'], command: Command): Promise<Launch> {
  const { dataset, model, preset, set, name } = options;
  if (dataset === undefined) return command.error("error: option '--dataset <name>' is missing");
  if (model === undefined) return command.error("error: option '--model <id>' is missing");
  const { resolveConfig } = await import('../../../core/families/registry.ts');
  const config = resolveConfig(model, { preset, overrides: set });
  return async (store) => {
    const { requireTrainable } = await import('../../analyst/training-data.ts');
    await requireTrainable(store, { model, dataset, config });
    await requireUsable(device);
    return (service) =>
      service.start({
        model,
        config,
        dataset,
        seed: options.seed ?? DEFAULT_SEED,
        device,
        threads: options.threads ?? os.availableParallelism(),
        name: name?.trim() || null,
      });
  };
}

/** A device asked for by name that cannot be used is told before there is a run to fail. */
export async function requireUsable(device: TrainSpec['device']): Promise<void> {
  if (device === 'auto' || device === 'cpu') return;
  const { checkDevice } = await import('../../../core/engine/index.ts');
  const { usable, detail } = await checkDevice(device);
  if (!usable) throw new UserError(`device "${device}" cannot be used: ${detail}`);
}

function resumed(options: TrainOptions, device: TrainSpec['device']): Launch {
  return async (store) => {
    const run = store.runs.find(options.resume ?? '');
    await refuseChanges(run, store, { ...options, device: options.device && device });
    return (service) => service.resume(run.id);
  };
}

/** Options beside --resume may repeat what the run was started with, but change nothing. */
async function refuseChanges(run: RunRecord, store: Store, options: TrainOptions): Promise<void> {
  const { dataset, model, preset, set = {}, seed, device, threads, name } = options;
  const asked: [name: string, asked: unknown, kept: unknown][] = [
    ['model', model, run.model],
    ['dataset', dataset && store.datasets.find(dataset).id, run.dataset.id],
    ['seed', seed, run.seed],
    ['device', device, run.requestedDevice],
    ['threads', threads, run.threads],
    ['name', name, run.name],
  ];
  if (preset !== undefined || Object.keys(set).length > 0) {
    const { findModel, resolveConfig } = await import('../../../core/families/registry.ts');
    const config = resolveConfig(run.model, { preset, overrides: set });
    const keys = [
      ...Object.keys(preset ? findModel(run.model).presets[preset].config : {}),
      ...Object.keys(set),
    ];
    for (const key of keys) asked.push([key, JSON.stringify(config[key]), JSON.stringify(run.config[key])]);
  }
  const changed = asked.find(([, value, kept]) => value !== undefined && value !== kept);
  if (!changed) return;
  throw new UserError(
    `run ${run.name} (${run.id}) has ${changed[0]} ${changed[2]}, not ${changed[1]}: a resumed run keeps what it ` +
      'was started with; leave the option out, or start a new run',
  );
}

/** Shows what is being trained, and returns where the rest is shown. */
export function displayOf(context: CommandContext, { run, fromStep }: RunHandle): TrainingDisplay {
  const { selection, protocol } = run.config;
  const watched = protocol === 'paper' ? 'test/ndcg@10' : protocol ? 'valid/ndcg@10' : 'ids/collision-rate';
  const metric = typeof selection === 'string' && selection !== 'final-epoch' ? selection : watched;
  const display = trainingDisplay(context.json, metric);
  if (context.json) {
    const { id, name, model, dataset, seed, requestedDevice, threads, config } = run;
    const facts = {
      name,
      model,
      dataset: dataset.name,
      seed,
      device: requestedDevice,
      threads,
      config,
      fromStep,
    };
    printJson({ type: 'run', run: id, ...facts });
    return display;
  }
  const from = fromStep === null ? '' : `, going on after step ${fromStep}`;
  display.note(
    `Run ${run.name} (${run.id}): ${run.model} on ${run.dataset.name}, seed ${run.seed}, ` +
      `${run.threads} thread${run.threads === 1 ? '' : 's'}${from}`,
  );
  return display;
}

/** The last line of `train --json` and `evaluate --json`. */
export function resultOf({ id, status, device, epochs, seconds, metrics }: RunRecord) {
  return { run: id, status, device, epochs, seconds, metrics };
}

const MEASURES = ['ndcg@10', 'ndcg@50', 'hr@10', 'hr@50', 'mrr', 'auc', 'gauc', 'logloss', 'ne', 'ece'];
const SHOWN_METRICS = ['test', 'final'].flatMap((split) => MEASURES.map((metric) => `${split}/${metric}`));

/** The final figures of a run, and what to do next. */
export function completedText(store: Store, run: RunRecord): string {
  const { epochs, selectedEpoch, seconds } = run;
  const trained = epochs && epochs > 1 ? ` ${epochs} epochs` : '';
  const { protocol } = run;
  const onTest = protocol?.task === undefined && protocol?.selection === 'test';
  const optimistic = onTest ? ', selected on the test items (optimistic)' : '';
  const what =
    protocol?.task === 'tokeniser'
      ? `the IDs are those of epoch ${selectedEpoch}`
      : `epoch ${selectedEpoch} was tested${optimistic}`;
  const tested = epochs && epochs > 1 ? `; ${what}` : '';
  return [
    `Completed${trained} in ${duration(seconds)}${tested}.`,
    ...metricLines(run),
    nextStep(store, run),
  ].join('\n');
}

/** The usual figures of a run and its device, one a line. */
export function metricLines({ metrics, device, requestedDevice, deviceReason }: RunRecord): string[] {
  const known = (names: readonly string[]) => names.filter((name) => name in metrics);
  const tested = known(SHOWN_METRICS);
  // An evaluation may have ranked the validation items alone.
  const valid = tested.length > 0 ? [] : known(SHOWN_METRICS.map((name) => name.replace(/^test/, 'valid')));
  const ranked = [...tested, ...valid];
  const shown = ranked.length > 0 ? ranked : defaultColumns(new Set(Object.keys(metrics)));
  return [
    factLines([
      ...shown.map((name) => [metricLabel(name), fixed(metrics[name], metricColumn(name).decimals)] as const),
      ['Device', deviceText(device ?? requestedDevice, deviceReason)],
    ]),
  ];
}

function nextStep(store: Store, run: RunRecord): string {
  const others = store.runs
    .list()
    .filter(
      (other) =>
        other.id !== run.id &&
        other.status === 'completed' &&
        other.protocol?.task === run.protocol?.task &&
        other.dataset.fingerprint === run.dataset.fingerprint,
    );
  if (others.length > 0) return `Compare: ${program()} compare ${others[0].id} ${run.id}`;
  if (run.protocol?.task === 'tokeniser') {
    const generator = `train --dataset ${quoted(run.dataset.name)} --model tiger --set tokeniser=${run.id}`;
    return `Generate recommendations with its IDs: ${program()} ${generator}`;
  }
  if (run.protocol?.task === 'ranking') return `See its slices: ${program()} runs show ${run.id}`;
  const baseline = `${program()} train --dataset ${quoted(run.dataset.name)} --model popularity`;
  return run.model === 'popularity'
    ? `Run ${run.id} is kept. Train a model to compare it with: ${program()} models`
    : `Run ${run.id} is kept. Train a baseline to compare it with: ${baseline}`;
}
