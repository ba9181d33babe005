import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelText, nameAlone, nameOf } from './run-names.ts';

const run = (seed: number, changes: object = {}) => {
  const model = 'sasrec';
  const dataset = { name: 'club' };
  return {
    id: `r${seed}`,
    name: `sasrec-club-seed${seed}`,
    model,
    dataset,
    seed,
    config: { dim: 64 },
    ...changes,
  };
};
const namesOf = (runs: ReturnType<typeof run>[]) => runs.map((one) => labelText(nameOf(one, runs)));

it('calls a run by its model, and by what differs among those that are shown, the seed last', () => {
  expect(namesOf([run(1)])).toEqual(['SASRec']);
  expect(namesOf([run(1), run(2)])).toEqual(['SASRec, seed 1', 'SASRec, seed 2']);
  const wide = run(3, { config: { dim: 128, heads: null } });
  expect(namesOf([run(1), wide])).toEqual(['SASRec, dim 64, seed 1', 'SASRec, dim 128, seed 3']);
  const films = { ...run(1, { dataset: { name: 'films' } }), name: 'sasrec-films-seed1', id: 'f' };
  expect(namesOf([run(1), films])).toEqual(['SASRec, club', 'SASRec, films']);
  const measured = { ...run(1), id: 'e', name: 'sasrec-club-seed1-evaluation', evaluates: { kind: 'best' } };
  expect(namesOf([run(1), measured])).toEqual(['SASRec', 'SASRec, best checkpoint']);
});

it('says where nothing else is shown what a run is of', () => {
  expect(nameAlone(run(2))).toBe('SASRec on club, seed 2');
  expect(nameAlone(run(2, { name: 'mine' }))).toBe('mine');
  const alone = (name: string) => nameAlone(run(2, { name }));
  expect(alone('sasrec-club-sweep-trial3-seed2')).toBe('SASRec on club, trial 3, seed 2');
  expect(alone('sasrec-club-sweep-2-trial3-seed2')).toBe('SASRec on club, trial 3, seed 2');
  expect(alone('My sweep-trial3-seed2')).toBe('My sweep, trial 3, seed 2');
  expect(alone('sizes-16x2x1-50pct-seed2')).toBe('sizes, 16x2x1, 50 % of the users, seed 2');
  expect(alone('My sweep-trial3-seed7')).toBe('My sweep-trial3-seed7');
  expect(alone('sasrec-club-scaling-16x2-50pct-seed2')).toBe(
    'SASRec on club, 16x2, 50 % of the users, seed 2',
  );
});

it('calls a run of a named study by the study, and by which of its runs it is', () => {
  const trial = (at: number, dim: number) =>
    run(1, { id: `t${at}`, name: `sizes-trial${at}-seed1`, config: { dim } });
  expect(namesOf([trial(1, 64), trial(2, 64), trial(3, 32)])).toEqual([
    'sizes, trial 1, dim 64',
    'sizes, trial 2, dim 64',
    'sizes, trial 3, dim 32',
  ]);
  const cells = [1, 2].map((seed) => run(seed, { name: `grid-8x2-50pct-seed${seed}` }));
  expect(namesOf(cells)).toEqual([
    'grid, 8x2, 50 % of the users, seed 1',
    'grid, 8x2, 50 % of the users, seed 2',
  ]);
});

it('keeps the name that a user gave', () => {
  expect(namesOf([run(1, { name: 'my long run' }), run(2)])).toEqual(['my long run', 'SASRec']);
});

it('calls no two runs alike, whatever their users called them', () => {
  const names = fc.constantFrom('sasrec-club-seed1', 'sasrec-club-seed2', 'a', 'a, r2', '');
  const made = fc.array(fc.record({ name: names, seed: fc.integer({ min: 1, max: 2 }) }), { maxLength: 6 });
  fc.assert(
    fc.property(made, (all) => {
      const runs = all.map(({ name, seed }, at) => ({ ...run(seed), id: `r${at}`, name }));
      const texts = runs.map((one) => JSON.stringify(nameOf(one, runs)));
      expect(new Set(texts).size).toBe(runs.length);
    }),
  );
});
