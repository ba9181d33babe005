import { expect, it } from 'vitest';
import { addRun, temporaryStore } from '../../../../test/store/home.ts';
import { RESULT } from '../../../../test/store/records.ts';
import type { TrainerEvent } from '../../training/events.ts';
import { BEATEN, NOT_BEATEN } from '../../training/standing.ts';
import { recordEvents } from './record-events.ts';

it('a line that is said once stays one where a run resumes, and its page says it until it is beaten', () => {
  const store = temporaryStore();
  const { id } = addRun(store);
  const say = (once: string, rest: string): TrainerEvent => ({
    ...{ type: 'log', level: 'warn', message: `${once}: ${rest}`, once },
  });
  expect(store.logs.standing(id)).toBeNull();
  for (const rest of ['first', 'again']) recordEvents(store, id, [say(NOT_BEATEN, rest)]);
  expect(store.logs.list(id).map(({ message }) => message)).toEqual([`${NOT_BEATEN}: first`]);
  expect(store.logs.standing(id)).toBe(`${NOT_BEATEN}: first`);
  recordEvents(store, id, [say(BEATEN, 'at last')]);
  expect(store.logs.standing(id)).toBeNull();
});

it('a run has the most memory and all energy of its attempts, and no energy where a part of it is not known', () => {
  const store = temporaryStore();
  const usage = (time: number, energy: number | null | undefined, peakMemory: number): TrainerEvent => ({
    type: 'usage',
    sample: { time, cpu: 1, memory: 5, gpu: null, gpuMemory: null, energy },
    peakMemory,
  });
  const costOf = (events: readonly TrainerEvent[], listSeconds?: number) => {
    const { id } = addRun(store);
    store.lifecycle.begin(id, null);
    recordEvents(store, id, events);
    store.lifecycle.end(id, 'interrupted', null);
    // What a lost attempt took counts; what is read twice counts once.
    store.lifecycle.begin(id, null);
    recordEvents(store, id, [usage(9, 3600, 90), usage(9, 3600, 90)]);
    recordEvents(store, id, [{ type: 'result', result: { ...RESULT, listSeconds } }]);
    const { peakMemory, energy, listSeconds: list } = store.runs.get(id);
    return [peakMemory, energy, list];
  };
  expect(costOf([usage(1, 0.25, 200), usage(2, 100, 100)], 0.001)).toEqual([200, 3700.25, 0.001]);
  expect(costOf([usage(1, null, 80), usage(2, 7, 70)])).toEqual([90, null, null]);
  // Of trainings before there were such figures.
  expect(costOf([usage(1, undefined, 0)])).toEqual([90, null, null]);
  const none = addRun(store).id;
  store.lifecycle.begin(none, null);
  recordEvents(store, none, [usage(1, null, 0), { type: 'result', result: RESULT }]);
  expect(store.runs.get(none)).toMatchObject({ peakMemory: null, energy: null, listSeconds: null });
});
