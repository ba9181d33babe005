import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { ownIdentity } from '../../../core/process-identity.ts';
import { newRunId } from '../../../core/store/runs/run-id.ts';
import { removeLeftovers } from './leftovers.ts';

it.skipIf(process.platform !== 'linux')(
  'what killed processes left goes, and what a living one works on stays',
  async () => {
    const store = temporaryStore();
    const [ended, training] = [addRun(store), addRun(store, { seed: 2 })];
    store.lifecycle.begin(training.id, null);
    store.datasets.add(datasetSummary('listed'));
    const write = (path: string, content = '') => {
      mkdirSync(dirname(join(store.home, path)), { recursive: true });
      writeFileSync(join(store.home, path), content);
      return path;
    };
    const by = (folder: string, owner: object) =>
      write(`datasets/${folder}/importer.json`, JSON.stringify({ ...ownIdentity(), ...owner }));
    const dead = { startTime: '1' };
    // The same number is a live process here, and another one there.
    const elsewhere = { pidScope: 'another container' };
    const partial = '.best-3.safetensors.0a1b2c3d.partial';
    const gone = [
      write(`runs/${ended.id}/checkpoints/${partial}`),
      write(`runs/${ended.id}/language/.model.json.0a1b2c3d.partial`),
      by('.importing-beauty-1', dead),
      by('listed-0a1b', dead),
    ];
    const kept = [
      // Of a database that was restored, lost or left behind: they may be all there is of a run or a data set.
      write(`runs/${newRunId()}/checkpoints/last-1.safetensors`),
      write(`runs/${newRunId()}/checkpoints/${partial}`),
      by('published-and-not-listed', dead),
      write(`runs/${ended.id}/checkpoints/last-1.safetensors`),
      write(`runs/${training.id}/checkpoints/${partial}`),
      write('runs/notes of the user/a.txt'),
      by('.importing-beauty-2', {}),
      by('published-by-this-process', {}),
      by('.importing-beauty-3', elsewhere),
      by('published-elsewhere', elsewhere),
      write('datasets/listed-0a1b/dataset.json'),
      write('datasets/of-an-earlier-version/dataset.json'),
    ];
    await removeLeftovers(store, new AbortController().signal);
    expect(gone.filter((path) => existsSync(join(store.home, path)))).toEqual([]);
    expect(kept.filter((path) => !existsSync(join(store.home, path)))).toEqual([]);
  },
);
