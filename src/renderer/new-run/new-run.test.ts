import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { furtherModels, newDraft, requestOf, withFurther } from './draft.ts';
import type { RunTemplate } from './new-run.ts';
import { parseSeeds, seedsText } from './seeds.ts';
import { trainCommands } from './train-command.ts';

describe('seeds', () => {
  it('are lists and ranges, each once and at most a hundred', () => {
    expect(parseSeeds('1-3, 7 2')).toEqual({ seeds: [1, 2, 3, 7] });
    expect(parseSeeds('0')).toEqual({ seeds: [0] });
    expect(parseSeeds(' ')).toEqual({ problem: 'give at least one seed' });
    expect(parseSeeds('1;2')).toMatchObject({ problem: expect.stringContaining('"1;2" is no seed') });
    expect(parseSeeds('-1')).toHaveProperty('problem');
    expect(parseSeeds('5-1')).toEqual({ problem: '"5-1" runs backwards; write 1-5' });
    expect(parseSeeds('1-101')).toEqual({ problem: 'at most 100 seeds at once' });
  });

  it('read back as they were written', () => {
    const seeds = fc.uniqueArray(fc.nat({ max: 1e6 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(seeds, (list) => {
        expect(parseSeeds(seedsText(list))).toEqual({ seeds: list });
      }),
    );
  });
});

describe('the command', () => {
  it('is one line a seed with everything that was chosen', () => {
    const request = {
      model: 'sasrec',
      preset: 'beauty',
      dataset: 'my films',
      seeds: [1, 2],
      device: 'cpu' as const,
      overrides: { epochs: 3, finalNorm: true, loss: 'bce' },
      threads: 2,
      name: "Ann's",
    };
    const [first, second] = trainCommands('tessera', request).split('\n');
    expect(first).toBe(
      "tessera train --dataset 'my films' --model sasrec --preset beauty --set epochs=3 --set finalNorm=true " +
        "--set loss=bce --seed 1 --device cpu --threads 2 --name 'Ann'\\''s-seed1'",
    );
    expect(second).toContain("--seed 2 --device cpu --threads 2 --name 'Ann'\\''s-seed2'");
    expect(trainCommands('tessera', { ...request, seeds: [4], device: 'auto', name: 'x' })).toMatch(
      /--seed 4 --threads 2 --name x$/,
    );
  });

  it.skipIf(process.platform === 'win32')('says to a shell what was meant', () => {
    const say = `${process.execPath} -e 'console.log(JSON.stringify(process.argv.slice(1)))' --`;
    const names = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((name) => !/[\0\n]/.test(name));
    fc.assert(
      fc.property(names, (dataset) => {
        const command = trainCommands(say, { model: 'm', dataset, seeds: [1], device: 'auto' });
        const said: string[] = JSON.parse(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }));
        expect(said).toEqual(['train', '--dataset', dataset, '--model', 'm', '--seed', '1']);
      }),
      { numRuns: 20 },
    );
  });
});

describe('a draft from the config of a run', () => {
  const field = { type: 'string', default: 'validated' };
  const model = {
    id: 'm',
    title: 'M',
    summary: '',
    task: 'next-item' as const,
    family: 'attention' as const,
    kind: 'trained' as const,
    groups: {},
    paper: { title: '', authors: '', year: 2000, where: '' },
    presets: { table: { description: '', config: { protocol: 'paper' } } },
    configSchema: { properties: { protocol: field } },
  };
  const draft = (template: RunTemplate, plain: Record<string, unknown> | null) =>
    newDraft(
      { model: 'm', ...template },
      { datasets: ['a', 'b'], models: [model], device: 'auto', plain, obstacles: {} },
    );

  it("keeps what differs from the defaults, and the protocol where it is not the model's own", () => {
    const config = { dim: 8, epochs: 3, protocol: 'validated' };
    expect(draft({ overrides: config }, { ...config, epochs: 9 }).overrides).toEqual({ epochs: 3 });
    const paper = { dim: 8, historyFilter: 'window', protocol: 'paper' };
    expect(draft({ overrides: paper }, { ...paper }).overrides).toEqual({ protocol: 'paper' });
    expect(draft({ overrides: paper, preset: 'table' }, { ...paper }).overrides).toEqual({});
    expect(draft({ overrides: config }, null).overrides).toEqual(config);
  });

  it('takes the data set and the device only where there are such', () => {
    expect(draft({ dataset: 'b', device: 'cpu' }, {})).toMatchObject({ dataset: 'b', device: 'cpu' });
    expect(draft({ dataset: 'gone', device: 'abacus' }, {})).toMatchObject({ dataset: 'a', device: 'auto' });
  });

  it('begins with the first usual model that can be trained on the data set', () => {
    const known = { datasets: ['a'], models: [model], device: 'auto' as const, plain: null };
    const modelOf = (obstacles: Record<string, string | null>) => newDraft({}, { ...known, obstacles }).model;
    expect(modelOf({})).toBe('sasrec');
    expect(modelOf({ sasrec: "needs users' histories", dlrm: null })).toBe('dlrm');
    expect(modelOf({ sasrec: 'needs more', dlrm: 'needs more' })).toBe('sasrec');
  });

  it('is a request once every field can be taken', () => {
    const ready = { ...draft({ seeds: [4, 5] }, {}), tags: ' x, ,y ', threads: '2', name: ' n ' };
    expect(requestOf(ready)).toEqual({
      dataset: 'a',
      model: 'm',
      overrides: {},
      device: 'auto',
      seeds: [4, 5],
      notes: '',
      threads: 2,
      name: 'n',
      tags: ['x', 'y'],
    });
    for (const bad of [{ seeds: '' }, { threads: '0' }, { problems: 1 }, { dataset: '' }])
      expect(requestOf({ ...ready, ...bad })).toBeNull();
  });

  it('takes more models along that need no other run, under the same protocol', () => {
    const other = (id: string, more: object = {}) => ({ ...model, id, ...more });
    const generator = other('g', { sources: { tokeniser: 'required' } });
    const models = [model, other('p'), other('q'), generator];
    const chosen = draft({ overrides: { protocol: 'paper', dim: 8 } }, null);
    const further = furtherModels(models, { q: 'needs more' }, chosen);
    expect(further.map(({ id }) => id)).toEqual(['p']);
    const request = { ...chosen, seeds: [1, 2], threads: undefined, tags: [], notes: '', name: 'n' };
    expect(withFurther(request, further)).toMatchObject([
      { model: 'm', overrides: { protocol: 'paper', dim: 8 }, name: 'n' },
      { model: 'p', overrides: { protocol: 'paper' }, name: 'n-p', seeds: [1, 2] },
    ]);
    expect(withFurther({ ...request, overrides: {} }, further)[1].overrides).toEqual({});
  });
});
