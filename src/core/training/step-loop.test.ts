import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { float32 } from '../engine/index.ts';
import { CancelledError, StoppedError, throwIfCancelled, UserError } from '../errors.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import { readCheckpoint } from './checkpoints.ts';
import { type Draws, PRESENT_DRAWS } from './draws.ts';
import type { CheckpointInfo, TrainSpec } from './events.ts';
import { type LoopConfig, type LoopTask, runStepLoop, type StepInfo } from './step-loop.ts';

/** A training whose steps take a minute each; a pass over its data is one step unless said otherwise. */
function training({
  savesValidated = false,
  stepsPerEpoch = 1,
  keepsParts = false,
  better = 'lower',
  values = [],
  changes = {},
  finishIn = Number.POSITIVE_INFINITY,
  goOnIn = Number.POSITIVE_INFINITY,
  resumeFrom = null,
  stopAt,
  limits,
  kl = [],
}: {
  savesValidated?: boolean;
  stepsPerEpoch?: number;
  keepsParts?: boolean;
  better?: LoopTask['better'];
  /** What the validations select by; none where there are none. */
  values?: number[];
  changes?: Partial<LoopConfig>;
  /** The step in which it is asked to stop after its epoch. */
  finishIn?: number;
  /** The step in which that is taken back. */
  goOnIn?: number;
  resumeFrom?: string | null;
  stopAt?: number;
  limits?: LoopTask['limits'];
  /** What each step measures. */
  kl?: number[];
}) {
  const stopAfterEpoch = { isWanted: false };
  const runDir = mkdtempSync(join(tmpdir(), 'tessera-loop-'));
  let minutes = 0;
  const steps: StepInfo[] = [];
  const validated: number[] = [];
  vi.spyOn(performance, 'now').mockImplementation(() => minutes * 60_000);
  onTestFinished(() => {
    rmSync(runDir, { recursive: true, force: true });
    vi.restoreAllMocks();
  });
  const tensors = async () => ({
    a: { spec: { shape: [1], dtype: 'float32' as const }, data: Float32Array.of(minutes) },
  });
  const task: LoopTask = {
    store: { keepsParts, draws: PRESENT_DRAWS, initialise: async () => {}, load: async () => {}, tensors },
    stepsPerEpoch,
    parameters: 1,
    better,
    savesValidated,
    limits,
    step: async (info) => {
      minutes++;
      steps.push(info);
      if (info.step === finishIn) stopAfterEpoch.isWanted = true;
      if (info.step === goOnIn) stopAfterEpoch.isWanted = false;
      return { 'train/loss': 1, 'train/kl': kl[info.step - 1] ?? 0 };
    },
    validate: async ({ step }) => {
      validated.push(step);
      return {};
    },
    selected: () => values[validated.length - 1] ?? null,
  };
  const checkpoints: CheckpointInfo[] = [];
  const kept: boolean[] = [];
  const said: string[] = [];
  const config = { epochs: 20, evaluateEvery: 20, patience: 0, learningRate: 1, warmupSteps: 0 } as const;
  const ended = runStepLoop(task, {
    config: { ...config, schedule: 'constant', ...changes },
    spec: { runDir, resumeFrom, stopAt } as TrainSpec,
    emit: (event) => {
      if (event.type === 'log') said.push(event.message);
      if (event.type !== 'checkpoint') return;
      // Whoever kept what was emitted always has one that is there.
      const [before = event.checkpoint] = checkpoints.slice(-1);
      kept.push(existsSync(event.checkpoint.path) && existsSync(before.path));
      checkpoints.push(event.checkpoint);
    },
    started: () => {},
    stopAfterEpoch,
  });
  return { ended, checkpoints, kept, steps, validated, said };
}

it('a checkpoint that is emitted is there, and so is the one before it', async () => {
  const { ended, kept } = training({ savesValidated: false });
  await ended;
  expect(kept).toEqual(Array.from({ length: 20 }, () => true));
});

it('a training whose epochs are one step is checkpointed between its validations', async () => {
  const { ended, checkpoints } = training({ savesValidated: true });
  await ended;
  expect(checkpoints.map(({ step }) => step)).toEqual([6, 12, 18, 20]);
});

