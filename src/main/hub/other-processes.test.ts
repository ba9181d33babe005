import { expect, it } from 'vitest';
import { addRun, temporaryHome, temporaryStore } from '../../../test/store/home.ts';
import type { TrainingProgress } from '../../core/store/runs/queue-state.ts';
import { OtherProcesses } from './other-processes.ts';

it('what another process trains is told of its run each time, and all that it may have changed now and then', () => {
  const home = temporaryHome();
  const [store, another] = [temporaryStore(home), temporaryStore(home)];
  const run = addRun(another).id;
  let told: string[] = [];
  let progress: TrainingProgress | null = null;
  const others = new OtherProcesses(store, {
    isOurs: () => false,
    progressOf: () => progress,
    tell: ({ type }) => told.push(type),
    onChange: () => told.push('anything'),
  });
  const after = (change: () => void) => {
    told = [];
    change();
    others.look();
    return told;
  };
  const log = () => another.logs.append(run, [{ time: 1, level: 'info', message: 'it trains' }]);
  expect(after(() => {})).toEqual([]);
  expect(after(() => another.projects.create('films'))).toEqual(['anything']);
  expect(after(() => another.lifecycle.begin(run, null))).toEqual([
    'series',
    'log',
    'checkpoint',
    'anything',
  ]);
  expect(after(log)).toEqual(['series', 'log', 'checkpoint']);
  const soFar = (time: number) => () => {
    progress = { time } as TrainingProgress;
  };
  expect([1, 1, 2].map((time) => after(soFar(time)))).toEqual([['progress'], [], ['progress']]);
  expect(after(() => another.lifecycle.end(run, 'cancelled', null))).toEqual([
    ...['progress', 'run', 'anything'],
  ]);
});
