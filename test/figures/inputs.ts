/** Made-up inputs for every figure: seeded, so that they are the same each time. */
import {
  type ComparedRow,
  type ComparisonView,
  metricColumn,
  type ReliabilityCurve,
  type SliceGroup,
} from '../../src/core/api/compare.ts';
import type { Activity } from '../../src/core/api/datasets.ts';
import type { LadderQuestion } from '../../src/core/api/language.ts';
import type { StudyLaw, StudyPoint, SweepTrial } from '../../src/core/api/studies.ts';
import { codeUseFigure, sizesFigure } from '../../src/core/documents/codebook/figures.ts';
import { differencesFigure } from '../../src/core/documents/comparison/sections/figures.ts';
import { costFigure, depthWidthFigure, stepFigure } from '../../src/core/documents/study/figures.ts';
import { lawFigure } from '../../src/core/documents/study/law-figure.ts';
import { settingFigure } from '../../src/core/documents/study/sweep-figures.ts';
import { curveFigure } from '../../src/core/figures/curve-figure.ts';
import { meanCurve, type NamedSeries } from '../../src/core/figures/curves.ts';
import type { ChartColours, FigureSpec } from '../../src/core/figures/spec.ts';
import { reliabilityFigure } from '../../src/renderer/runs/comparison/reliability-figure.ts';
import { shareFigures } from '../../src/renderer/runs/comparison/share-figures.ts';
import { originFigure } from '../../src/renderer/runs/comparison/slice-figures.ts';
import { timelineFigures } from '../../src/renderer/screens/codebooks/quality/figures.ts';
import { coldStartFigure, scatterFigure } from '../../src/renderer/screens/compare/figures.ts';
import { activityFigure, countsFigure } from '../../src/renderer/screens/datasets/figures.ts';
import { bestSoFarFigure } from '../../src/renderer/screens/home/figures.ts';
import { shotsFigure } from '../../src/renderer/screens/language/figures.ts';
import { stagesFigure } from '../../src/renderer/screens/language/stages.ts';
import { COLOURS, INKS, MODELS, numbersFrom } from './made.ts';

/** A metric that rises, or a loss that falls, over so many epochs. */
function series(id: string, seed: number, { epochs = 40, falls = false, gap = false } = {}): NamedSeries {
  const next = numbersFrom(seed);
  const at = Array.from({ length: epochs }, (_, epoch) => epoch + 1);
  const level = 0.05 + 0.02 * next();
  return {
    id,
    label: id,
    colour: INKS[seed % INKS.length],
    steps: at.map((epoch) => 240 * epoch),
    epochs: at,
    times: at.map((epoch) => 21_000 * epoch),
    values: at.map((epoch) => {
      if (gap && epoch > 12 && epoch < 18) return Number.NaN;
      const share = 1 - Math.exp(-epoch / 9);
      return falls ? 9 - 3 * share + 0.1 * next() : level * share + 0.002 * next();
    }),
  };
}

const epochs = { axis: 'epoch', smoothing: 0, logarithmic: false } as const;

function curves(): FigureSpec[] {
  const best = { ...series('validation', 3), chosen: 29 };
  const loss = series('training', 5, { epochs: 30, falls: true, gap: true });
  const panel = (title: string, all: NamedSeries[]) => ({ title, fileName: title, series: all });
  const seeds = [series('seed 1', 1), series('seed 2', 7)];
  const many = ['one', 'two', 'three', 'four', 'five', 'six'].map((name, at) => series(name, 11 + at));
  const look = { view: epochs, all: [best, loss], range: null };
  return [
    curveFigure(panel('Metric with its best epoch, the future hatched', [best]), { ...look, planned: 60 }),
    curveFigure(panel('Loss with a gap, smoothed', [loss]), {
      ...look,
      view: { ...epochs, smoothing: 0.05 },
    }),
    curveFigure(panel('Zoomed, logarithmic, by minutes', [loss]), {
      view: { axis: 'time', smoothing: 0, logarithmic: true },
      all: [loss],
      range: { from: 100_000, to: 400_000 },
    }),
    curveFigure(
      {
        ...panel('Mean of seeds with its band', seeds),
        levels: [{ id: 'pop', label: 'Popularity', colour: 'muted', value: 0.03 }],
      },
      {
        view: epochs,
        all: seeds,
        range: null,
        combine: (all) => [meanCurve(all, { id: 'mean', label: 'sasrec, 2 seeds', colour: INKS[1] })],
      },
    ),
    curveFigure(panel('Six lines named at their ends', many), { view: epochs, all: many, range: null }),
    curveFigure(
      panel('Below one epoch', [
        { ...series('training', 5, { epochs: 5, falls: true }), epochs: [0.1, 0.2, 0.3, 0.4, 0.5] },
      ]),
      {
        view: epochs,
        all: [{ ...series('training', 5, { epochs: 5 }), epochs: [0.1, 0.2, 0.3, 0.4, 0.5] }],
        range: null,
      },
    ),
  ];
}

