/** One training or evaluation from a spec to a result, in any process: opens the device, leaves the rest to the model's family. */
import os from 'node:os';
import { readSummary } from '../data/read.ts';
import { Weighed, WeighingDevice } from '../engine/devices/weighing.ts';
import {
  type ChosenDevice,
  type DeviceId,
  libraryVersions,
  openDevice,
  requirePrecision,
} from '../engine/index.ts';
import { PROTOCOL_VERSION } from '../evaluation/protocol.ts';
import type { Protocol } from '../evaluation/types.ts';
import { totalMemory } from '../memory.ts';
import { versionsIn } from '../plugins/ids.ts';
import { processorHere } from '../processor.ts';
import type { RunResult, TrainerEvent, TrainSpec } from '../training/events.ts';
import type { LastEpoch, RunContext } from '../training/run-context.ts';
import { TimeLeft } from '../training/time-left.ts';
import { configFor } from './config-of.ts';
import { loadModel } from './load-model.ts';

/** Runs a spec to its end and emits every event, the result last. */
export async function runTraining(
  spec: TrainSpec,
  emit: (event: TrainerEvent) => void,
  signal?: AbortSignal,
  stopAfterEpoch?: LastEpoch,
): Promise<RunResult> {
  await loadPluginsOf(spec);
  const model = await loadModel(spec.model);
  const config = configFor(model, spec.config);
  const summary = readSummary(spec.datasetDir);
  const { context: device, reason } = await openDevice(deviceOf(spec), { threads: spec.threads });
  try {
    const note = await requirePrecision(device, config.precision);
    const started: RunContext['started'] = (parameters, fromStep) => {
      emit({
        ...{ type: 'started', device: device.id, deviceReason: reason, parameters },
        ...{ environment: environment(spec), fromStep },
      });
      if (note !== null) emit({ type: 'log', level: 'warn', message: note, once: note });
    };
    const trained = await model.train({
      ...{ spec, config, summary, device, signal, stopAfterEpoch, started },
      emit: withTimeLeft(emit, stopAfterEpoch),
    });
    const result = { ...trained, protocol: complete(trained.protocol, spec) };
    emit({ type: 'result', result });
    return result;
  } finally {
    await device.dispose();
  }
}

/**
 * Says what the heaviest step of the training takes in memory, null where it makes none or needs long to: its first steps are made
 * on a device that computes nothing. Throws UserError as the training would at its start.
 */
export async function weighTraining(
  spec: TrainSpec,
  emit: (event: TrainerEvent) => void,
  signal?: AbortSignal,
): Promise<void> {
  await loadPluginsOf(spec);
  const model = await loadModel(spec.model);
  const device = new WeighingDevice(spec.threads);
  const nothing = () => {};
  const about = { spec, config: configFor(model, spec.config), summary: readSummary(spec.datasetDir) };
  try {
    // A language model prepares its first step for minutes.
    if (model.kind !== 'fitted' && model.kind !== 'language')
      await model.train({ ...about, device, emit: nothing, signal, started: nothing });
  } catch (error) {
    if (!(error instanceof Weighed)) throw error;
  }
  emit({ type: 'weighed', memory: device.heaviest });
}

/** Every progress says how long the run still takes, also while it validates. */
function withTimeLeft(
  emit: (event: TrainerEvent) => void,
  stopAfterEpoch: LastEpoch | undefined,
): (event: TrainerEvent) => void {
  const time = new TimeLeft();
  return (event) => {
    if (event.type !== 'progress') return emit(event);
    const { secondsLeft, secondsIfStopped } = time.told(event, performance.now() / 1000);
    emit({
      ...event,
      secondsLeft: stopAfterEpoch?.isWanted ? secondsIfStopped : secondsLeft,
      secondsIfStopped,
    });
  };
}

async function loadPluginsOf({ plugins = [] }: TrainSpec): Promise<void> {
  if (plugins.length === 0) return;
  const { loadPlugin, setPlugins } = await import('../plugins/load.ts');
  setPlugins(await Promise.all(plugins.map(loadPlugin)));
}

/** Which device "auto" is, other processes find out; a trainer of the packaged program may start none. */
function deviceOf({ device, auto }: TrainSpec): DeviceId | ChosenDevice {
  if (device !== 'auto') return device;
  if (auto === undefined) throw new Error('who starts a training says what its device "auto" stands for');
  return auto;
}

/** With the version and what the run rests on, which every family's protocol has alike. */
function complete(protocol: Protocol, { plugins = [], provenance, ...spec }: TrainSpec): Protocol {
  const { sources = [], unknown = [] } = provenance ?? {};
  const versions = versionsIn(spec);
  const used = plugins.filter(({ hash }) => versions.some((version) => hash.startsWith(version)));
  return {
    ...protocol,
    version: PROTOCOL_VERSION,
    ...(sources.length > 0 ? { sources } : {}),
    ...(unknown.length > 0 ? { unknownSources: unknown } : {}),
    ...(used.length > 0 ? { plugins: used.map(({ file, hash }) => `${file} ${hash}`) } : {}),
  };
}

function environment({ threads }: TrainSpec): Record<string, string | number> {
  const { model, instructions } = processorHere();
  return {
    node: process.version,
    ...libraryVersions(),
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    cpu: model,
    ...(instructions && { instructions }),
    cores: os.availableParallelism(),
    threads,
    memoryGiB: Math.round(totalMemory() / 2 ** 30),
  };
}
