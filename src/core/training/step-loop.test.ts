import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { CheckpointInfo, TrainSpec } from './events.ts';
import { type LoopTask, runStepLoop } from './step-loop.ts';

/** A training of one-step epochs, each of which takes a minute. */
function training({
  savesValidated = false,
  recorded,
}: {
  savesValidated?: boolean;
  recorded?(): Promise<void>;
}) {
  const runDir = mkdtempSync(join(tmpdir(), 'tessera-loop-'));
  let minutes = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => minutes * 60_000);
  onTestFinished(() => {
    rmSync(runDir, { recursive: true, force: true });
    vi.restoreAllMocks();
  });
  const tensors = async () => ({
    a: { spec: { shape: [1], dtype: 'float32' as const }, data: Float32Array.of(minutes) },
  });
  const task: LoopTask = {
    store: { initialise: async () => {}, load: async () => {}, tensors },
    stepsPerEpoch: 1,
    parameters: 1,
    better: 'lower',
    savesValidated,
    step: async () => {
      minutes++;
      return { 'train/loss': 1 };
    },
    validate: async () => ({}),
    selected: () => null,
  };
  const checkpoints: CheckpointInfo[] = [];
  const config = { epochs: 20, evaluateEvery: 20, patience: 0, learningRate: 1, warmupSteps: 0 } as const;
  const ended = runStepLoop(
    task,
    { ...config, schedule: 'constant' },
    {
      spec: { runDir, resumeFrom: null } as TrainSpec,
      emit: (event) => event.type === 'checkpoint' && checkpoints.push(event.checkpoint),
      started: () => {},
      recorded,
    },
  );
  return { ended, checkpoints };
}

it('a training whose epochs are one step is checkpointed between its validations', async () => {
  const { ended, checkpoints } = training({ savesValidated: true });
  await ended;
  expect(checkpoints.map(({ step }) => step)).toEqual([6, 12, 18, 20]);
});

it('a training waits until its host has recorded a checkpoint, so that the newest recorded one is there', async () => {
  const waiting: (() => void)[] = [];
  const { ended, checkpoints } = training({
    recorded: () => new Promise((resolve) => waiting.push(resolve)),
  });
  for (let saved = 1; saved <= 20; saved++) {
    await expect.poll(() => checkpoints.length).toBe(saved);
    await new Promise(setImmediate);
    expect(checkpoints).toHaveLength(saved);
    const recorded = checkpoints[saved - 2];
    if (recorded) expect(existsSync(recorded.path)).toBe(true);
    waiting.shift()?.();
  }
  await ended;
});
