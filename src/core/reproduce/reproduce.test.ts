import { describe, expect, it } from 'vitest';
import { writeDocument } from '../documents/writers/write.ts';
import { agreementOf } from './agreement.ts';
import {
  type Asked,
  dataConditions,
  expectedOf,
  type Here,
  mergedConditions,
  runConditions,
} from './conditions.ts';
import { embeddedRecipe, parseRecipe, type RecipeDataset, type RecipeRun, recipeIn } from './recipe.ts';

const hash = (digit: string) => digit.repeat(64);
const cpu = { model: 'A processor', instructions: 'avx2 fma' };

const dataset: RecipeDataset = {
  ...{ name: 'films', fingerprint: hash('f') },
  files: [{ name: 'ratings.csv', bytes: 1234, sha256: hash('1') }],
  options: { minUser: 5, ties: 'file', dedupe: 'none' },
  counts: { users: 3, items: 4, interactions: 12 },
};

const run: RecipeRun = {
  ...{ id: 'a1', name: 'base', model: 'sasrec', config: { dim: 8 }, seed: 1, dataset: hash('f') },
  ...{ device: 'cpu', threads: 2, versions: ['1.0.0'], processors: [cpu], plugins: [] },
  environment: { node: 'v24', platform: 'linux 6.1 x64', onnxruntime: '1.30.0', tfjs: '4.22.0' },
  ...{ endedAt: 1, seconds: 2, selectedEpoch: 3 },
  metrics: { 'test/ndcg@10': 0.25, 'test/auc': null },
  ranks: { test: { users: 3, sha256: hash('a') } },
};

const recipe = {
  schema: 'tessera-recipe-1',
  version: '1.0.0',
  datasets: [dataset],
  runs: [run],
  rows: ['a1'],
  others: [],
};

const here: Here = {
  version: '1.0.0',
  processor: cpu,
  node: 'v24',
  platform: 'linux 6.1 x64',
  onnxruntime: '1.30.0',
  tfjs: '4.22.0',
};
const asked: Asked = { device: 'cpu', settings: { added: [] }, files: [], plugins: [] };
const inHome = {
  place: 'home',
  id: 'd',
  name: 'films',
  files: dataset.files,
  isImportedAlike: true,
} as const;
const found = (sha256: string) =>
  ({ place: 'files', files: [{ path: '/r.csv', bytes: 1234, sha256 }] }) as const;

