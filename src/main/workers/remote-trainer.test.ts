import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import { writeSample } from '../../core/data/sample/sample.ts';
import { deviceChecks } from '../../core/engine/devices/checks.ts';
import { resolveConfig } from '../../core/families/registry.ts';
import { readToEnd, writeRequest } from '../../core/training/journal.ts';
import { importInto } from '../services/datasets.ts';
import { trainAlone } from './serve-trainings.ts';

it('a trainer on another machine asks that machine what the device "auto" stands for', async () => {
  const store = temporaryStore();
  const { id } = await importInto(store, {
    paths: writeSample(temporaryHome(), { users: 100, items: 60 }),
    name: 'club',
  });
  const runDir = join(store.home, 'run');
  mkdirSync(runDir);
  const [file, journal] = ['spec.json', 'events.jsonl'].map((name) => join(runDir, name));
  const spec = {
    ...{ runId: 'r', model: 'popularity', config: resolveConfig('popularity'), seed: 1, threads: 1 },
    ...{ datasetDir: store.datasets.folder(id), device: 'auto', runDir, resumeFrom: null, journal },
  };
  writeFileSync(file, JSON.stringify(spec));
  execFileSync(process.execPath, [join(import.meta.dirname, 'remote-trainer.ts'), file]);
  const { id: device } = await deviceChecks.auto();
  const events = [...readToEnd(journal, 0)].flatMap((part) => part.events);
  expect(events).toContainEqual(expect.objectContaining({ type: 'started', device }));
  expect(events.at(-1)).toMatchObject({ type: 'result', result: { status: 'completed' } });
});

it('a trainer that nobody hosts ends after its epoch where that is asked, and not once it is taken back', async () => {
  const journal = join(temporaryHome(), 'events.jsonl');
  const spec = { journal } as Parameters<typeof trainAlone>[0];
  const code = await trainAlone(spec, async (_spec, _emit, _signal, lastEpoch) => {
    for (const [request, isWanted] of [
      ['stopAfterEpoch', true],
      ['goOn', false],
    ] as const) {
      writeRequest(journal, request);
      await expect.poll(() => lastEpoch.isWanted).toBe(isWanted);
    }
  });
  expect(code).toBe(0);
});
