import { expect, it } from 'vitest';
import type { ModelInfo } from '../../core/api/models.ts';
import { type Asked, askedOf, problemsOf, questionOf, runsAlike } from './asked.ts';
import { type ModelDraft, modelDraft, type RunDraft } from './draft.ts';
import { HERE } from './place.ts';
import { firstScaling, firstSearch, type ScalingDraft } from './searches.ts';
import { variedOf } from './vary.ts';

const model = (id: string) =>
  ({
    ...{ id, title: id.toUpperCase(), kind: 'trained', task: 'next-item', presets: {}, essentials: [] },
    groups: {
      dim: 'model',
      blocks: 'model',
      heads: 'model',
      dropout: 'model',
      trainUsers: 'training',
      split: 'protocol',
    },
    configSchema: {
      properties: {
        ...{ dim: { type: 'integer', minimum: 1 }, blocks: { type: 'integer' } },
        ...{ dropout: { type: 'number', minimum: 0, maximum: 1 }, trainUsers: { type: 'number' } },
      },
    },
  }) as unknown as ModelInfo;

const draftOf = (models: ModelDraft[], changes: Partial<RunDraft> = {}): RunDraft => ({
  ...{
    dataset: 'club',
    models,
    shared: {},
    texts: {},
    problems: 0,
    search: firstSearch,
    scaling: firstScaling,
  },
  ...{ seeds: '1-2', device: 'auto', threads: '', where: HERE, name: '', tags: '', project: '' },
  ...changes,
});

const statesOf = ({ models }: RunDraft) =>
  models.map((draft) => ({
    ...{ draft, info: model(draft.model), plain: {}, problem: null, sources: {} },
    resolved: { dim: 64, blocks: 2, dropout: 0.2, trainUsers: 1, ...draft.overrides },
  }));

function found(draft: RunDraft) {
  const states = statesOf(draft);
  const problems = problemsOf(draft, states);
  return { problems, asked: askedOf(draft, states, problems) };
}

const sasrec: ModelDraft = { ...modelDraft('sasrec'), overrides: { dropout: 0.5, dim: 8 } };
const varied: ModelDraft = {
  ...sasrec,
  vary: { dropout: variedOf('0.1, 0.2'), dim: { ...variedOf('8, 16'), on: false } },
};
const scaling = (changes: Partial<ScalingDraft>) => ({ scaling: { ...firstScaling, ...changes } });
const several = (...values: string[]) => ({ on: true, values });
const request = (asked: Asked | null) => asked?.studies[0].request;

it('makes the request of a sweep: what is varied is not fixed as well, and what is fixed again is', () => {
  const { asked } = found(draftOf([varied]));
  expect(request(asked)).toEqual({
    ...{ kind: 'sweep', dataset: 'club', model: 'sasrec', device: 'auto', seeds: [1, 2] },
    ...{ search: 'grid', trials: 20, draw: 1, overrides: { dim: 8 } },
    vary: [{ key: 'dropout', values: '0.1, 0.2' }],
  });
  expect(asked?.studies[0].name).toBe('sasrec-club-sweep');
  const drawn = found(
    draftOf([varied], { search: { ...firstSearch, by: 'random', trials: '7', draw: '3' } }),
  );
  expect(request(drawn.asked)).toMatchObject({ search: 'random', trials: 7, draw: 3 });
  // Proposed or stopped early, each trial has one seed, and the best have all.
  const early = { ...firstSearch, by: 'tpe', trials: '40', asha: '3', unimproved: '15' } as const;
  expect(request(found(draftOf([varied], { seeds: '1-3', search: early })).asked)).toMatchObject({
    ...{ search: 'tpe', seeds: [1], asha: { min: 3, eta: 3 }, stop: { unimproved: 15 } },
    finalists: { trials: 3, seeds: [1, 2, 3] },
  });
  expect(request(drawn.asked)).not.toHaveProperty('finalists');
});

it('makes a sweep of every model with something varied, and runs of the others', () => {
  const { asked } = found(draftOf([varied, modelDraft('hstu')], { name: 'n' }));
  expect(asked?.studies.map(({ name }) => name)).toEqual(['n-sasrec']);
  expect(asked?.runs).toMatchObject([{ model: 'hstu', name: 'n-hstu', seeds: [1, 2] }]);
});

it('makes the request of a law, of the size and the share that a run has where only the other is varied', () => {
  const both = { sizes: several('16x2', '32x2x4'), shares: several('100', '12.5') };
  expect(request(found(draftOf([sasrec], scaling(both))).asked)).toEqual({
    ...{ kind: 'law', dataset: 'club', model: 'sasrec', device: 'auto', seeds: [1, 2] },
    ...{ overrides: { dropout: 0.5 }, sizes: ['16x2', '32x2x4'], shares: [0.125, 1] },
  });
  const shares = request(found(draftOf([sasrec], scaling({ shares: both.shares }))).asked);
  expect(shares).toMatchObject({ sizes: ['8x2'], shares: [0.125, 1] });
  const less = { ...sasrec, overrides: { trainUsers: 0.5 } };
  const sizes = request(found(draftOf([less], scaling({ sizes: both.sizes }))).asked);
  expect(sizes).toMatchObject({ shares: [0.5], overrides: {} });
});

