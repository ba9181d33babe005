import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isWhole } from '../../../../test/form.ts';
import { fakeExecutor } from '../../../../test/store/fake-executor.ts';
import { temporaryHome, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary } from '../../../../test/store/records.ts';
import { Session } from '../../../../test/store/scripted-session.ts';
import { Random } from '../../../core/math/random.ts';
import { openStore } from '../../../core/store/open-store.ts';
import type { Store } from '../../../core/store/store.ts';
import { isSweep, type SweepSpec, studySpecSchema } from '../../../core/studies/study.ts';
import { RunService } from '../runs/runs.ts';
import { extendSearch, pauseSearch, takeStep, testFinalists } from './searches.ts';
import { createStudy, resultOfSweep, resumeStudy, studyList } from './studies.ts';
import { recipeOfStudy } from './study-report.ts';
import { tuningBudgets } from './tuning-budgets.ts';

const METRIC = 'valid/ndcg@10';
/** Longer than a lease. */
const LOST_MS = 70_000;

function specOf(sweep: Partial<SweepSpec['sweep']>): SweepSpec {
  const { id, name, fingerprint } = datasetSummary('beauty');
  const spec = studySpecSchema.parse({
    ...{ kind: 'sweep', model: 'sasrec', overrides: { epochs: 9 }, sizes: [], shares: [1], seeds: [1] },
    ...{ dataset: { id, name, fingerprint }, device: 'cpu', threads: 1 },
    sweep: {
      ...{ search: 'tpe', trials: 12, draw: 3, metric: METRIC, state: 'open' },
      vary: [
        { key: 'learningRate', values: 'log:1e-4..1e-1' },
        { key: 'loss', values: 'bce,full-softmax' },
      ],
      ...sweep,
    },
  });
  if (!isSweep(spec)) throw new Error('a sweep is a sweep');
  return spec;
}

const ASHA = { asha: { min: 1, eta: 3 } };

/** What a trial comes to after so many epochs. */
function scoreOf({ learningRate, loss }: Record<string, unknown>, epochs: number): number {
  const distance = Math.abs(Math.log10(Number(learningRate)) + 2.3);
  return 0.1 * (1 - 0.5 ** epochs) - 0.02 * distance + (loss === 'bce' ? 0 : 0.005);
}

interface Played {
  spec: SweepSpec;
  store: Store;
  id: string;
  kills: number;
}

/** A search to its end: in each turn one trainer trains an epoch, or everything is killed with this chance and opened again. */
async function play(sweep: Partial<SweepSpec['sweep']>, { chance = 0, slots = 1 } = {}): Promise<Played> {
  const home = temporaryHome();
  const first = openStore(home);
  first.datasets.add(datasetSummary('beauty'));
  mkdirSync(first.datasets.folder(datasetSummary('beauty').id), { recursive: true });
  const { id } = createStudy(first, 'search', specOf(sweep));
  first.close();
  const random = new Random(7);
  const open = () => {
    const session = new Session(home, { trouble: null }, (store) => ({
      slots: () => ({ cpu: slots }),
      takeStep: async (study) => takeStep(store, study),
    }));
    session.scheduler.start();
    return session;
  };
  let session = open();
  let kills = 0;
  for (let turn = 0; turn < 2_000; turn++) {
    await vi.advanceTimersByTimeAsync(300);
    const { spec } = session.store.studies.find(id);
    if (isSweep(spec) && spec.sweep.state === 'ended') {
      await session.scheduler.close();
      session.connection.close();
      return { spec, store: temporaryStore(home), id, kills };
    }
    const training = session.store.studies.runs(id).filter(({ status }) => status === 'running');
    if (training.length === 0) continue;
    const { run, size } = training[random.below(training.length)];
    if (random.uniform() < chance) {
      kills++;
      session.connection.close();
      await vi.advanceTimersByTimeAsync(LOST_MS);
      session = open();
      continue;
    }
    const trainer = session.host.trainers.get(run);
    if (!trainer) continue;
    trainer.begin();
    if (trainer.step < Math.min(9, trainer.spec.stopAt ?? 9)) {
      trainer.train(1, true);
      trainer.measure(METRIC, scoreOf(spec.sizes[size].config, trainer.step));
    }
    const value = scoreOf(spec.sizes[size].config, 9);
    // The last thing that a killed trainer told may be a rung's validation.
    if (random.uniform() < chance) continue;
    if (trainer.step === 9) trainer.end('completed', null, { [METRIC]: value, 'test/ndcg@10': value / 2 });
    else if (trainer.step === trainer.spec.stopAt)
      trainer.end('stopped', `stopped after epoch ${trainer.step}`);
  }
  throw new Error('it does not end');
}

