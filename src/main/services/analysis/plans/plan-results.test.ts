import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome, temporaryStore } from '../../../../../test/store/home.ts';
import { writeSample } from '../../../../core/data/sample/sample.ts';
import { importInto } from '../../datasets.ts';
import { openPlan, placeOf, planSoFar } from './open-plan.ts';
import { documentOfPlan, planPaper } from './plan-paper.ts';

/** A plan of results alone: the rows of its table, and what is missing of it. */
async function planOfResults() {
  const [store, folder] = [temporaryStore(), temporaryHome()];
  writeSample(folder, { users: 100, items: 60, seed: 1 });
  await importInto(store, { paths: [join(folder, 'ratings.csv')], name: 'films' });
  const [, ...ratings] = readFileSync(join(folder, 'ratings.csv'), 'utf8').trim().split('\n');
  const users = [...new Set(ratings.map((row) => row.split(',')[0]))];
  const items = [...new Set(ratings.map((row) => row.split(',')[1]))];
  return {
    /** A list of ten items a user, each part another one. */
    write(name: string, column: string, parts: readonly string[]) {
      const rows = parts.flatMap((part, at) =>
        users.flatMap((user) =>
          items.slice(at, at + 10).map((item, rank) => `${user},${item},${rank + 1},${part}`),
        ),
      );
      writeFileSync(join(folder, name), [`user,item,rank,${column}`, ...rows].join('\n'));
    },
    async paper(results: readonly string[], imports = true) {
      const file = join(folder, 'plan.yaml');
      const given = results.map((one) => `  - { program: mine, split: leave-last-out, ${one} }\n`).join('');
      writeFileSync(
        file,
        `plan: P\ntables: [{ data: films }]\nmodels: [popularity]\nmetrics: [mrr@10]\nresults:\n${given}`,
      );
      const open = await openPlan(store, file, placeOf(store, { device: 'cpu' }));
      const paper = await planPaper(store, await planSoFar(store, open, { usesOthers: false, imports }));
      const [table] = documentOfPlan(paper, 'csv').sections.flatMap((section) => section.table ?? []);
      return { names: table?.lines.map(([name]) => name), missing: paper.missing.slice(1) };
    },
  };
}

it('has a row for each fold, model and seed without a number that a file names, called by it', async () => {
  const { write, paper } = await planOfResults();
  write('folds.csv', 'fold', ['1', '2']);
  write('models.csv', 'model', ['A', 'B']);
  write('seeds.csv', 'seed', ['first', 'second']);
  write('numbers.csv', 'seed', ['1', '2', '3']);
  const { names, missing } = await paper([
    'file: folds.csv, name: F',
    'file: models.csv, name: M',
    'file: seeds.csv, name: S',
    'file: numbers.csv, name: N',
  ]);
  expect(names?.map((name) => String(name).replace(/ \[.*|, \w{8}(?= |$)/g, ''))).toEqual([
    'Popularity',
    'F, fold 1',
    'F, fold 2',
    'M, A',
    'M, B',
    'S',
    'S',
    'N',
  ]);
  expect(missing).toEqual([]);
});

it('names a file as missing that could not be read, also where the table is written afterwards', async () => {
  const { write, paper } = await planOfResults();
  write('good.csv', 'model', ['A']);
  write('bad.csv', 'model', ['A']);
  const bad = ['file: good.csv', 'file: bad.csv, map: { rank: nothing }'];
  expect((await paper(bad, false)).missing).toEqual([
    expect.stringMatching(/plan\.yaml:6: good\.csv: not measured yet/),
    expect.stringMatching(/plan\.yaml:7: bad\.csv: not measured yet/),
  ]);
  expect((await paper(bad)).missing).toEqual([expect.stringMatching(/plan\.yaml:7: .*nothing/)]);
  expect((await paper(bad, false)).missing).toEqual([expect.stringContaining('bad.csv: not measured yet')]);
});
