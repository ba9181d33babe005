import { mkdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { fakeExecutor } from '../../../../test/store/fake-executor.ts';
import { addRun, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { studySpecSchema } from '../../../core/studies/study.ts';
import { createStudy } from '../../services/analysis/studies.ts';
import type { WorkerExit } from '../../workers/worker-exit.ts';
import { trainQueued } from './train-queued.ts';

// Windows has no such signals.
it.skipIf(process.platform === 'win32')(
  'trains the runs of its study alone; a second Ctrl-C kills a trainer that does not stop',
  async () => {
    const store = temporaryStore();
    const other = addRun(store).id;
    store.queue.put(other, 'front');
    const { id, name, fingerprint } = datasetSummary('beauty');
    mkdirSync(store.datasets.folder(id), { recursive: true });
    const study = createStudy(
      store,
      'sizes',
      studySpecSchema.parse({
        model: 'sasrec',
        overrides: {},
        sizes: [{ label: '64x1', config: { dim: 64, blocks: 1 } }],
        shares: [1],
        seeds: [1],
        dataset: { id, name, fingerprint },
        device: 'cpu',
        threads: 1,
      }),
    );
    const started: string[] = [];
    const asked: string[] = [];
    const deaf = fakeExecutor(({ runId }) => {
      const { promise: ended, resolve } = Promise.withResolvers<WorkerExit>();
      started.push(runId);
      return {
        ended,
        stopAfterEpoch: () => {},
        // Killed where it is asked again.
        cancel: () => {
          asked.push('cancel');
          if (asked.length > 1) resolve({ kind: 'cancelled', message: 'killed', log: null });
        },
        kill: () => {},
      };
    });
    const lines: string[] = [];
    store.settings.write('queue.paused', true);
    const ended = trainQueued(store, study, (line) => lines.push(line), deaf);
    expect(lines.join(' ')).toMatch(/0 of 1 runs done\. The queue is paused: nothing is trained until/);
    store.settings.write('queue.paused', false);
    await expect.poll(() => started.length).toBe(1);
    // A hub may train the other runs.
    expect(store.locks.holder('scheduler')).toBeNull();
    // Waiting for a study, however long, reads none of its runs' records.
    const read = vi.spyOn(store.runs, 'named');
    await wait(1100);
    expect(read).not.toHaveBeenCalled();
    process.kill(process.pid, 'SIGINT');
    await expect.poll(() => asked).toEqual(['cancel']);
    // Signals that come closer together count as one.
    await wait(500);
    process.kill(process.pid, 'SIGINT');
    expect(await ended).toEqual({ exitCode: 130, waiting: 1 });
    expect(asked).toEqual(['cancel', 'cancel']);
    expect(started).toEqual(store.studies.runs(study.id).map(({ run }) => run));
    expect(store.runs.get(other).status).toBe('queued');
  },
);
