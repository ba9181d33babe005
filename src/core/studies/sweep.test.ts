import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricDirection } from '../evaluation/metrics-table.ts';
import { findModel, models } from '../families/registry.ts';
import type { SweepQuestion } from '../store/home/study-spec.ts';
import { evaluationKeys, protocolFields } from '../training/config.ts';
import { studySpecSchema } from './study.ts';
import { rankingMetric, requireComparable, sweepTrials } from './sweep.ts';

const question = (vary: Record<string, string>, more: Partial<SweepQuestion> = {}): SweepQuestion => ({
  search: 'grid',
  vary: Object.entries(vary).map(([key, values]) => ({ key, values })),
  trials: 20,
  draw: 1,
  ...more,
});
const whole = (key: string) => key === 'dim';
const random = { search: 'random' } as const;

describe('a grid', () => {
  it('has every combination of the values once, the last key changing fastest', () => {
    const trials = sweepTrials(
      question({ dim: '16, 32', loss: 'bce,full-softmax', affine: 'true,false' }),
      whole,
    );
    expect(trials).toHaveLength(8);
    expect(trials.slice(0, 3)).toEqual([
      { dim: 16, loss: 'bce', affine: true },
      { dim: 16, loss: 'bce', affine: false },
      { dim: 16, loss: 'full-softmax', affine: true },
    ]);
    expect(sweepTrials(question({ widths: '["64,32", "32"]' }), whole)).toEqual([
      { widths: '64,32' },
      { widths: '32' },
    ]);
  });

  it('is as large as the product of the lists, whatever they are', () => {
    const lists = fc.array(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(lists, (values) => {
        const vary = Object.fromEntries(values.map((list, at) => [`key${at}`, list.join(',')]));
        const trials = sweepTrials(question(vary), whole);
        expect(trials).toHaveLength(values.reduce((product, list) => product * list.length, 1));
        expect(new Set(trials.map((trial) => JSON.stringify(trial))).size).toBe(trials.length);
      }),
    );
  });
});

describe('a random search', () => {
  const bounds = fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), fc.boolean());

  it('draws different trials within their ranges, the same ones by one seed, fewer being the first of more', () => {
    fc.assert(
      fc.property(bounds, fc.nat(), fc.integer({ min: 2, max: 30 }), ([low, width, log], draw, trials) => {
        const text = `${log ? 'log:' : ''}${low}..${low + width}`;
        const asked = question({ dim: text, rate: text, loss: 'bce,ce' }, { ...random, draw, trials });
        const drawn = sweepTrials(asked, whole);
        expect(sweepTrials(asked, whole)).toEqual(drawn);
        expect(sweepTrials({ ...asked, trials: trials - 1 }, whole)).toEqual(drawn.slice(0, -1));
        expect(new Set(drawn.map((trial) => JSON.stringify(trial))).size).toBe(trials);
        for (const { dim, rate } of drawn) {
          expect(Number.isInteger(dim)).toBe(true);
          for (const value of [dim, rate]) {
            expect(value).toBeGreaterThanOrEqual(low);
            expect(value).toBeLessThanOrEqual(low + width);
          }
        }
      }),
    );
  });

  it('takes every power of ten as often as the next on a log range, and all whole numbers alike on a plain one', () => {
    const many = { ...random, trials: 1000 };
    const rates = sweepTrials(question({ rate: 'log:1e-4..1' }, many), whole).map(({ rate }) => Number(rate));
    for (const power of [-4, -3, -2, -1]) {
      const within = rates.filter((rate) => rate >= 10 ** power && rate < 10 ** (power + 1)).length;
      expect(within).toBeGreaterThan(200);
      expect(within).toBeLessThan(300);
    }
    const dims = sweepTrials(question({ dim: '1..4', rate: '0..1' }, many), whole).map(({ dim }) => dim);
    for (const dim of [1, 2, 3, 4]) expect(dims.filter((one) => one === dim).length).toBeGreaterThan(200);
  });

  it('finds all there are, and says where there are no more', () => {
    const few = (trials: number) =>
      sweepTrials(question({ dim: '1..3', loss: 'a,b' }, { ...random, trials }), whole);
    expect(few(6)).toHaveLength(6);
    expect(() => few(7)).toThrow('these settings make 6 different trials');
  });
});