/** Two rows whose means are the sums of what three slices add. */
function originsOf(chart: ChartColours): FigureSpec[] {
  const values = [
    [0.1, 0.04, 0.02],
    [0.06, 0.05, 0.01],
  ];
  const users = [500, 300, 200];
  const column = metricColumn('test/ndcg@10');
  const view = {
    columns: [column],
    rows: values.map((own, at) => {
      const mean = own.reduce((sum, value, slice) => sum + (value * users[slice]) / 1000, 0);
      return { id: MODELS[at], name: MODELS[at], cells: [{ mean }] } as ComparedRow;
    }),
  } as ComparisonView;
  const lines = ['head', 'torso', 'tail'].map((slice, at) => ({
    ...{ key: slice, slice, unit: 'users' },
    cells: values.map((own) => ({ value: own[at], users: users[at] })),
  }));
  const group = { by: 'item popularity', title: 'By popularity of the item', lines } as SliceGroup;
  const inks = new Map(MODELS.map((model, at) => [model, chart.palette[INKS[at]] ?? chart.trivial]));
  const spec = originFigure(view, group, column, inks, chart);
  return spec ? [spec] : [];
}

function comparisons(chart: ChartColours): FigureSpec[] {
  const next = numbersFrom(21);
  const difference = (id: string) => {
    const middle = id === 'popularity' ? -0.2 : 0.02 * (next() - 0.4);
    return { id, name: `${id}-beauty`, difference: middle, low: middle - 0.006, high: middle + 0.006 };
  };
  const SLICES = ['head', 'torso', 'tail'];
  const words = { fileName: 'difference', description: 'Differences to the baseline' };
  const bars = SLICES.flatMap((slice) =>
    MODELS.map((id) => {
      const value = 0.02 + 0.05 * next();
      return { id, name: `${id}-beauty`, slice, value, low: value - 0.004, high: value + 0.004 };
    }),
  );
  const field = (id: string, label: string, values: number[]) => ({ id, label, values });
  const rows = MODELS.map(
    (id, at) => ({ id, name: `${id}-beauty`, protocol: at > 2 ? 1 : 0 }) as ComparedRow,
  );
  const view = {
    rows,
    protocols: [{ label: 'leave-last-out' }, { label: 'split by time' }],
  } as ComparisonView;
  const time = field('seconds', 'Time (s)', [340, 910, 2, 1_500]);
  return [
    differencesFigure({
      ...words,
      title: 'Differences',
      points: MODELS.map((id) => difference(id)),
      colours: COLOURS,
      sign: 1,
    }),
    ...originsOf(chart),
    coldStartFigure(
      'AUC by training rows of the item',
      bars.map((bar) => ({ ...bar, representation: bar.id, rows: 100 })),
      COLOURS,
    ),
    scatterFigure(view, [time, field('ndcg', 'NDCG@10', [0.046, 0.056, 0.012, 0.051])], true, COLOURS),
  ];
}

