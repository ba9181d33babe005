/** What a training says of its steps' memory before it starts, against what the step itself is refused for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { importDataset } from '../data/import/import.ts';
import { writeSample } from '../data/sample/sample.ts';
import type { TrainerEvent, TrainSpec } from '../training/events.ts';
import { resolveConfig } from './registry.ts';
import { runTraining, weighTraining } from './trainer.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-weigh-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function specOf(model: string, overrides: Record<string, unknown>): Promise<TrainSpec> {
  writeSample(join(home, 'sample'), { users: 150, items: 120, seed: 1 });
  const { id } = await importDataset({ paths: [join(home, 'sample')] }, { home });
  return {
    ...({ runId: 'w', seed: 1, device: 'cpu', threads: 1, resumeFrom: null } as const),
    ...{ model, config: resolveConfig(model, { overrides }), datasetDir: join(home, 'datasets', id) },
    runDir: join(home, 'run'),
  };
}

async function weighed(spec: TrainSpec) {
  const events: TrainerEvent[] = [];
  await weighTraining(spec, (event) => events.push(event));
  const [event, ...others] = events;
  expect(others).toEqual([]);
  return event.type === 'weighed' ? event.memory : undefined;
}

test('tells it of the heaviest step, and where it does not fit, in the words of the step itself', async () => {
  const spec = await specOf('sasrec', { dim: 32, blocks: 1, epochs: 3, batchSize: 150 });
  const one = await weighed(spec);
  if (!one) throw new Error('not weighed');
  expect(one).toMatchObject({ problem: null });
  expect(one.bytes).toBeGreaterThan(1e6);
  expect(one.free).toBeGreaterThan(one.bytes);
  // As much as half of the step above what is left to everything else.
  const available = vi.spyOn(process, 'availableMemory').mockReturnValue(2 ** 29 + one.bytes / 2);
  const large = await weighed(spec);
  const refused = await runTraining(spec, () => {}).then(() => 'trained', String);
  if (!large) throw new Error('not weighed');
  available.mockRestore();
  // The stand-in for free memory does not shrink by the state that the training has loaded.
  const withoutRows = (message: string | null) => message?.replace(/\d+ rows/, 'rows');
  expect(withoutRows(refused)).toBe(`UserError: ${withoutRows(large.problem)}`);
  expect(large.problem).toMatch(
    /^a training step takes about .* are free; set a lower microBatchTokens: \d+ rows/,
  );
});

test('says nothing of a model without steps', async () => {
  expect(await weighed(await specOf('popularity', {}))).toBeNull();
});
