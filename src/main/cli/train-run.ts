/** Starting and resuming runs, for every command that trains. */

import { DEVICES } from '../../core/device-names.ts';
import type { ChosenDevice } from '../../core/engine/types.ts';
import { UserError } from '../../core/errors.ts';
import { countText } from '../../core/names.ts';
import { versionsIn } from '../../core/plugins/ids.ts';
import { ownRun } from '../../core/store/runs/run-kinds.ts';
import type { Store } from '../../core/store/store.ts';
import type { OwnRun } from '../../core/store/types.ts';
import type { TrainSpec } from '../../core/training/events.ts';
import { refuseChanged } from '../plugins/agreements.ts';
import { findHost } from '../services/hosts.ts';
import type { ActiveRun } from '../services/runs/active-run.ts';
import { createRun, type RunRequest } from '../services/runs/create-run.ts';
import type { RunService } from '../services/runs/runs.ts';
import { threadsOf } from '../services/settings.ts';
import type { CliCommand } from './command.ts';
import { type CommandContext, contextOf, print, printAnswer, printJson, withStore } from './context.ts';
import { type ComputeOptions, chosenDevice, deviceChoice, threadsOption } from './device-option.ts';
import { reportError } from './errors.ts';
import { addPlaceOptions, type JobFlags, jobFrom, jobOfTraining } from './job-options.ts';
import { seedList, setting } from './options.ts';
import { type TrainingDisplay, trainingDisplay } from './terminal/training-display.ts';
import { completedText, resultOf } from './text/trained-text.ts';
import type { Repeated } from './train-like.ts';
import { unfinishedText } from './unfinished.ts';

const DEFAULT_SEED = 1;

export interface TrainOptions extends ComputeOptions, JobFlags {
  dataset?: string;
  model?: string;
  preset?: string;
  set?: Record<string, unknown>;
  seed?: number[];
  like?: string;
  config?: string;
  name?: string;
  project?: string;
  on?: string;
  resume?: string;
  queue?: boolean;
  dryRun?: boolean;
}

/** Adds the options of every command that trains, except data set and model. */
export function addTrainingOptions(command: CliCommand): CliCommand {
  command
    .option('--preset <name>', "one of the model's presets")
    .option('--set <key=value>', "change one key of the model's config; repeatable", setting)
    .option('--like <run>', "take a run's model, data set, config and seed; --set changes the config")
    .option(
      '--config <file>',
      'take the same from a file in JSON or YAML: what "runs show RUN --json" prints, or keys of a config',
    )
    .option(
      '--seed <number...>',
      `seed of everything random, or several, such as 1 2 3 or 1-3: a run each, one after the other (default: ${DEFAULT_SEED})`,
      seedList,
    )
    .option('--device <id>', `where to compute: ${DEVICES.join(', ')} (default: auto)`)
    .addOption(threadsOption());
  return addPlaceOptions(command)
    .option('--name <name>', 'name of the run (default: derived from model, data set and seed)')
    .option('--project <name>', 'project to put the run in; a new name makes one')
    .option('--queue', 'put it into the queue in place of training it now; it trains while Tessera is open')
    .option('--dry-run', 'say what a step takes in memory, and start nothing')
    .option(
      '--resume <run>',
      'resume an unfinished run; it keeps its data set, config and seed, and takes other options of its job',
    );
}

/** Starts or resumes a run and follows it to its end. */
export async function train(options: TrainOptions, command: CliCommand): Promise<void> {
  const context = contextOf(command);
  const device = deviceChoice(options.device);
  const { resume, queue } = options;
  const ofNew = (['queue', 'like', 'config', 'dryRun'] as const).find(
    (option) => options[option] !== undefined,
  );
  if (resume !== undefined && ofNew !== undefined)
    throw new UserError(
      `--${ofNew === 'dryRun' ? 'dry-run' : ofNew} is for new runs: leave it out, and --resume trains on at once`,
    );
  await withStore(context, async (store) => {
    const done = (run: OwnRun) => completedText(store, run);
    if (resume !== undefined) {
      const run = await followToEnd(store, context, await resumed(store, options, device), done);
      if (!context.json && run.status === 'completed') await printReproduced(store, run);
      return;
    }
    const { requests, auto } = await newRuns(store, options, device, command);
    if (options.dryRun) {
      const { stepMemory } = await import('./text/step-memory.ts');
      return printAnswer(context, await stepMemory(store, requests[0]));
    }
    if (queue) {
      for (const request of requests) printQueued(context, queued(store, request));
      return;
    }
    for (const [at, request] of requests.entries()) {
      const { status } = await followToEnd(
        store,
        context,
        (service) => service.startNew(request, auto),
        done,
      );
      const left = requests.length - 1 - at;
      if (status !== 'cancelled' || left === 0) continue;
      if (!context.json) print(`${countText(left, 'further seed')} not begun.`);
      return;
    }
  });
}

