import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { importDataset } from '../data/import/import.ts';
import { openInteractions } from '../data/read.ts';
import { writeSample } from '../data/sample/sample.ts';
import { leaveLastOut } from '../data/splits/leave-last-out.ts';
import { openDevice } from '../engine/index.ts';
import type { TrainerEvent } from '../training/events.ts';
import { trainingPart } from '../training/ranking/context.ts';
import { recommend } from './recommend.ts';
import { scoreUsers } from './score-users.ts';
import { runTraining } from './trainer.ts';

const home = mkdtempSync(join(tmpdir(), 'tessera-score-users-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('histories that are scored for others hold no items that are hidden from the run', async () => {
  writeSample(join(home, 'sample'), { users: 60, items: 60, seed: 2 });
  const { id } = await importDataset({ paths: [join(home, 'sample')] }, { home });
  const datasetDir = join(home, 'datasets', id);
  const config = { coldItems: 0.3, epochs: 1, dim: 8, blocks: 1, heads: 1, batchSize: 16 };
  const run = { name: 'cold', model: 'sasrec', config };
  const place = { datasetDir, seed: 1, device: 'cpu', threads: 1 } as const;
  const events: TrainerEvent[] = [];
  await runTraining(
    { ...run, ...place, runId: 'cold', runDir: join(home, 'run'), resumeFrom: null, sources: {} },
    (event) => events.push(event),
  );
  const [checkpoint] = events.flatMap((event) =>
    event.type === 'checkpoint' && event.checkpoint.path.includes('best') ? [event.checkpoint.path] : [],
  );

  const interactions = await openInteractions(datasetDir);
  const whole = leaveLastOut(interactions);
  const { hidden, split } = trainingPart(interactions, config);
  const users = [...split.usersWithTargets()].map((user) => ({ user, end: whole.testIndex(user) }));
  const cut = users.filter(({ user, end }) =>
    interactions.itemIds.subarray(interactions.offsets[user], end).some((item) => hidden?.[item]),
  );
  expect(cut.length).toBeGreaterThan(10);
  const { context: device } = await openDevice('cpu', { threads: 1 });
  const scored = new Map<number, Float32Array>();
  await scoreUsers({ ...run, checkpoint }, interactions, cut, device, (at, scores) =>
    scored.set(cut[at].user, scores.slice()),
  );
  await device.dispose();
  for (const { user } of cut.slice(0, 5)) {
    const listed = await recommend({ ...run, ...place, checkpoint, user, place: 'test', k: 10 });
    for (const { item, score } of listed) expect(scored.get(user)?.[item]).toBeCloseTo(score, 5);
  }
});
