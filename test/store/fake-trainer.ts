/**
 * A fake trainer: it speaks the worker's protocol and keeps honest checkpoints, but trains nothing. Its
 * "loss" at a step is a function of all steps before, so a wrong resume shows in the numbers. `config.mode`
 * chooses how it ends, and from `config.waitFrom` on its first attempt waits to be cancelled.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunResult, SeriesPoints, TrainerEvent, TrainSpec } from '../../src/core/training/events.ts';
import type { CallReply, CallRequest } from '../../src/main/workers/calls.ts';
import type { TrainerMessage } from '../../src/main/workers/host.ts';
import { FIRST_STATE, nextState, type State } from './fake-training.ts';

function numberIn(spec: TrainSpec, key: string, otherwise: number): number {
  const value = spec.config[key];
  return typeof value === 'number' ? value : otherwise;
}

function reply(message: CallReply<TrainerEvent[]>, then = () => {}): void {
  process.send?.(message, undefined, undefined, then);
}

function send(...events: TrainerEvent[]): void {
  reply({ type: 'progress', id: 1, value: events });
}

let cancelled = false;
let finishing = false;

async function train(spec: TrainSpec): Promise<RunResult> {
  const steps = numberIn(spec, 'steps', 100);
  const every = numberIn(spec, 'checkpointEvery', 10);
  const pause = numberIn(spec, 'pause', 0);
  const waitFrom = spec.resumeFrom
    ? Number.POSITIVE_INFINITY
    : numberIn(spec, 'waitFrom', Number.POSITIVE_INFINITY);
  const resumed = spec.resumeFrom?.replace(/\.safetensors$/, '.json');
  let state: State = resumed ? JSON.parse(readFileSync(resumed, 'utf8')) : FIRST_STATE;
  const environment = { workerPid: process.pid };
  const fromStep = state.step === 0 ? 0 : state.step + 1;
  send({ type: 'started', device: 'fake', deviceReason: 'a test', parameters: 0, environment, fromStep });
  while (state.step < steps && !cancelled && !finishing) {
    const points: SeriesPoints = { metric: 'train/loss', steps: [], epochs: [], times: [], values: [] };
    for (let count = 0; count < 7 && state.step < steps; count++) {
      state = nextState(state);
      points.steps.push(state.step);
      points.epochs.push(Math.floor(state.step / every));
      points.times.push(Date.now());
      points.values.push(state.loss);
      if (state.step % every === 0) break;
    }
    send({ type: 'series', points: [points] });
    if (state.step % every === 0) await recorded(saveCheckpoint(spec, state, every));
    await wait(pause);
    while (state.step >= waitFrom && !cancelled) await wait(5);
  }
  return resultOf(cancelled ? 'cancelled' : 'completed', state);
}

/** Both files under names of their own, the state last; one older checkpoint is kept. */
function saveCheckpoint(spec: TrainSpec, state: State, every: number): string {
  const base = (step: number) => join(spec.runDir, `last-${step}`);
  writeFileSync(`${base(state.step)}.safetensors`, '');
  writeFileSync(`${base(state.step)}.partial`, JSON.stringify(state));
  renameSync(`${base(state.step)}.partial`, `${base(state.step)}.json`);
  for (const end of ['safetensors', 'json'])
    rmSync(`${base(state.step - 2 * every)}.${end}`, { force: true });
  const path = `${base(state.step)}.safetensors`;
  send({
    type: 'checkpoint',
    checkpoint: { path, epoch: state.step / every, step: state.step, kind: 'last' },
  });
  return path;
}

const unrecorded = new Map<string, () => void>();

/** Resolves when the host has recorded the checkpoint, as the trainer waits for it. */
function recorded(path: string): Promise<void> {
  return new Promise((resolve) => unrecorded.set(path, resolve));
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

function fail(name: string, message: string): void {
  const details = name === 'UserError' ? ({ code: 'invalid', problem: message } as const) : undefined;
  const stack = `${name}: ${message}\n    at fake`;
  reply({ type: 'failed', id: 1, name, message, stack, details }, () => process.exit(1));
}

function eatMemory(): void {
  const eaten: unknown[] = [];
  for (;;) eaten.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
}

const ENDINGS: Record<string, (spec: TrainSpec) => void> = {
  train: async (spec) => {
    if (!existsSync(spec.datasetDir))
      return fail('UserError', `${spec.datasetDir} is not there: import it again`);
    send({ type: 'result', result: await train(spec) });
    process.disconnect();
  },
  // Reads the data set only once it is gone.
  late: async (spec) => {
    while (existsSync(spec.datasetDir)) await wait(5);
    ENDINGS.train(spec);
  },
  mistaken: () => fail('UserError', 'dim 65 is not a multiple of heads 2'),
  buggy: () => fail('TypeError', 'x is undefined\nand more'),
  thirsty: () => fail('RangeError', 'Array buffer allocation failed'),
  greedy: eatMemory,
  killed: () => process.kill(process.pid, 'SIGKILL'),
  stopped: () => process.kill(process.pid, 'SIGTERM'),
  fatal: () => process.kill(process.pid, 'SIGSEGV'),
  mute: () => process.exit(0),
  thrown: () => {
    throw new Error('nobody catches this');
  },
  // A loop that never gives a message its turn.
  deaf: () => {
    for (;;) Math.random();
  },
};

process.on('disconnect', () => process.exit(0));
process.on('message', (request: CallRequest<TrainSpec, TrainerMessage>) => {
  if (request.type === 'cancel') cancelled = true;
  else if (request.type === 'call') ENDINGS[String(request.input.config.mode ?? 'train')]?.(request.input);
  else if (request.type === 'message') {
    const { message } = request;
    if (message.type === 'stopAfterEpoch') finishing = true;
    else for (const path of message.paths) unrecorded.get(path)?.();
  }
});