describe('a search', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('is the same however often it is killed, and trains none of its epochs twice', async () => {
    const trials = isWhole ? 40 : 14;
    const whole = await play({ ...ASHA, trials });
    const killed = await play({ ...ASHA, trials }, { chance: 0.15 });
    expect(killed.kills).toBeGreaterThan(3);
    expect(killed.spec).toEqual({ ...whole.spec, dataset: killed.spec.dataset });
    for (const { spec, store, id } of [whole, killed]) {
      expect(spec.sweep.ended).toBe('trials');
      expect(new Set(spec.sizes.map(({ config }) => JSON.stringify(config))).size).toBe(trials);
      const runs = store.studies.runs(id);
      expect(runs).toHaveLength(trials);
      const { trials: found, test } = resultOfSweep(store, id, spec);
      expect(found.map(({ status }) => status)).toEqual(expect.arrayContaining(['completed', 'stopped']));
      expect(found.filter(({ status }) => status !== 'completed' && status !== 'stopped')).toEqual([]);
      // The best was trained to its end, and its test alone is told.
      expect(found[0]).toMatchObject({ rank: 1, status: 'completed', rungs: { length: 3 } });
      expect(test?.metric).toBe('test/ndcg@10');
      for (const { run, size } of runs) {
        const { epochs } = store.series.read(run, METRIC);
        expect(epochs).toEqual(epochs.map((_, at) => at + 1));
        expect(epochs).toHaveLength(spec.sizes[size].until ?? 9);
      }
      expect(studyList(store, { kind: 'sweep' })[0]).toMatchObject({ done: trials, cells: trials });
    }
  });

  it('trains several at once, and no less than all', async () => {
    const { spec, store, id } = await play({ ...ASHA, trials: 15 }, { chance: 0.05, slots: 3 });
    expect(spec.sizes).toHaveLength(15);
    expect(store.studies.runs(id).every(({ status }) => status === 'completed' || status === 'stopped')).toBe(
      true,
    );
  });

  it('trains its finalists from further seeds, and chooses by their mean', async () => {
    const { spec, store, id } = await play({ trials: 4, finalists: { trials: 2, seeds: [1, 2, 3] } });
    const runs = store.studies.runs(id);
    expect(runs).toHaveLength(4 + 2 * 2);
    const { trials } = resultOfSweep(store, id, spec);
    expect(trials.map(({ runs }) => runs.length)).toEqual([3, 3, 1, 1]);
    expect(trials[0].value?.std).not.toBeNull();
    expect(store.sweeps.chosen([{ id, spec }]).get(id)).toHaveLength(3);
  });

  it('that has ended trains its best trials from more seeds once it is asked, and no further trial', async () => {
    const { store, id } = await play({ search: 'random', trials: 3 });
    const finalists = { trials: 2, seeds: [1, 2] };
    expect(tuningBudgets(store, { study: id })).toMatchObject([
      { study: id, model: 'sasrec', trials: 3, canExtend: true },
    ]);
    const recipe = recipeOfStudy(store, store.studies.find(id), 'html');
    expect([recipe?.rows.length, recipe?.datasets.length]).toEqual([3, 1]);
    expect(recipeOfStudy(store, store.studies.find(id), 'csv')).toBeUndefined();
    testFinalists(store, id, finalists);
    expect(() => testFinalists(store, id, finalists)).toThrow('has not ended');
    expect([takeStep(store, id), takeStep(store, id)]).toEqual([true, true]);
    expect(
      store.studies
        .runs(id)
        .map(({ seed }) => seed)
        .toSorted(),
    ).toEqual([1, 1, 1, 2, 2]);
    // They wait for their turn, and nothing more is to be made.
    expect(takeStep(store, id)).toBe(false);
  });
});

