import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { CheckpointInfo, TrainSpec } from './events.ts';
import { type LoopTask, runStepLoop } from './step-loop.ts';

it('a training whose epochs are one step is checkpointed between its validations', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'tessera-loop-'));
  onTestFinished(() => rmSync(runDir, { recursive: true, force: true }));
  let minutes = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => minutes * 60_000);
  onTestFinished(() => void vi.restoreAllMocks());
  const tensors = async () => ({
    a: { spec: { shape: [1], dtype: 'float32' as const }, data: Float32Array.of(minutes) },
  });
  const task: LoopTask = {
    store: { initialise: async () => {}, load: async () => {}, tensors },
    stepsPerEpoch: 1,
    parameters: 1,
    better: 'lower',
    savesValidated: true,
    step: async () => {
      minutes++;
      return { 'train/loss': 1 };
    },
    validate: async () => ({}),
    selected: () => null,
  };
  const checkpoints: CheckpointInfo[] = [];
  const config = { epochs: 20, evaluateEvery: 20, patience: 0, learningRate: 1, warmupSteps: 0 } as const;
  await runStepLoop(
    task,
    { ...config, schedule: 'constant' },
    {
      spec: { runDir, resumeFrom: null } as TrainSpec,
      emit: (event) => event.type === 'checkpoint' && checkpoints.push(event.checkpoint),
      started: () => {},
    },
  );
  expect(checkpoints.map(({ step }) => step)).toEqual([6, 12, 18, 20]);
});