describe('what is said before', () => {
  const expected = (change: { run?: object; here?: object; asked?: object }) =>
    expectedOf(
      runConditions({ ...run, ...change.run }, { ...here, ...change.here }, { ...asked, ...change.asked }),
    );

  it('is bit for bit where everything is the same', () => {
    const all = [...dataConditions(dataset, inHome), ...runConditions(run, here, asked)];
    expect(all.map(({ mark }) => mark)).toEqual(all.map(() => 'same'));
    expect(expectedOf(all)).toEqual({ degree: 'exact', text: 'Bit for bit' });
  });

  it.each([
    [{ here: { version: '1.1.0' } }, 'close', /Tessera/],
    [{ here: { version: '1.0.0+abc-dirty' }, run: { versions: ['1.0.0+abc-dirty'] } }, 'unknown', /Tessera/],
    [{ run: { versions: [] } }, 'unknown', /Tessera/],
    [{ run: { versions: ['1.0.0', '1.1.0'] } }, 'close', /Tessera/],
    [{ here: { processor: { ...cpu, instructions: 'avx512f' } } }, 'close', /Processor/],
    [{ run: { processors: [] } }, 'unknown', /Processor/],
    [{ run: { environment: null } }, 'unknown', /Node, ONNX Runtime/],
    [{ here: { onnxruntime: '1.31.0' } }, 'close', /ONNX Runtime \(another version/],
    [{ here: { tfjs: '5.0.0' } }, 'close', /TensorFlow\.js/],
    [{ here: { tfjs: undefined } }, 'unknown', /TensorFlow\.js/],
    [{ here: { platform: 'linux 7.0 x64' } }, 'exact', /^Bit for bit$/],
    [{ here: { platform: 'darwin 7.0 arm64' } }, 'close', /System/],
    [{ asked: { threads: 3 } }, 'close', /Threads/],
    [{ asked: { device: 'webgpu' } }, 'close', /Device/],
    [{ asked: { device: 'cuda' }, run: { device: 'cuda' } }, 'close', /not fixed/],
    [{ asked: { seed: 2 } }, 'cannot', /Seed/],
    [{ asked: { seed: 2 }, run: { model: 'popularity' } }, 'exact', /^Bit for bit$/],
    [{ asked: { settings: { problem: 'no key' } } }, 'cannot', /no key/],
    [{ asked: { settings: { added: ['shine'] } } }, 'exact', /^Bit for bit$/],
    [{ run: { plugins: [`mine.ts ${hash('9')}`] } }, 'missing', /mine\.ts/],
    [{ asked: { files: [{ path: '~/v.npy', isHere: true }] } }, 'unknown', /not recorded/],
    [{ asked: { files: [{ path: '~/v.npy', isHere: false }] } }, 'missing', /v\.npy/],
  ])('of %j', (change, degree, text) => {
    expect(expected(change)).toEqual({ degree, text: expect.stringMatching(text) });
  });

  it.each([
    [dataset, { place: 'nowhere' } as const, 'missing', /ratings\.csv, 1,234 bytes/],
    [dataset, found(hash('1')), 'exact', /^Bit for bit$/],
    [dataset, found(hash('2')), 'cannot', /sha256 2222…2222, not 1111…1111/],
    [dataset, { ...inHome, files: null }, 'unknown', /its files are not recorded/],
    [dataset, { ...inHome, files: [{ sha256: hash('2') }] }, 'close', /ratings, times/],
    [dataset, { ...inHome, isImportedAlike: false }, 'close', /^Close.*Import \(ratings, times/],
    [{ ...dataset, files: null, options: null }, inHome, 'unknown', /Data \(fingerprint ffff/],
    [{ ...dataset, files: null, options: null }, { place: 'nowhere' } as const, 'missing', /not recorded/],
  ])('of data, case %#', (wanted, where, degree, text) => {
    const expected = expectedOf(dataConditions(wanted, where));
    expect(expected).toEqual({ degree, text: expect.stringMatching(text) });
  });

  it('is one line where runs are alike, and names them where they are not', () => {
    const other = { ...run, name: 'other', seed: 2 };
    const lines = mergedConditions(
      [run, other].map((one) => ({ name: one.name, conditions: runConditions(one, here, asked) })),
    );
    expect(lines.map(({ what }) => what)).toEqual([
      ...['Settings', 'Seed of base', 'Seed of other', 'Tessera', 'Device', 'Processor', 'Threads'],
      ...['Node', 'ONNX Runtime', 'TensorFlow.js', 'System'],
    ]);
    // The sentence says a reason once, whatever runs it is of.
    const versions = ['0.0.1', '0.0.2'].map((version) => ({
      name: version,
      conditions: runConditions({ ...run, versions: [version] }, here, asked),
    }));
    expect(expectedOf(mergedConditions(versions)).text).toBe(
      'Close, not bit for bit: Tessera (what changed between them is not known)',
    );
  });
});

describe('what is said after', () => {
  it('is exact only where every number and every rank is the same', () => {
    expect(agreementOf(run, run)).toMatchObject({ isExact: true, metrics: 2, different: [] });
    const moved = { ...run, ranks: { test: { users: 3, sha256: hash('b') } } };
    expect(agreementOf(run, moved)).toMatchObject({
      isExact: false,
      different: [],
      ranks: [{ equal: false }],
    });
    expect(agreementOf(run, { ...run, ranks: {} })).toMatchObject({
      isExact: false,
      ranks: [{ equal: null }],
    });
    expect(agreementOf({ ...run, metrics: {} }, { ...run, metrics: {} }).isExact).toBe(false);
  });

  it('names what differs, what one side alone has first', () => {
    const now = { ...run, metrics: { 'test/ndcg@10': 0.2500001, 'test/auc': 0.5, 'test/hr@10': 1 } };
    expect(agreementOf({ ...run, metrics: { 'test/ndcg@10': 0.25, 'test/auc': null } }, now)).toMatchObject({
      metrics: 3,
      different: [{ name: 'test/auc' }, { name: 'test/hr@10' }, { name: 'test/ndcg@10' }],
    });
  });
});

describe('a recipe', () => {
  it('is read from the page that holds it, whatever its names are', () => {
    const hostile = '</script><script type="application/json" id="tessera-recipe">{}</script>';
    const named = { ...recipe, runs: [{ ...run, name: hostile }] };
    const page = `<p>&lt;script&gt;</p>${embeddedRecipe(parseRecipe(named, 'here'))}</body>`;
    expect(parseRecipe(JSON.parse(recipeIn(page) ?? ''), 'here')).toEqual(named);
    expect(recipeIn('<p>no recipe</p>')).toBeNull();
  });

  it('is in every page of a report whose runs can be trained again', () => {
    const document = { stem: 'r', title: 'R', sections: [], data: null, recipe: parseRecipe(recipe, 'here') };
    for (const format of ['html', 'folder', 'page'] as const)
      expect(JSON.parse(recipeIn(writeDocument(document, format)) ?? '')).toEqual(recipe);
    const other = { ...document, recipe: { ...document.recipe, runs: [], rows: [] } };
    expect(recipeIn(writeDocument(other, 'html'))).toBeNull();
    expect(writeDocument(document, 'md')).not.toContain('tessera-recipe');
  });

  it('has names of one line, whatever wrote them', () => {
    const told = { ...recipe, runs: [{ ...run, name: 'ba\u001b[31m\nse' }] };
    expect(parseRecipe(told, 'here').runs[0].name).toBe('ba [31m se');
  });

  it.each([
    [{ ...recipe, schema: 'tessera-recipe-2' }, /newer version of Tessera .*: update Tessera$/],
    [{ ...recipe, runs: [{ ...run, threads: 0 }] }, /damaged \(runs\.0\.threads/],
    [{ ...recipe, runs: [{ ...run, threads: 100_000 }] }, /damaged \(runs\.0\.threads/],
    [{ ...recipe, datasets: [] }, /run base is of a data set that is not described$/],
    [
      { ...recipe, runs: [{ ...run, config: { tokeniser: 'b2' } }] },
      /rests on run b2, which is not described$/,
    ],
    [null, /damaged/],
  ])('that is none is refused in one line, case %#', (value, problem) => {
    expect(() => parseRecipe(value, 'page.html')).toThrow(problem);
  });
});