function studies(): FigureSpec[] {
  const next = numbersFrom(31);
  const sizes = [864, 3_264, 12_672, 49_920];
  const law = (fixed: string, lift: number): StudyLaw => {
    const of = (x: number) => 6 + lift + 110 * x ** -0.7;
    const grid = Array.from({ length: 30 }, (_, at) => 800 * 1.3 ** at).filter((x) => x < 200_000);
    return {
      axis: 'parameters',
      metric: 'cross-entropy',
      guess: 7.43,
      fixed,
      points: sizes.map((x, at) => ({ x, y: of(x) + 0.02 * next(), label: `${8 * 2 ** at}x2` })),
      fit: null,
      curve: grid.map((x) => ({ x, y: of(x), low: of(x) - 0.05, high: of(x) + 0.05 })),
      heldOut: {
        x: 198_144,
        label: '128x2',
        measured: 6.04,
        predicted: of(198_144),
        interval: [of(198_144) - 0.08, of(198_144) + 0.08],
        inside: true,
      },
      problems: [],
    };
  };
  const cells = [1, 2, 4].flatMap((depth) =>
    [16, 32, 64].map((width) => ({
      label: `${width}x${depth}`,
      width,
      depth,
      nonEmbedding: 12 * depth * width * width,
      crossEntropy: 7 - 0.2 * Math.log(depth * width) + 0.05 * next(),
      ndcg: 0.05,
    })),
  );
  const points = [1, 0.5].flatMap((share) =>
    sizes.map(
      (_, at) =>
        ({
          share,
          label: `${8 * 2 ** at}x2`,
          seconds: 40 * 3 ** at * share,
          ndcg: 0.03 + 0.02 * at * share,
        }) as StudyPoint,
    ),
  );
  const trial = (at: number): SweepTrial =>
    ({
      number: at + 1,
      rank: at === 4 ? 1 : at === 0 ? 2 : null,
      value: { mean: 0.04 + 0.02 * next() },
      settings: { learningRate: 10 ** (-4 + 2 * next()), activation: ['gelu', 'relu', 'silu'][at % 3] },
    }) as unknown as SweepTrial;
  const trials = Array.from({ length: 9 }, (_, at) => trial(at));
  return [
    lawFigure([law('100 % of the users', 0), law('50 % of the users', 0.3)]),
    ...[costFigure(points), depthWidthFigure({ share: 1, cells }, 'cross-entropy')].filter(
      (spec) => spec !== null,
    ),
    stepFigure('Ours, club', 'NDCG@10', [
      { model: 'sasrec', base: 0.041, large: 0.043, percent: 4.9 },
      { model: 'hstu', base: 0.044, large: 0.052, percent: 18.2 },
    ]),
    settingFigure(
      { key: 'learningRate', label: 'Learning rate', log: true },
      trials,
      { metric: 'valid/ndcg@10' },
      INKS[0],
    ),
    settingFigure(
      { key: 'activation', label: 'Activation', log: false },
      trials,
      { metric: 'valid/ndcg@10' },
      INKS[0],
    ),
  ];
}