it('says of a model with a width and a depth that no study takes it, and of another that it has none', () => {
  const lacking = (changes: Partial<ModelInfo>) => {
    const draft = draftOf([sasrec], scaling({ sizes: several('16x2', '32x2x4') }));
    const states = statesOf(draft).map((state) => ({ ...state, info: { ...state.info, ...changes } }));
    return problemsOf(draft, states).scaling.sizes;
  };
  expect(lacking({ title: 'Brew', kind: 'language', task: 'language' })).toBe(
    'Brew is not scaled by studies: they take models that are trained by steps to rank all items',
  );
  expect(lacking({ title: 'BPR-MF', groups: { dim: 'model', trainUsers: 'training' } })).toBe(
    'BPR-MF has no width and depth to scale',
  );
});

it('makes the request of base and Large with what all models share', () => {
  const draft = draftOf([modelDraft('hstu'), sasrec], {
    shared: { split: 'users' },
    ...scaling({ blocks: several('1', '4') }),
  });
  expect(request(found(draft).asked)).toEqual({
    ...{ kind: 'base-large', dataset: 'club', device: 'auto', seeds: [1, 2], overrides: { split: 'users' } },
    ...{ models: ['sasrec', 'hstu'], settings: 'ml-1m', blocks: [1, 4] },
  });
});

it('says under its field what is wrong, and asks for nothing then', () => {
  const wrong = (draft: RunDraft) => {
    const { problems, asked } = found(draft);
    expect(asked).toBeNull();
    return [...problems.vary, problems.search, problems.scaling].flatMap(Object.entries);
  };
  const ONE = 'One value varies nothing: add another, or press Fix';
  expect(wrong(draftOf([{ ...sasrec, vary: { dropout: variedOf('0.1, 1.5') } }]))).toEqual([
    ['dropout', '1.5 is not possible: Enter 1 or less'],
  ]);
  expect(
    wrong(draftOf([varied], { search: { ...firstSearch, by: 'random', trials: '0', draw: 'x' } })),
  ).toEqual([
    ['trials', 'Enter a whole number from 1 to 1,000'],
    ['draw', expect.stringContaining('Enter a whole number from 0')],
  ]);
  const law = (changes: Partial<ScalingDraft>, models = [sasrec]) => wrong(draftOf(models, scaling(changes)));
  expect(law({ sizes: several('16x2') })).toEqual([['sizes', ONE]]);
  expect(law({ sizes: several('16x2', 'abc') })).toEqual([
    ['sizes', expect.stringContaining('"abc" is no size') as string],
  ]);
  expect(law({ shares: several('0', '50') })).toEqual([
    ['shares', 'Enter percentages above 0 and up to 100'],
  ]);
  expect(law({ sizes: several('16x2', '32x2') }, [sasrec, modelDraft('hstu')])).toEqual([
    ['sizes', 'A study scales one model: remove the others'],
  ]);
  expect(law({ sizes: several('16x2', '32x2') }, [varied])).toEqual([
    ['sizes', 'A study varies nothing else: press Fix at dropout'],
  ]);
  expect(law({ blocks: several('8', '2') })).toEqual([
    ['blocks', 'Enter two whole numbers, the larger one last: 2, 8'],
  ]);
  expect(law({ blocks: several('2', '8') }, [modelDraft('ease')])).toEqual([
    ['blocks', 'EASE has no published base and Large: remove it'],
  ]);
});

it('asks for nothing, and says nothing of sizes, while no model is chosen', () => {
  const both = { sizes: several('16x2', '32x2'), shares: several('25', '50') };
  for (const changes of [both, { blocks: several('1', '2') }])
    expect(found(draftOf([], scaling(changes)))).toMatchObject({ problems: { scaling: {} }, asked: null });
});

it('is what was varied last asked for, and plain runs once all is fixed again', () => {
  expect(questionOf(draftOf([varied]))).toBe('sweep');
  const fixed = { ...varied, vary: { dropout: { ...variedOf('1, 2'), on: false } } };
  expect(questionOf(draftOf([fixed]))).toBe('runs');
  expect(found(draftOf([fixed])).asked?.runs[0].overrides).toEqual({ dropout: 0.5, dim: 8 });
});

it('asks how long some of many trials take, and counts all of them', () => {
  const { asked } = found(draftOf([varied]));
  const trials = Array.from({ length: 100 }, (_, at) => ({ dropout: at / 100 }));
  const plan = {
    trials,
    proposed: false,
    rungs: [],
    runs: 200,
    metric: 'valid/ndcg@10',
    problem: null,
  } as const;
  const alike = asked ? runsAlike(asked.studies[0], plan) : [];
  expect(alike).toHaveLength(12);
  expect(alike.reduce((sum, { count }) => sum + count, 0)).toBe(200);
  expect(alike[0].request.overrides).toMatchObject({ dim: 8, dropout: expect.any(Number) as number });
});
