import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { addRun, completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { writeDiagnostics } from './diagnostics.ts';

/** What nobody may learn from it. */
const SECRETS = ['Whitewater', 'acme-clicks', 'toys-of-acme', 'Quarterly', 'ratings-acme.csv'];

it('says what the program and its home are, and nothing of what they are used for, unless names are wanted', async () => {
  const store = temporaryStore();
  store.datasets.add(datasetSummary('acme-clicks'));
  const ended = addRun(store, { name: 'Whitewater 3' });
  completeRun(store, ended.id);
  const failed = addRun(store, { name: 'toys-of-acme', model: 'mine~0a1b2c3d' });
  store.lifecycle.begin(failed.id, null);
  const message = `toys-of-acme: cannot read ${join(homedir(), 'acme/ratings-acme.csv')} of acme-clicks`;
  store.lifecycle.end(failed.id, 'failed', message);
  store.comparisons.save({ name: 'Quarterly', notes: 'Quarterly.', runs: [ended.id], project: null });

  const path = join(store.home, 'd.zip');
  const devices = [{ id: 'cpu', detail: `libraries in ${store.home}/lib and ${homedir()}/lib` }];
  const read = async (hasNames: boolean) => {
    const names = await writeDiagnostics(store, { path, hasNames, devices });
    const members = unzipSync(readFileSync(path));
    expect(Object.keys(members)).toEqual(names);
    return Object.fromEntries(
      Object.entries(members).map(([name, bytes]) => [name, Buffer.from(bytes).toString()]),
    );
  };
  const texts = await read(false);
  const all = Object.values(texts).join('\n');
  for (const secret of [...SECRETS, store.home, join(homedir(), 'acme')]) expect(all).not.toContain(secret);
  expect(JSON.parse(texts['failed-runs.json'])).toMatchObject([{ status: 'failed', model: 'of a plug-in' }]);
  expect(JSON.parse(texts['counts.json'])).toMatchObject({
    runs: { states: { completed: 1, failed: 1 }, models: { 'of a plug-in': 1 } },
    datasets: [{ kind: 'interactions' }],
    comparisons: 1,
  });
  expect(JSON.parse(texts['database.json'])).toMatchObject({
    rows: { runs: 2, datasets: 1, comparisons: 1 },
  });
  expect(texts['schema.sql']).toContain('CREATE TABLE');
  expect(JSON.parse(texts['devices.json'])[0].detail).toBe('libraries in ~home/lib and ~/lib');
  expect((await read(true))['failed-runs.json']).toContain('toys-of-acme: cannot read');
});
