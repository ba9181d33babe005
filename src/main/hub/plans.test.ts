import { expect, it, onTestFinished, vi } from 'vitest';
import { temporaryStore } from '../../../test/store/home.ts';
import type { AnalystClient } from '../../core/api/analyst.ts';
import type { Store } from '../../core/store/store.ts';
import { lockPlan } from '../services/plan-lock.ts';
import { PlanService, type PlansOptions } from './plans.ts';

/** A service over a store whose plan waits as often as is said. */
function service(store: Store, waits: boolean[]) {
  const turned: boolean[] = [];
  const internal = {
    startPlan: async ({ plan }: { plan: string }) => store.plans.change(plan, { state: 'running' }),
    advancePlan: async ({ plan }: { plan: string }) => {
      const goesOn = waits.shift() ?? false;
      if (!goesOn) store.plans.change(plan, { state: 'ended' });
      return goesOn;
    },
    turnPlan: async ({ plan, goesOn }: { plan: string; goesOn: boolean }) => {
      turned.push(goesOn);
      store.plans.change(plan, { state: goesOn ? 'running' : 'paused' });
      return ['a', 'b'];
    },
  };
  const options = {
    analyst: { internal: internal as unknown as AnalystClient['internal'] },
    scheduler: { pause: vi.fn(), resume: vi.fn() },
    ...{ onChange: vi.fn(), onEnded: vi.fn(), onProblem: vi.fn() },
  } satisfies PlansOptions;
  const plans = new PlanService(store, options);
  onTestFinished(() => plans.close());
  return { plans, options };
}

const where = { device: 'cpu' as const };

it('holds the lock of a plan from its start to its end, and tells of that', async () => {
  const store = temporaryStore();
  const { id: plan, file } = store.plans.create('films');
  const { plans, options } = service(store, [true, true, false]);
  await plans.start({ plan, where });
  expect(store.locks.holder(`plan:${file}`)).toBe(process.pid);
  await vi.waitFor(() => expect(store.plans.find(plan).state).toBe('running'));
  plans.look();
  await vi.waitFor(() => expect(options.onEnded).toHaveBeenCalledOnce());
  expect(store.locks.holder(`plan:${file}`)).toBeNull();
});

it('holds and releases the runs of a plan that is paused and goes on', async () => {
  const store = temporaryStore();
  const { id: plan, file } = store.plans.create('films');
  const { plans, options } = service(store, [true, true, true]);
  await plans.start({ plan, where });
  await plans.pause(plan);
  expect(options.scheduler.pause.mock.calls).toEqual([['a'], ['b']]);
  expect(store.locks.holder(`plan:${file}`)).toBeNull();
  await plans.resume(plan);
  expect(options.scheduler.resume.mock.calls).toEqual([['a'], ['b']]);
  expect(store.plans.find(plan).state).toBe('running');
});

it('goes on with what ran when the program ended, and says when', async () => {
  const store = temporaryStore();
  const { id: plan } = store.plans.create('films');
  store.plans.change(plan, { state: 'running' });
  const { plans, options } = service(store, [false]);
  plans.begin();
  await vi.waitFor(() => expect(options.onEnded).toHaveBeenCalledOnce());
  expect(store.plans.find(plan).wentOnAt).toBeGreaterThan(Date.now() - 60_000);
});

it('leaves a plan alone that another process runs, and says which', async () => {
  const store = temporaryStore();
  const { id: plan, file } = store.plans.create('films');
  // A process of this machine that is alive and is not this one.
  const other = { ...store.machine.self, pid: process.ppid };
  const elsewhere = vi.spyOn(store.machine, 'self', 'get').mockReturnValue(other);
  lockPlan(store, file);
  elsewhere.mockRestore();
  vi.spyOn(store.machine, 'isAlive').mockReturnValue(true);
  const { plans } = service(store, [true]);
  await expect(plans.start({ plan, where })).rejects.toThrow(
    `process ${process.ppid} runs this plan already`,
  );
  vi.restoreAllMocks();
});