it('what ends a training is kept whole where nothing else is the best and checkpoints keep it in parts', async () => {
  const changes = { epochs: 2, evaluateEvery: 2 };
  const kinds = async (keepsParts: boolean, values?: number[]) => {
    const { ended, checkpoints } = training({ keepsParts, values, changes });
    await ended;
    return checkpoints.map(({ kind, epoch }) => `${kind} ${epoch}`);
  };
  expect(await kinds(true)).toEqual(['last 1', 'last 2', 'best 2']);
  expect(await kinds(false)).toEqual(['last 1', 'last 2']);
  expect(await kinds(true, [0.5])).toEqual(['last 1', 'best 2', 'last 2']);
  // Killed between the two, it is kept all the same.
  const first = training({ changes });
  await first.ended;
  const { path: resumeFrom } = first.checkpoints[1];
  const again = training({ keepsParts: true, changes, resumeFrom });
  await again.ended;
  expect([again.steps.length, again.checkpoints.map(({ kind, epoch }) => `${kind} ${epoch}`)]).toEqual([
    0,
    ['best 2'],
  ]);
});

it('a training that is to end after its epoch goes on where that is taken back before the epoch has ended', async () => {
  const changes = { epochs: 5 };
  const ends = async (goOnIn: number) => {
    const { ended } = training({ stepsPerEpoch: 3, finishIn: 4, goOnIn, changes });
    return (await ended).step;
  };
  expect([await ends(6), await ends(7)]).toEqual([15, 6]);
});

it('the time of a training that goes on has the time before in it, and no step has another rate', async () => {
  const changes = { epochs: 6, warmupSteps: 2, schedule: 'linear' as const };
  const whole = training({ changes });
  expect((await whole.ended).seconds).toBe(6 * 60);
  expect(whole.steps.map(({ learningRate }) => learningRate)).toEqual([0.5, 1, 0.75, 0.5, 0.25, 0]);
  const resumed = training({ changes, resumeFrom: whole.checkpoints.at(-2)?.path });
  expect(await resumed.ended).toMatchObject({ step: 6, seconds: 6 * 60 });
  expect(resumed.steps).toEqual(whole.steps.slice(5));
});

it('a training that is to stop validates there, keeps what it has reached, and goes on as if it had not stopped', async () => {
  const changes = { epochs: 6, evaluateEvery: 2, schedule: 'linear' as const };
  const whole = training({ changes });
  await whole.ended;
  const stopped = training({ changes, stopAt: 3 });
  await expect(stopped.ended).rejects.toThrow(StoppedError);
  expect(stopped.validated).toEqual([2, 3]);
  const resumeFrom = stopped.checkpoints.at(-1)?.path;
  // Killed before it could say so, it stops at once.
  const again = training({ changes, stopAt: 3, resumeFrom });
  await expect(again.ended).rejects.toThrow('stopped after epoch 3');
  expect(again.steps).toEqual([]);
  const goesOn = training({ changes, resumeFrom });
  expect(await goesOn.ended).toMatchObject({ step: 6, epoch: 6 });
  expect([...stopped.steps, ...goesOn.steps]).toEqual(whole.steps);
  // What is over by then is over.
  expect(await training({ changes, stopAt: 6 }).ended).toMatchObject({ step: 6 });
});

it.each([2, 5])(
  'counted in steps, a training is as long and as often validated on passes of %i steps',
  async (pass) => {
    const { ended, steps, validated } = training({
      stepsPerEpoch: pass,
      changes: { epochSteps: 3, epochs: 4, evaluateEvery: 2, schedule: 'linear' },
    });
    expect(await ended).toMatchObject({ epoch: 4, step: 12 });
    expect(validated).toEqual([6, 12]);
    expect(steps.map(({ epoch, index }) => epoch * pass + index)).toEqual(
      Array.from({ length: 12 }, (_, i) => i),
    );
    expect(steps.every(({ index, total }) => index < pass && total === 12)).toBe(true);
    expect(steps[5].learningRate).toBeCloseTo(0.5, 10);
  },
);

it.each([
  [2, [3, 6]],
  [5, [5, 10]],
])('of passes of %i steps, an epoch has three steps or a pass', async (pass, ends) => {
  const changes = { minEpochSteps: 3, epochs: 2, evaluateEvery: 1 };
  const { ended, validated } = training({ stepsPerEpoch: pass, changes });
  await ended;
  expect(validated).toEqual(ends);
});

it('of short passes, least steps say how long it trains, when it validates and when it stops', async () => {
  const changes = { epochs: 2, evaluateEvery: 1, patience: 1, minSteps: 40, minEvaluationSteps: 5 };
  const falling = Array.from({ length: 20 }, (_, at) => 1 / (at + 1));
  const length = async (minPatienceSteps: number) => {
    const started = training({
      stepsPerEpoch: 2,
      better: 'higher',
      values: falling,
      changes: { ...changes, minPatienceSteps },
    });
    const { step } = await started.ended;
    // Between two validations nothing is saved: an epoch has two steps.
    const saved = started.checkpoints.filter(({ kind }) => kind === 'last').map((one) => one.step);
    expect(saved).toEqual(started.validated);
    return [step, started.validated, started.steps.at(-1)?.total];
  };
  expect(await length(0)).toEqual([12, [6, 12], 40]);
  expect(await length(13)).toEqual([24, [6, 12, 18, 24], 40]);
  expect(await length(100)).toEqual([40, [6, 12, 18, 24, 30, 36, 40], 40]);
});