/** Of a run that `reproduce` began and did not finish, whether it has the numbers that it makes again. */
async function printReproduced(store: Store, run: OwnRun): Promise<void> {
  const { reproducedRuns } = await import('../services/analysis/reproduce/reproduced-runs.ts');
  const { reproducedText } = await import('./text/reproduce-text.ts');
  for (const outcome of await reproducedRuns(store, { runs: [run.id] })) print(reproducedText(outcome) ?? '');
}

/** Puts a new run at the end of the queue, which the program works through while it is open. */
function queued(store: Store, request: RunRequest): OwnRun {
  return store.transaction(() => {
    const run = createRun(store, request);
    store.queue.put(run.id, 'end');
    return run;
  });
}

function printQueued({ json }: CommandContext, run: OwnRun): void {
  if (json) printJson(run);
  else
    print(`Run ${run.name} (${run.id}) waits in the queue. It trains while Tessera is open: tessera serve`);
}

/** Shows a run until it has ended, prints how, and returns it; `completed` makes the text of one that completed. */
export async function followToEnd(
  store: Store,
  context: CommandContext,
  launch: (service: RunService) => ActiveRun,
  completed: (run: OwnRun) => string,
): Promise<OwnRun> {
  const { followRun } = await import('./training.ts');
  const { run, exitCode } = await followRun(store, launch, await runDisplay(context));
  if (context.json) printJson(resultOf(run));
  if (run.status === 'completed') {
    if (!context.json) print(completed(run));
    return run;
  }
  process.exitCode = exitCode ?? 1;
  // Its machine trains it on.
  if (run.status === 'running') return run;
  reportError(new UserError(unfinishedText(store, run)));
  return run;
}

/** A request a seed, and the device where they are trained here now. Checks everything that can be checked before a run exists. */
async function newRuns(
  store: Store,
  options: TrainOptions,
  device: TrainSpec['device'],
  command: CliCommand,
): Promise<{ requests: RunRequest[]; auto: ChosenDevice | null }> {
  const { preset, set, name, project, on, queue = false } = options;
  const repeated = await repeatedOf(store, options);
  const { dataset = repeated?.dataset, model: named = repeated?.model } = options;
  if (dataset === undefined) return command.error("error: option '--dataset <name>' is missing");
  if (named === undefined) return command.error("error: option '--model <id>' is missing");
  const job = jobOfTraining(on, options);
  const { findModel, resolveConfig } = await import('../../core/families/registry.ts');
  const { requireTrainable, settledConfig } = await import('../services/analysis/training-data.ts');
  const { id: model } = findModel(named);
  // Obstacles that no config could remove are reported before mistakes in this one.
  await requireTrainable(store, { model, dataset });
  const asked = resolveConfig(model, { preset, overrides: { ...repeated?.config, ...set } });
  const { config, notes } = await settledConfig(store, { model, dataset, config: asked });
  refuseChanged(
    store.home,
    versionsIn({ model, config }),
    versionsIn({ model: named, config: { ...repeated?.config, ...set } }),
  );
  if (!contextOf(command).json) notes.forEach(print);
  await requireTrainable(store, { model, dataset, config });
  const place = on === undefined ? null : findHost(store, on).name;
  // What "auto" stands for is asked once it is to be trained.
  const isAsked = place === null && !(queue && device === 'auto');
  const auto = isAsked ? await chosenDevice(device) : null;
  const { seed: seeds = [repeated?.seed ?? DEFAULT_SEED] } = options;
  const given = name?.trim() || null;
  const requests = seeds.map((seed) => ({
    ...{ model, config, dataset, seed, device, place, job },
    threads: threadsOf(store, options.threads),
    name: given !== null && seeds.length > 1 ? `${given}-seed${seed}` : given,
    project: project?.trim() || null,
  }));
  return { requests, auto };
}

