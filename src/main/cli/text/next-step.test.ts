import { expect, test } from 'vitest';
import { protocol } from '../../../../test/reports/runs.ts';
import { completeRun, temporaryStore } from '../../../../test/store/home.ts';
import { datasetSummary, newRun } from '../../../../test/store/records.ts';
import type { NextItemProtocol } from '../../../core/evaluation/types.ts';
import { resolveConfig } from '../../../core/families/registry.ts';
import { nextStep } from './next-step.ts';

const films = datasetSummary('films of 2020');
const byTime: NextItemProtocol = { ...protocol, split: 'time' };

test('names what a run can be compared with: what it started from, else the newest of its protocol', () => {
  const store = temporaryStore();
  store.datasets.add(films);
  const add = (model: string, overrides: object, measured = protocol) => {
    const config = resolveConfig(model, { overrides: { ...overrides } });
    const { id } = store.runs.create(newRun(films, { model, config }));
    completeRun(store, id, { protocol: measured });
    return id;
  };
  const step = (id: string) => nextStep(store, store.runs.findOwn(id));
  const first = add('sasrec', {});
  expect(step(first)).toMatch(/Train a baseline .* train --dataset 'films of 2020' --model popularity$/);
  const timed = add('sasrec', { split: 'time', candidates: 'catalogue' }, byTime);
  expect(step(timed)).toMatch(/--model popularity --set split=time --set candidates=catalogue$/);
  const second = add('hstu', {});
  expect(step(second)).toMatch(new RegExp(`compare ${first} ${second}$`));
  add('llama', {});
  const warm = add('sasrec', { startFrom: first });
  expect(step(warm)).toMatch(new RegExp(`compare ${first} ${warm}$`));
});