function others(): FigureSpec[] {
  const next = numbersFrom(41);
  const month = (at: number) => Date.UTC(2017, at, 1) / 1000;
  const activity = {
    bin: 'month',
    bins: Array.from({ length: 18 }, (_, at) => {
      const users = Math.round(40 + 300 * next());
      return { from: month(at), users, newUsers: Math.round(users * next()), interactions: 9 * users };
    }),
  } as Activity;
  const bins = [0, 3, 40, 120, 260, 410, 300, 90, 20, 4];
  const reliability = ['by-hash', 'by-id'].map((name, at) => ({
    id: name,
    name,
    colour: INKS[at],
    task: 'click',
    rows: 900,
    expected: 0.02,
    maximum: 0.1,
    bins: Array.from({ length: 8 }, (_, index) => {
      const meanProbability = (index + 0.5) / 10;
      return { index, count: 100, meanProbability, meanLabel: meanProbability + 0.1 * (next() - 0.5) };
    }),
  })) as (ReliabilityCurve & { name: string; colour: number })[];
  const timeline = {
    collapse: 4,
    moments: Array.from({ length: 9 }, (_, at) => ({
      step: 500 * (at + 1),
      epoch: at + 1,
      collisionRate: 0.4 - 0.03 * at,
      levels: [0, 1, 2].map((level) => ({
        usage: Math.min(1, 0.3 + 0.08 * at + 0.05 * level),
        perplexity: (at === 4 ? 0.6 : 1) * (40 + 20 * at + 8 * level),
        changed: at === 0 ? null : 0.4 / at,
      })),
    })),
  } as Parameters<typeof timelineFigures>[1];
  const ended = (at: number) => new Date(2026, 0, 5, 9 + at, 30).getTime();
  const board = MODELS.map((model, at) => ({
    model,
    name: `${model}-club`,
    endedAt: ended(at),
    seeds: 1,
    valid: 0.05 + 0.01 * ((3 * at) % 4),
    metrics: { 'test/ndcg@10': { mean: 0.03 + 0.01 * ((3 * at) % 4), std: null, count: 1 } },
  })) as unknown as Parameters<typeof bestSoFarFigure>[2];
  const hiding = ['tiger', 'liger', 'sasrec'].map((name, at) => ({
    id: name,
    name,
    colour: INKS[at],
    metrics: {
      'test/cold-hr@10': 0.01 * (at + 1),
      'test/hr@10': 0.06,
      ...(at === 2
        ? {}
        : Object.fromEntries(
            [0, 20, 50, 100].flatMap((share) => [
              [`test/cold-hr-by-share@${share}`, 0.0004 * share * (at + 1)],
              [`test/hr-by-share@${share}`, 0.06 - 0.0002 * share],
            ]),
          )),
    },
  }));
  const shots = [0, 4, 16, 64].map((count, at) => ({
    shots: count,
    meanShown: 0.8 * count,
    figures: { auc: 0.6 + 0.04 * at, interval: [0.57 + 0.04 * at, 0.63 + 0.04 * at] },
  })) as unknown as Parameters<typeof shotsFigure>[0];
  return [
    bestSoFarFigure('club', 'test/ndcg@10', board),
    activityFigure(activity, 'club'),
    countsFigure({
      title: 'Sequence length',
      of: 'users',
      unit: 'interactions of a user',
      bins,
      fileName: 'length',
    }),
    reliabilityFigure(reliability),
    ...timelineFigures('ids', timeline, 3_000),
    codeUseFigure('ids', [bins, bins.map((count) => count / 2)]),
    sizesFigure(
      'ids',
      [2, 3, 4, 7].map((size, at) => ({ size, buckets: 4 ** (5 - at) })),
      INKS[4],
    ),
    ...shareFigures(hiding),
    shotsFigure(shots, INKS[1]),
    stages(),
  ];
}

/** Three stages of which one was not measured, beside models close to each other. */
function stages(): FigureSpec {
  const run = (id: string, place: number | null, from: string | null = null) => ({
    ...{ id, name: id, model: MODELS[id.length % MODELS.length], title: `Model ${id}`, from, place },
    ...{ epochs: 1, seconds: 60, status: 'completed' as const },
  });
  const row = (id: string, value: number, before: string | null = null) => ({
    ...{ run: id, value, before, interval: [value - 0.01, value + 0.01] as [number, number] },
    ...{ toBefore: null, toTarget: null },
  });
  const question: LadderQuestion = {
    ...{ question: 'like', metric: 'test/auc', label: 'AUC', decimals: 4, target: 'c' },
    ...{ unit: 'rows', count: 2000, leftOut: 0, absent: [{ run: 'b', reason: 'not asked' }] },
    rows: [row('a', 0.52), row('c', 0.77, 'a'), row('dd', 0.78), row('eee', 0.79), row('f', 0.62)],
  };
  const runs = [
    run('a', 1),
    run('b', 2, 'a'),
    run('c', 3, 'b'),
    ...['dd', 'eee', 'f'].map((id) => run(id, null)),
  ];
  const ladder = { runs, dataset: 'club', questions: [question], next: [], pretrained: [] };
  return stagesFigure(ladder, question, (model) => INKS[Math.max(0, MODELS.indexOf(model))]);
}

/** Every figure of numbers, each with a title of its own. */
export const madeFigures = (chart: ChartColours): FigureSpec[] => [
  ...curves(),
  ...comparisons(chart),
  ...studies(),
  ...others(),
];
