import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostSchema } from '../../core/api/hosts.ts';
import type { SourceChoice } from '../../core/api/models.ts';
import { parseSeeds, seedsText } from '../../core/api/queue.ts';
import type { OwnRun } from '../../core/api/runs.ts';
import { studyCommand, trainCommands } from '../../core/api/studies.ts';
import { sameAgain } from '../runs/run-words.ts';
import {
  firstDatasets,
  firstModel,
  modelDraft,
  newDraft,
  type RunTemplate,
  requestsOf,
  withPreset,
} from './draft.ts';
import { memoryTiles, tileMinutes } from './estimate.ts';
import { firstScaling } from './searches.ts';
import { sourceNote, withSources } from './sources.ts';

const TERMINAL = { commandLine: 'tessera', platform: 'linux' };

describe('seeds', () => {
  it('are lists and ranges, each once and at most a hundred', () => {
    expect(parseSeeds('1-3, 7 2')).toEqual({ seeds: [1, 2, 3, 7] });
    expect(parseSeeds('0')).toEqual({ seeds: [0] });
    expect(parseSeeds(' ')).toEqual({ problem: 'Enter at least one seed' });
    expect(parseSeeds('1;2')).toMatchObject({ problem: expect.stringContaining('"1;2" isn’t a seed') });
    expect(parseSeeds('-1')).toHaveProperty('problem');
    expect(parseSeeds('5-1')).toEqual({ problem: '"5-1" runs backwards: write 1-5' });
    expect(parseSeeds('1-101')).toEqual({ problem: 'Up to 100 seeds at once' });
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
    const [first, second] = trainCommands(TERMINAL, request).split('\n');
    expect(first).toBe(
      "tessera train --dataset 'my films' --model sasrec --preset beauty --set epochs=3 --set finalNorm=true " +
        "--set loss=bce --seed 1 --device cpu --threads 2 --name 'Ann'\\''s-seed1'",
    );
    expect(second).toContain("--seed 2 --device cpu --threads 2 --name 'Ann'\\''s-seed2'");
    const windows = trainCommands(
      { ...TERMINAL, platform: 'win32' },
      { ...request, overrides: { bottom: '64-32' } },
    );
    expect(windows).toMatch(
      /--dataset "my films" --model sasrec .* --set bottom=64-32 .* --name "Ann's-seed1"$/m,
    );
    expect(trainCommands(TERMINAL, { ...request, seeds: [4], device: 'auto', name: 'x' })).toMatch(
      /--seed 4 --threads 2 --name x$/,
    );
    const job = { time: '4:00:00', lines: ['module load cuda/12'] };
    expect(trainCommands(TERMINAL, { ...request, on: 'cluster', job })).toContain(
      "--threads 2 --on cluster --time 4:00:00 --line 'module load cuda/12' --name",
    );
  });

  it('is one of a search and of a study', () => {
    const shared = { dataset: 'club', overrides: { epochs: 2 }, seeds: [1, 2], device: 'auto' as const };
    const sweep = { ...shared, kind: 'sweep' as const, model: 'sasrec', trials: 20, draw: 3 };
    const vary = [
      { key: 'dropout', values: '0.1, 0.2' },
      { key: 'learningRate', values: 'log:0.001..0.1' },
    ];
    expect(studyCommand(TERMINAL, 'n', { ...sweep, vary, search: 'random' })).toBe(
      'tessera sweep run --dataset club --model sasrec --vary dropout=0.1,0.2 --vary learningRate=log:0.001..0.1 ' +
        '--trials 20 --draw 3 --set epochs=2 --seeds 1,2 --name n',
    );
    expect(studyCommand(TERMINAL, 'n', { ...sweep, vary: [vary[0]], search: 'grid' })).not.toContain(
      '--trials',
    );
    const law = {
      ...shared,
      kind: 'law' as const,
      model: 'sasrec',
      sizes: ['8x1', '16x1'],
      shares: [0.5, 1],
    };
    expect(studyCommand(TERMINAL, 'n', law)).toContain(
      'study run --dataset club --model sasrec --sizes 8x1,16x1 --shares 0.5,1 --set',
    );
    const both = {
      ...shared,
      kind: 'base-large' as const,
      models: ['sasrec' as const],
      settings: 'ml-1m' as const,
    };
    expect(studyCommand(TERMINAL, 'n', { ...both, blocks: [2, 8] })).toContain(
      'study base-large --dataset club --models sasrec --settings ml-1m --blocks 2,8 --set',
    );
  });

  it.skipIf(process.platform === 'win32')('says to a shell what was meant', () => {
    const say = `${process.execPath} -e 'console.log(JSON.stringify(process.argv.slice(1)))' --`;
    const names = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((name) => !/[\0\n]/.test(name));
    fc.assert(
      fc.property(names, (dataset) => {
        const command = trainCommands(
          { ...TERMINAL, commandLine: say },
          { model: 'm', dataset, seeds: [1], device: 'auto' },
        );
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
    essentials: [],
    task: 'next-item' as const,
    group: 'sequential' as const,
    kind: 'trained' as const,
    groups: { protocol: 'protocol', dim: 'model', epochs: 'training' } as const,
    paper: { title: '', authors: '', year: 2000, where: '' },
    presets: { table: { description: '', config: { protocol: 'paper' } } },
    configSchema: { properties: { protocol: field } },
  };
  const options = {
    dataset: 'a',
    models: [model],
    device: 'auto' as const,
    hosts: [hostSchema.parse({ name: 'lab-2' }), hostSchema.parse({ name: 'cluster' })],
    plain: null,
    obstacles: {},
    last: null,
  };
  const draft = (template: RunTemplate, plain: Record<string, unknown> | null) =>
    newDraft({ model: 'm', ...template }, { ...options, plain });

  it("keeps what differs from the defaults, and the protocol where it is not the model's own", () => {
    const changes = (template: RunTemplate, plain: Record<string, unknown> | null) => {
      const { models, shared } = draft(template, plain);
      return { ...models[0].overrides, ...shared };
    };
    const config = { dim: 8, epochs: 3, protocol: 'validated' };
    expect(changes({ overrides: config }, { ...config, epochs: 9 })).toEqual({ epochs: 3 });
    const paper = { dim: 8, historyFilter: 'window', protocol: 'paper' };
    expect(changes({ overrides: paper }, { ...paper })).toEqual({ protocol: 'paper' });
    expect(changes({ overrides: paper, preset: 'table' }, { ...paper })).toEqual({});
    expect(changes({ overrides: config }, null)).toEqual(config);
    expect(draft({ overrides: config }, null).shared).toEqual({ protocol: 'validated' });
  });

  it('of a study that is made again keeps its loss, and of base and Large what all of them had', () => {
    const scaling = { ...firstScaling, sizes: { on: true, values: ['8x1', '16x1'] } };
    const plain = { protocol: 'validated', loss: 'sampled', dim: 8 };
    const law = draft({ overrides: { dim: 8 }, again: { scaling } }, plain);
    expect(law).toMatchObject({ scaling, models: [{ overrides: { loss: 'sampled' } }] });
    const blocks = { on: true, values: ['1', '2'] };
    const both = draft({ others: ['x'], overrides: { dim: 8 }, again: { scaling: { blocks } } }, plain);
    expect(both).toMatchObject({
      shared: { dim: 8 },
      models: [{ model: 'm', overrides: {} }, { model: 'x' }],
    });
    const { models, search } = draft(
      { again: { vary: [{ key: 'dim', values: '8, 9' }], search: { by: 'random' } } },
      plain,
    );
    expect([models[0].vary.dim.values, search.by]).toEqual([['8', '9'], 'random']);
  });

  it('takes the device only where there is such', () => {
    expect(draft({ device: 'cpu' }, {})).toMatchObject({ dataset: 'a', device: 'cpu' });
    expect(draft({ device: 'abacus' }, {})).toMatchObject({ device: 'auto' });
  });

  it('trains where the last runs did, unless its template says where, and only on a host that there is', () => {
    const onOf = (last: string | undefined, place?: string | null) => {
      const chosen = { dataset: 'a', model: 'm', on: last };
      return newDraft({ model: 'm', place }, { ...options, last: chosen }).where.on;
    };
    expect([onOf('lab-2'), onOf('gone'), onOf(undefined)]).toEqual(['lab-2', '', '']);
    expect([onOf('lab-2', null), onOf('lab-2', 'cluster'), onOf('lab-2', 'gone')]).toEqual([
      '',
      'cluster',
      '',
    ]);
  });

  it('keeps the job options of a run that it repeats, where its host is there', () => {
    const job = { memory: '64G', lines: ['module load a', 'b'] };
    const repeated = {
      ...{ dataset: { name: 'a' }, model: 'm', config: {}, requestedDevice: 'auto' },
      ...{ place: 'cluster', job: job, seed: 1 },
    } as OwnRun;
    const { where } = draft(sameAgain(repeated), {});
    expect(where).toMatchObject({ on: 'cluster', memory: '64G', time: '', lines: 'module load a\nb' });
    expect(draft({ place: 'gone', job }, {}).where).toMatchObject({ on: '', memory: '' });
  });

  it('names the job options that differ from those of the host, and lets the host choose the device', () => {
    const first = draft({ device: 'cpu' }, {});
    const where = {
      ...first.where,
      on: 'cluster',
      time: ' 1:00:00 ',
      lines: 'module load a\n\n#SBATCH -x b',
    };
    expect(requestsOf({ ...first, where }, [model])).toMatchObject([
      { on: 'cluster', device: 'auto', job: { time: '1:00:00', lines: ['module load a', '#SBATCH -x b'] } },
    ]);
    expect(requestsOf({ ...first, where: { ...where, time: 'soon' } }, [model])).toBeNull();
    const [here] = requestsOf({ ...first, where: { ...where, on: '' } }, [model]) ?? [];
    expect(here).toMatchObject({ device: 'cpu' });
    expect(here).not.toHaveProperty('job');
  });

  it('begins on the data set that is asked for by name or id, else the last one, else the newest', () => {
    const datasets = [
      { id: '1', name: 'new' },
      { id: '2', name: 'old' },
    ];
    const namesOf = (dataset: string | undefined, last: string | null) =>
      firstDatasets({ dataset }, datasets, last === null ? null : { dataset: last, model: 'm' }).map(
        ({ name }) => name,
      );
    expect(namesOf('2', null)).toEqual(['old']);
    expect(namesOf('old', 'new')).toEqual(['old']);
    expect(namesOf(undefined, 'old')).toEqual(['old', 'new']);
    expect(namesOf('gone', 'gone')).toEqual(['new', 'old']);
  });

  it('begins with the last model, else the first usual one, that can be trained on the data set', () => {
    const last = { dataset: 'a', model: 'hstu' };
    expect(firstModel({}, {}, null)).toBe('sasrec');
    expect(firstModel({}, {}, last)).toBe('hstu');
    expect(firstModel({}, { hstu: 'needs more' }, last)).toBe('sasrec');
    expect(firstModel({}, { sasrec: "needs users' histories", dlrm: null }, null)).toBe('dlrm');
    expect(firstModel({}, { sasrec: 'needs more', dlrm: 'needs more' }, null)).toBe('sasrec');
    expect(firstModel({ model: 'ease' }, {}, last)).toBe('ease');
  });

  it('is a request once every field can be taken', () => {
    const ready = { ...draft({ seeds: [4, 5] }, {}), tags: ' x, ,y ', threads: '2', name: ' n ' };
    expect(requestsOf(ready, [model])).toEqual([
      {
        dataset: 'a',
        model: 'm',
        overrides: {},
        device: 'auto',
        seeds: [4, 5],
        notes: '',
        threads: 2,
        name: 'n',
        tags: ['x', 'y'],
      },
    ]);
    const wrong = [{ ...modelDraft('m'), problems: 1 }];
    for (const bad of [
      { seeds: '' },
      { threads: '0' },
      { problems: 1 },
      { dataset: '' },
      { models: wrong },
      { models: [] },
    ])
      expect(requestsOf({ ...ready, ...bad }, [model])).toBeNull();
  });

  it('asks for each of several models with its own settings, and with the shared ones that it has', () => {
    const models = [model, { ...model, id: 'clicks', groups: { dim: 'model' } as const }];
    const several = {
      ...draft({}, null),
      name: 'n',
      shared: { protocol: 'paper' },
      models: [
        { ...modelDraft('m'), overrides: { dim: 8 } },
        { ...modelDraft('clicks'), preset: 'table' },
      ],
    };
    expect(requestsOf(several, models)).toMatchObject([
      { model: 'm', overrides: { protocol: 'paper', dim: 8 }, name: 'n-m' },
      { model: 'clicks', preset: 'table', overrides: {}, name: 'n-clicks' },
    ]);
  });

  it('keeps the runs that a config names when its preset changes', () => {
    const generator = { ...model, sources: { tokeniser: 'required' } as const };
    const one = { ...modelDraft('m'), overrides: { tokeniser: 'x', dim: 8 }, problems: 1 };
    expect(withPreset(one, 'table', generator)).toEqual({
      ...modelDraft('m'),
      preset: 'table',
      overrides: { tokeniser: 'x' },
    });
  });

  it('is given the run that a model needs, and says why', () => {
    const generator = { ...model, sources: { tokeniser: 'required' } as const };
    const run = (id: string) => ({ id, name: id, model: 't', createdAt: 0, about: '' });
    const filled = (sources: SourceChoice[], own = {}) =>
      withSources(
        { ...draft({}, null), models: [{ ...modelDraft('m'), overrides: own }] },
        [generator],
        [{ tokeniser: sources }],
      ).models[0].overrides;
    expect(filled([])).toEqual({});
    expect(filled([run('one')])).toEqual({ tokeniser: 'one' });
    expect(filled([run('new'), run('old')], { tokeniser: 'old' })).toEqual({ tokeniser: 'old' });
    expect(sourceNote({}, 'tokeniser', [run('one')])).toBe('Chosen: the only one on this data set');
    expect(sourceNote({}, 'tokeniser', [run('new'), run('old')])).toContain('newest of 2');
    expect(sourceNote({ tokeniser: 'one' }, 'tokeniser', [run('one')])).toBeNull();
  });
});

describe('an estimate', () => {
  it('has tiles that fit', () => {
    expect(tileMinutes([30, 600])).toBe(1);
    expect(tileMinutes([30 * 60])).toBe(2);
    expect(tileMinutes([10 * 3600])).toBe(60);
    expect(memoryTiles(2.1e9, 25.3e9)).toEqual({ filled: 3, of: 25 });
    expect(memoryTiles(1, 512e9)).toEqual({ filled: 1, of: 26 });
  });
});