it('of a training that patience ends, it is said', async () => {
  const changes = { epochs: 6, evaluateEvery: 1, patience: 2 };
  const { ended, said } = training({ better: 'higher', values: [0.5, 0.4, 0.4], changes });
  expect([(await ended).epoch, said]).toEqual([3, ['Stopped early: no better validation in 2']]);
});

it('of equally low validations the last is taken, of equally high ones the first; neither renews the patience', async () => {
  const chosen = async (better: LoopTask['better'], values: number[]) => {
    const changes = { epochs: 6, evaluateEvery: 1, patience: 3 };
    const { bestEpoch, epoch } = await training({ better, values, changes }).ended;
    return [bestEpoch, epoch];
  };
  expect(await chosen('lower', [0.5, 0, 0, 0.1, 0, 0.2])).toEqual([5, 5]);
  expect(await chosen('higher', [0.1, 0.5, 0.5, 0.5, 0.5, 0.9])).toEqual([2, 5]);
});

it('asked to stop after its epoch, it trains its epoch to the end, validates it and leaves a checkpoint', async () => {
  const changes = { epochs: 6, evaluateEvery: 2 };
  const { ended, validated, checkpoints } = training({
    ...{ stepsPerEpoch: 3, better: 'higher', values: [0.5, 0.1], finishIn: 7, changes },
  });
  expect(await ended).toMatchObject({ epoch: 3, step: 9, bestEpoch: 2, selectedEpoch: 2 });
  expect(validated).toEqual([6, 9]);
  expect(checkpoints.at(-1)).toMatchObject({ step: 9, kind: 'last' });
});

it('an epoch whose mean is past a limit is validated, saved, and the last, and why is said', async () => {
  const above = { metric: 'train/kl', past: 'above', value: 0.08, key: 'klLimit' } as const;
  const course = {
    ...{ stepsPerEpoch: 2, better: 'higher' as const, limits: [above] },
    // One step may pass it.
    ...{ kl: [0, 0.15, 0.05, 0.1, 0.2, 0.1], changes: { epochs: 6, evaluateEvery: 4 } },
  };
  const stopped = training({ ...course, values: [0.5] });
  expect(await stopped.ended).toMatchObject({ epoch: 3, step: 6, selectedEpoch: 3 });
  expect(stopped.validated).toEqual([6]);
  expect(stopped.checkpoints.at(-1)).toMatchObject({ step: 6, kind: 'last' });
  const reason =
    'Stopped early: Divergence from the start, 0.1500 on average in epoch 3, is above klLimit=0.08';
  expect(stopped.said).toEqual([reason]);
  // Killed before its test, it trains no further.
  const again = training({ ...course, values: [], resumeFrom: stopped.checkpoints.at(-1)?.path });
  expect(await again.ended).toMatchObject({ step: 6 });
  expect([again.steps, again.said]).toEqual([[], [reason]]);
  const below = { ...above, past: 'below', value: 0.1 } as const;
  expect(await training({ ...course, limits: [below] }).ended).toMatchObject({ epoch: 1 });
  // Nothing was cut off by the limit of the last epoch.
  const atEnd = training({ ...course, changes: { epochs: 3 } });
  expect([await atEnd.ended, atEnd.said]).toMatchObject([{ epoch: 3 }, []]);
});