describe('a search that is asked', () => {
  function made(sweep: Partial<SweepSpec['sweep']>) {
    const store = temporaryStore();
    store.datasets.add(datasetSummary('beauty'));
    const { id } = createStudy(store, 'search', specOf(sweep));
    const stateOf = () => store.studies.find(id).spec.sweep;
    return { store, id, stateOf };
  }

  it('to pause begins no trial, and goes on where it is resumed', () => {
    const { store, id, stateOf } = made({});
    pauseSearch(store, 'search');
    expect(store.studies.open()).toEqual([]);
    expect(takeStep(store, id)).toBe(false);
    resumeStudy(store, store.studies.find(id));
    expect(stateOf()).toMatchObject({ state: 'open' });
    expect(takeStep(store, id)).toBe(true);
    expect(store.studies.runs(id)).toHaveLength(2);
  });

  it('for more trials makes them, whatever had ended it, and says where there are no more', () => {
    const { store, id, stateOf } = made({ trials: 1, stop: { hours: 1 } });
    store.lifecycle.endWaiting(store.studies.runs(id)[0].run, 'failed', null);
    expect(takeStep(store, id)).toBe(false);
    expect(stateOf()).toMatchObject({ state: 'ended', ended: 'trials' });
    expect(() => pauseSearch(store, id)).toThrow('has ended');
    extendSearch(store, id, 2);
    expect(stateOf()).toMatchObject({ state: 'open', trials: 3 });
    expect(stateOf()).not.toHaveProperty('stop');
    expect([takeStep(store, id), takeStep(store, id), takeStep(store, id)]).toEqual([true, true, false]);
    const few = made({ trials: 2, vary: [{ key: 'loss', values: 'bce,full-softmax' }] });
    expect(() => extendSearch(few.store, few.id, 2)).toThrow('tries all 2 trials that there are');
    const grid = made({ search: 'grid', ...ASHA, vary: [{ key: 'loss', values: 'bce,full-softmax' }] });
    expect(() => extendSearch(grid.store, grid.id, 2)).toThrow('every combination');
  });

  it('to resume one of its stopped trials by itself trains that to its end', async () => {
    const { store, id } = made(ASHA);
    const [{ run }] = store.studies.runs(id);
    const stops: unknown[] = [];
    const service = new RunService(
      store,
      fakeExecutor(({ stopAt }) => {
        stops.push(stopAt);
        const ended = Promise.resolve({ kind: 'stopped', message: null, log: null } as const);
        return { ended, stopAfterEpoch: () => {}, cancel: () => {}, kill: () => {} };
      }),
    );
    expect((await service.beginQueued(run)?.ended)?.status).toBe('stopped');
    await service.resume(run).ended;
    expect(stops).toEqual([1, undefined]);
  });

  it('for settings that do not go together counts them as a trial without a run', () => {
    const { store, id, stateOf } = made({ search: 'random', vary: [{ key: 'dim', values: '15..16' }] });
    while (takeStep(store, id));
    expect(store.studies.find(id).spec.sizes).toHaveLength(2);
    expect(store.studies.runs(id)).toHaveLength(1);
    expect(stateOf()).toMatchObject({ state: 'open' });
  });
});
