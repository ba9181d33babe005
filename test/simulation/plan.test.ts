/** A plan whose runs are trained here and on a host, in a simulated world. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { resolveConfig } from '../../src/core/families/registry.ts';
import { trainRunHere } from '../../src/core/store/runs/queue-requests.ts';
import { isOwn } from '../../src/core/store/runs/run-kinds.ts';
import { AdvancingPlan } from '../../src/main/services/analysis/plans/advance-plan.ts';
import type { ResolvedBlock } from '../../src/main/services/analysis/plans/plan-rows.ts';
import { matching } from '../../src/main/services/analysis/plans/plan-state.ts';
import type { Desktop } from './desktop.ts';
import { PLACE, Stage } from './play.ts';

/** Seconds between two looks, and how many there are at most. */
const STEP = 3;
const MOST_LOOKS = 100;

function staged(): Stage {
  const folder = mkdtempSync(join(PLACE, 'tessera-plan-'));
  const stage = new Stage(1, folder);
  stage.world.chance.is = () => false;
  onTestFinished(() => {
    stage.second?.process.end(null);
    rmSync(folder, { recursive: true, force: true });
  });
  return stage;
}

/** Six runs of one model. */
function blocks({ store }: Desktop): ResolvedBlock[] {
  const [dataset] = store.datasets.list();
  const seeds = [1, 2, 3, 4, 5, 6];
  const row = { entry: 0, name: 'SASRec', model: 'sasrec', overrides: {}, seeds, tuned: null };
  const config = resolveConfig('sasrec', { overrides: { epochs: 4 } });
  const rows = [{ ...row, config, search: null, sources: [] }];
  return [{ table: 0, split: 0, title: 'leave-last-out', held: {}, dataset, rows }];
}

/** A command that runs the plan on these machines, in place of the one before it. */
function command(stage: Stage, places: readonly (string | null)[]) {
  stage.second?.process.end(null);
  const runs = () => plan.runs();
  const desktop = stage.open((run) => runs().has(run));
  stage.second = desktop;
  const place = { device: 'cpu', threads: 1, places } as const;
  const plan = new AdvancingPlan(desktop.store, 'p', blocks(desktop), matching(false), place);
  const where = () => {
    const own = desktop.store.runs.newest(100).filter(isOwn);
    return Object.fromEntries(
      [...Map.groupBy(own, (run) => `${run.status} ${run.place ?? 'here'}`)].map(([key, all]) => [
        key,
        all.length,
      ]),
    );
  };
  const pass = async (seconds: number) => {
    for (let at = 0; at < seconds; at += STEP) {
      plan.advance();
      desktop.scheduler.wake();
      await stage.world.pass(1000 * STEP, () => {});
    }
  };
  const until = async (isSo: () => boolean) => {
    for (let looks = 0; looks < MOST_LOOKS && !isSo(); looks++) await pass(STEP);
    expect(isSo(), JSON.stringify(where())).toBe(true);
  };
  return { plan, desktop, where, pass, until };
}

it('trains its rows here and on a host, and what waits for a host that vanished goes on where the next command says', async () => {
  const stage = staged();
  const first = command(stage, [null, 'box']);
  await first.until(() => first.where()['running box'] === 2);
  stage.box.isCut = true;
  // Here its runs go on; those of the host wait.
  await first.until(() => first.where()['completed here'] === 3);
  await first.pass(60);
  expect(first.where()).toEqual({ 'completed here': 3, 'running box': 2, 'queued box': 1 });
  expect(first.plan.advance()).toBe(true);

  const second = command(stage, [null]);
  await second.until(() => second.where()['completed here'] === 4);
  // What may still train there is not trained twice, unless its user says so.
  expect(second.where()).toEqual({ 'completed here': 4, 'running box': 2 });
  const { store } = second.desktop;
  const [one] = store.runs.newest(100).filter((run) => isOwn(run) && run.place === 'box');
  trainRunHere(store, one.id);
  stage.box.isCut = false;
  await second.until(() => second.where()['completed here'] === 5 && second.where()['completed box'] === 1);
  expect(second.plan.advance()).toBe(false);
});
