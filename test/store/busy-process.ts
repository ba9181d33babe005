/**
 * A process that opens, lists, expires, creates and deletes on a home until the run it watches has ended: HOME. It says
 * when it is ready, and is then sent the run's id.
 */

import { once } from 'node:events';
import { messageOf } from '../../src/core/errors.ts';
import { openStore } from '../../src/core/store/open-store.ts';
import { settleLostRuns } from '../../src/core/store/runs/lost-runs.ts';
import { newRun } from './records.ts';

const [home] = process.argv.slice(2);
const errors: string[] = [];
const statuses = new Set<string>();
let rounds = 0;

async function round(watched: string): Promise<void> {
  const store = openStore(home);
  try {
    statuses.add(store.runs.get(watched).status);
    const run = store.runs.create(newRun(store.datasets.find('beauty')));
    store.lifecycle.begin(run.id, null);
    store.series.append(run.id, [{ metric: 'a', steps: [1], epochs: [0], times: [0], values: [rounds] }]);
    settleLostRuns(store);
    store.runs.list();
    store.series.read(watched, 'train/loss', { limit: 50 });
    store.lifecycle.end(run.id, 'cancelled', null);
    if (rounds % 2 === 0) await store.trash.purgeDirectly('run', run.id);
  } finally {
    store.close();
  }
}

process.send?.('ready');
const [run] = await once(process, 'message');
for (const deadline = Date.now() + 50_000; !statuses.has('completed') && Date.now() < deadline; rounds++) {
  try {
    await round(run);
  } catch (error) {
    errors.push(messageOf(error));
  }
}
process.send?.({ errors, statuses: [...statuses], rounds });
process.disconnect?.();