/** A training of four epochs of three steps whose weight follows from all steps before; `stopAt` counts steps and validations. */
async function stoppedTraining(
  runDir: string,
  savesValidated: boolean,
  resumeFrom: string | null,
  stopAt: number,
) {
  const abort = new AbortController();
  const points = new Map<string, number>();
  const found = { points, last: null as string | null, cancelled: false, draws: null as Draws | null };
  let weight = 0;
  let moments = 0;
  const passes = () => {
    if (++moments === stopAt) abort.abort();
  };
  const task: LoopTask = {
    store: {
      draws: PRESENT_DRAWS,
      initialise: async () => {},
      load: async ({ weight: [value] }) => {
        weight = value;
      },
      tensors: async () => ({ weight: { spec: float32(1), data: Float32Array.of(weight) } }),
    },
    stepsPerEpoch: 3,
    parameters: 1,
    better: 'higher',
    savesValidated,
    // Never passed, and kept in every checkpoint all the same.
    limits: [{ metric: 'train/loss', past: 'above', value: 1e9, key: 'none' }],
    step: async ({ step, epoch, index }) => {
      passes();
      found.draws = task.store.draws;
      weight = Math.fround(weight * 1.5 + step + epoch + index);
      return { 'train/loss': weight };
    },
    validate: async () => {
      passes();
      throwIfCancelled(abort.signal);
      return { 'valid/mrr': weight % 7 };
    },
    selected: (values) => values['valid/mrr'],
  };
  const config = { epochs: 4, evaluateEvery: 2, patience: 2, learningRate: 1, warmupSteps: 0 } as const;
  const context: Parameters<typeof runStepLoop>[1] = {
    config: { ...config, schedule: 'constant' },
    spec: { runDir, resumeFrom } as TrainSpec,
    signal: abort.signal,
    started: () => {},
    emit: (event) => {
      if (event.type === 'checkpoint' && event.checkpoint.kind === 'last') found.last = event.checkpoint.path;
      if (event.type !== 'series') return;
      for (const { metric, steps, epochs, values } of event.points) {
        for (const [at, step] of steps.entries()) points.set(`${metric} ${step} ${epochs[at]}`, values[at]);
      }
    },
  };
  try {
    await runStepLoop(task, context);
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
    found.cancelled = true;
  }
  return found;
}

it('goes on with the masks and lengths that it began with, also those of an earlier version, whose checkpoints do not say', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'tessera-masks-'));
  onTestFinished(() => rmSync(runDir, { recursive: true }));
  const begun = await stoppedTraining(runDir, false, null, 8);
  const path = begun.last ?? '';
  const file = path.replace(/safetensors$/, 'json');
  const { masks, lengths, ...earlier } = JSON.parse(readFileSync(file, 'utf8'));
  expect([{ masks, lengths }, begun.draws]).toEqual([PRESENT_DRAWS, PRESENT_DRAWS]);
  writeFileSync(file, JSON.stringify(earlier));
  const resumed = await stoppedTraining(runDir, false, path, Number.POSITIVE_INFINITY);
  const before = { masks: 'drawn', lengths: 'four' };
  expect(resumed.draws).toEqual(before);
  expect(readCheckpoint(resumed.last ?? '').state).toMatchObject(before);
});

it.each([true, false])(
  'a training that is stopped anywhere goes on from the step that it reached, to the same end',
  async (savesValidated) => {
    const folder = () => mkdtempSync(join(tmpdir(), 'tessera-stopped-'));
    const checkpointsOf = (runDir: string) =>
      readdirSync(join(runDir, 'checkpoints'))
        .filter((name) => name.endsWith('.safetensors'))
        .map((name) => {
          const { tensors, state } = readCheckpoint(join(runDir, 'checkpoints', name));
          return [name, tensors.weight.data, { ...state, seconds: 0 }];
        });
    const twinDir = folder();
    onTestFinished(() => rmSync(twinDir, { recursive: true }));
    const twin = await stoppedTraining(twinDir, savesValidated, null, 0);
    expect(twin.points.get('valid/mrr 12 4')).toBeDefined();
    for (let stopAt = 1; stopAt <= 14; stopAt++) {
      const runDir = folder();
      onTestFinished(() => rmSync(runDir, { recursive: true }));
      const stopped = await stoppedTraining(runDir, savesValidated, null, stopAt);
      expect(stopped.cancelled).toBe(true);
      const steps = stopAt - (stopAt > 6 ? 1 : 0) - (stopAt > 13 ? 1 : 0);
      // At the end of an epoch that is not validated the usual one is there already.
      const name = !savesValidated && steps % 6 === 3 ? `last-${steps}` : `last-${steps}.stopped`;
      expect(stopped.last).toBe(join(runDir, 'checkpoints', `${name}.safetensors`));
      const resumed = await stoppedTraining(runDir, savesValidated, stopped.last, 0);
      expect(new Map([...stopped.points, ...resumed.points])).toEqual(twin.points);
      expect(checkpointsOf(runDir)).toEqual(checkpointsOf(twinDir));
    }
  },
);

it('a training that is stopped where no checkpoint can be written ends as it was asked to, and says so', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'tessera-stopped-'));
  onTestFinished(() => rmSync(runDir, { recursive: true }));
  vi.spyOn(CheckpointKeeper.prototype, 'saveStopped').mockImplementation(() => {
    throw new UserError('the disk is full');
  });
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await stoppedTraining(runDir, true, null, 2)).toMatchObject({ cancelled: true, last: null });
});