/** What the options name to be repeated. */
async function repeatedOf(store: Store, { like, config, preset }: TrainOptions): Promise<Repeated | null> {
  if (like === undefined && config === undefined) return null;
  if (like !== undefined && config !== undefined)
    throw new UserError('--like and --config both say what is to be trained: leave one out');
  if (preset !== undefined)
    throw new UserError(
      `--${like === undefined ? 'config' : 'like'} has a config already: leave --preset out, or --set single keys`,
    );
  const { configFile, likeRun } = await import('./train-like.ts');
  return like === undefined ? configFile(config ?? '') : likeRun(store, like);
}

async function resumed(store: Store, options: TrainOptions, device: TrainSpec['device']) {
  const run = store.runs.findOwn(options.resume ?? '');
  await refuseChanges(run, store, { ...options, device: options.device && device });
  const job = jobFrom(options);
  if (Object.keys(job).length > 0) store.runs.changeJob(run.id, job);
  const { place, requestedDevice } = run;
  const auto = place === null && requestedDevice === 'auto' ? await chosenDevice(requestedDevice) : null;
  return (service: RunService) => service.resume(run.id, auto);
}

/** Options beside --resume may repeat the run's own values but not change them. */
async function refuseChanges(run: OwnRun, store: Store, options: TrainOptions): Promise<void> {
  const { dataset, model, preset, set = {}, device, threads, on, name, project } = options;
  const seed = options.seed?.join(' ');
  const pairs: [name: string, requested: unknown, stored: unknown][] = [
    ['model', model, run.model],
    ['dataset', dataset && store.datasets.find(dataset).id, run.dataset.id],
    ['seed', seed, String(run.seed)],
    ['device', device, run.requestedDevice],
    ['threads', threads, run.threads],
    ['place', on, run.place],
    ['name', name, run.name],
    ['project', project, store.table.annotations(run.id).project],
  ];
  if (preset !== undefined || Object.keys(set).length > 0) {
    const { findModel, resolveConfig } = await import('../../core/families/registry.ts');
    const config = resolveConfig(run.model, { preset, overrides: set });
    const keys = [
      ...Object.keys(preset ? findModel(run.model).presets[preset].config : {}),
      ...Object.keys(set),
    ];
    for (const key of keys) pairs.push([key, JSON.stringify(config[key]), JSON.stringify(run.config[key])]);
  }
  const changed = pairs.find(([, requested, stored]) => requested !== undefined && requested !== stored);
  if (!changed) return;
  throw new UserError(
    `run ${run.name} (${run.id}) has ${changed[0]} ${changed[2]}, not ${changed[1]}: a resumed run keeps what it ` +
      'was started with; leave the option out, or start a new run',
  );
}

/** What shows a run that is being trained, and then its progress. */
async function runDisplay(context: CommandContext): Promise<(handle: ActiveRun) => TrainingDisplay> {
  const [{ findModel }, { watchedMetric }] = await Promise.all([
    import('../../core/families/registry.ts'),
    import('../../core/families/model.ts'),
  ]);
  return (handle) => {
    const run = ownRun(handle.run);
    return displayOf(context, run, handle.fromStep, watchedMetric(findModel(run.model), run.config));
  };
}

function displayOf(
  context: CommandContext,
  run: OwnRun,
  fromStep: number | null,
  metric: string,
): TrainingDisplay {
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
  const from = fromStep === null ? '' : `, resuming after step ${fromStep}`;
  display.note(
    `Run ${run.name} (${run.id}): ${run.model} on ${run.dataset.name}, seed ${run.seed}, ` +
      `${countText(run.threads, 'thread')}${from}`,
  );
  return display;
}
