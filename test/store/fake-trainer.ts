/**
 * A fake trainer: it speaks the worker's protocol and keeps honest checkpoints, but trains nothing. Its
 * "loss" at a step is a function of all steps before, so a wrong resume shows in the numbers. `config.mode`
 * chooses how it ends, and from `config.waitFrom` on its first attempt waits to be cancelled.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { UserError } from '../../src/core/errors.ts';
import type { RunResult, SeriesPoints, TrainSpec } from '../../src/core/training/events.ts';
import { serveTrainings, type Train } from '../../src/main/workers/serve-trainings.ts';
import { FIRST_STATE, nextState, type State } from './fake-training.ts';

function numberIn(spec: TrainSpec, key: string, otherwise: number): number {
  const value = spec.config[key];
  return typeof value === 'number' ? value : otherwise;
}

const train: Train = async (spec, emit, signal, stopAfterEpoch) => {
  if (!existsSync(spec.datasetDir)) throw new UserError(`${spec.datasetDir} is not there: import it again`);
  const steps = numberIn(spec, 'steps', 100);
  const every = numberIn(spec, 'checkpointEvery', 10);
  const pause = numberIn(spec, 'pause', 0);
  const waitFrom = spec.resumeFrom
    ? Number.POSITIVE_INFINITY
    : numberIn(spec, 'waitFrom', Number.POSITIVE_INFINITY);
  const resumed = spec.resumeFrom?.replace(/\.safetensors$/, '.json');
  let state: State = resumed ? JSON.parse(readFileSync(resumed, 'utf8')) : FIRST_STATE;
  const environment = { workerPid: process.pid };
  const facts = { device: 'fake', deviceReason: 'a test', parameters: 0, environment };
  emit({ type: 'started', ...facts, fromStep: state.step });
  const isLast = () => stopAfterEpoch.isWanted && state.step > 0 && state.step % every === 0;
  while (state.step < steps && !signal.aborted && !isLast()) {
    const points: SeriesPoints = { metric: 'train/loss', steps: [], epochs: [], times: [], values: [] };
    for (let count = 0; count < 7 && state.step < steps; count++) {
      state = nextState(state);
      points.steps.push(state.step);
      points.epochs.push(Math.floor(state.step / every));
      points.times.push(Date.now());
      points.values.push(state.loss);
      if (state.step % every === 0) break;
    }
    emit({ type: 'series', points: [points] });
    if (state.step % every === 0) {
      const path = saveCheckpoint(spec, state, every);
      const checkpoint = { path, epoch: state.step / every, step: state.step, kind: 'last' } as const;
      emit({ type: 'checkpoint', checkpoint });
    }
    await wait(pause);
    while (state.step >= waitFrom && !signal.aborted) await wait(5);
  }
  emit({ type: 'result', result: resultOf(signal.aborted ? 'cancelled' : 'completed', state) });
};

/** Both files under names of their own, the state last; one older checkpoint is kept. */
function saveCheckpoint(spec: TrainSpec, state: State, every: number): string {
  const base = (step: number) => join(spec.runDir, `last-${step}`);
  writeFileSync(`${base(state.step)}.safetensors`, '');
  writeFileSync(`${base(state.step)}.partial`, JSON.stringify(state));
  renameSync(`${base(state.step)}.partial`, `${base(state.step)}.json`);
  for (const end of ['safetensors', 'json'])
    rmSync(`${base(state.step - 2 * every)}.${end}`, { force: true });
  return `${base(state.step)}.safetensors`;
}

function resultOf(status: RunResult['status'], { step, loss }: State): RunResult {
  const column = () => Int32Array.of(1, 2, 3);
  return {
    status,
    epochs: step,
    selectedEpoch: step,
    seconds: 1,
    metrics: { 'test/ndcg@10': loss },
    ranks: [
      {
        split: 'test',
        candidates: 5,
        topK: 0,
        users: column(),
        targets: column(),
        ranks: column(),
        historyLengths: column(),
        topItems: new Int32Array(0),
      },
    ],
    protocol: {
      dataset: 'fake',
      split: 'leave-last-out',
      target: 'test',
      ties: 'file',
      candidates: 'catalogue',
      historyFilter: 'all',
      rankTies: 'pessimistic',
      cutoffs: [10],
      selection: 'final-epoch',
      testHistory: 'with-validation-item',
    },
  };
}

function eatMemory(): void {
  const eaten: unknown[] = [];
  for (;;) eaten.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}

/** Ends the process in the middle of its work. */
async function end(how: () => unknown): Promise<void> {
  how();
  await wait(60_000);
}

const MODES: Record<string, Train> = {
  train,
  // Reads the data set only once it is gone.
  late: async (spec, ...others) => {
    while (existsSync(spec.datasetDir)) await wait(5);
    await train(spec, ...others);
  },
  mistaken: async () => {
    throw new UserError('dim 65 is not a multiple of heads 2');
  },
  buggy: async () => {
    throw new TypeError('x is undefined\nand more');
  },
  thirsty: async () => {
    throw new RangeError('Array buffer allocation failed');
  },
  greedy: async () => eatMemory(),
  killed: () => end(() => process.kill(process.pid, 'SIGKILL')),
  stopped: () =>
    end(() => {
      process.removeAllListeners('SIGTERM');
      process.kill(process.pid, 'SIGTERM');
    }),
  fatal: () => end(() => process.kill(process.pid, 'SIGSEGV')),
  mute: () => end(() => process.exit(0)),
  thrown: () =>
    end(() =>
      setImmediate(() => {
        throw new Error('nobody catches this');
      }),
    ),
  // A loop that never gives a message its turn.
  deaf: async () => {
    for (;;) Math.random();
  },
};

serveTrainings((spec, ...others) => MODES[String(spec.config.mode ?? 'train')](spec, ...others));