it.each([
  [question({ dim: '1..4' }), 'a grid has no ranges'],
  [question({ rate: '4..1' }, random), 'the range 4..1 runs backwards: write 1..4'],
  [question({ rate: 'log:0..1' }, random), 'needs numbers above 0'],
  [question({ rate: 'log:1,2' }, random), 'is no range'],
  [question({ dim: '1..2.5' }, random), 'it is a whole number'],
  [question({ rate: '1,2,1.0' }), '1 is listed twice'],
  [question({ rate: '1,,2' }), 'write its values'],
  [question({ a: '1..2' }, { ...random, trials: 1001 }), 'at most 1,000 trials, not 1,001'],
  [
    question({ a: '[1,2]', b: Array.from({ length: 501 }, (_, at) => at).join(',') }),
    'at most 1,000 trials, not 1,002',
  ],
  [{ ...question({}), vary: ['1', '2'].map((values) => ({ key: 'a', values })) }, 'it is varied twice'],
])('is refused in one line: %#', (asked, line) => {
  expect(() => sweepTrials(asked, whole)).toThrow(line);
});

it('ranks by what is held out for it and measured alike', () => {
  const by = (model: string, config: Record<string, unknown>) => rankingMetric(findModel(model), config);
  expect(by('sasrec', { selection: 'valid/mrr' })).toBe('valid/mrr');
  expect(by('sasrec', {})).toBe('valid/ndcg@10');
  expect(by('dlrm', { selection: 'final-epoch' })).toBe('valid/logloss');
  expect(by('rq-vae', { selection: 'ids/collision-rate' })).toBe('ids/collision-rate');
  expect(() => by('sasrec', { protocol: 'paper', selection: 'test/ndcg@10' })).toThrow('validation');
  const refusals: Record<string, string[]> = {
    sasrec: ['historyFilter', 'protocol', 'selection', 'coldItems'],
    dlrm: ['labels', 'split', 'selection'],
    'rq-vae': ['levels', 'codes', 'selection'],
    tiger: ['beams', 'validationUsers', 'validationBeams'],
    brew: [
      'vocabulary',
      'tokenizer',
      'template',
      'shots',
      'context',
      'likeFrom',
      'startFrom',
      'heldOutUsers',
    ],
  };
  for (const [model, keys] of Object.entries(refusals)) {
    const refuses = (key: string) => () =>
      requireComparable(findModel(model), question({ [key]: 'a,b', epochs: '1,2' }));
    for (const key of keys) expect(refuses(key), key).toThrow('trials would not be comparable');
    for (const key of ['learningRate', 'dropout']) expect(refuses(key), key).not.toThrow();
  }
});

it.each(models)('knows what the watched metric of $id depends on', ({ watched, configSchema }) => {
  const keys = Object.keys(configSchema.shape);
  const declared = watched.dependsOn.filter((key) => keys.includes(key));
  expect(watched.dependsOn).not.toEqual([]);
  const known = models.flatMap((model) => Object.keys(model.configSchema.shape));
  expect(watched.dependsOn.filter((key) => !known.includes(key))).toEqual([]);
  expect(metricDirection(watched.metric)).not.toBe('none');
  // What such a name says is held out, drawn for an evaluation or counted otherwise.
  const suspicious = keys.filter((key) =>
    /valid|test|heldOut|split|label|likeFrom|unseen|selection/i.test(key),
  );
  const measured = keys.filter((key) => key in protocolFields || evaluationKeys.some((one) => one === key));
  expect([...suspicious, ...measured].filter((key) => !declared.includes(key))).toEqual([]);
});

it('leaves the specs of studies from before there were sweeps as they are', () => {
  const spec = {
    model: 'sasrec',
    overrides: { loss: 'full-softmax' },
    sizes: [{ label: '16x2', config: { dim: 16, blocks: 2 } }],
    shares: [0.5, 1],
    seeds: [1],
    dataset: { id: 'd', name: 'd', fingerprint: 'f' },
    device: 'auto',
    threads: 2,
  };
  expect(studySpecSchema.parse(spec)).toEqual(spec);
  expect(studySpecSchema.parse({ ...spec, kind: 'base-large' }).kind).toBe('base-large');
});
