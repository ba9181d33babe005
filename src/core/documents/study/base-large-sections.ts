import { exactWords } from '../comparison/rows/footnotes.ts';
import { markedText, publishedNotes, publishedTitle } from '../comparison/sections/published.ts';
import { type DocumentFigure, type DocumentSection, figure } from '../document.ts';
import { duration, fixed, grouped, pValue, signed } from '../format.ts';
import type { BaseLarge, PublishedSteps, Step } from './base-large.ts';
import { type DrawnStep, stepFigure } from './figures.ts';

const SHOWN = 'test/ndcg@10';

const stepTexts = ({ base, large, change, percent }: Step, decimals: number) => [
  fixed(base, decimals),
  fixed(large, decimals),
  signed(change, decimals),
  signed(percent, 1),
];

/** Ours with the tests, the sizes, and every published step; what cannot be compared stands under its table. */
export function baseLargeSections(found: BaseLarge, dataset: string): DocumentSection[] {
  const { columns, models, published } = found;
  const tests = models.flatMap(({ cells }) => cells.flatMap(({ significance }) => significance ?? []));
  return [
    {
      title: 'Do they get better when they get larger?',
      table: {
        headings: ['Model', 'Metric', 'Base', 'Large', 'Change', '%', 'Low 95 %', 'High 95 %', 'p, Holm'],
        textColumns: 2,
        lines: models.flatMap(({ model, cells }) =>
          columns.map(({ label, decimals }, at) => {
            const { significance } = cells[at];
            const [low, high] = significance?.interval ?? [null, null];
            return [
              model,
              label,
              ...stepTexts(cells[at], decimals),
              signed(low, decimals),
              signed(high, decimals),
              pValue(significance?.holm),
            ];
          }),
        ),
      },
      figures: slopeFigures(found, dataset),
      notes: [
        'Large against base of each model, paired over users (mean over seeds first); interval: BCa bootstrap; p: two-sided, ' +
          `paired t${exactWords(tests)}, Holm-adjusted over the models of a metric.`,
      ],
    },
    {
      title: 'Sizes',
      table: {
        headings: ['Model', 'Side', 'Blocks', 'Parameters', 'Time', 'Seeds'],
        textColumns: 2,
        lines: models.flatMap(({ model, ...sides }) =>
          (['base', 'large'] as const).map((role) => {
            const { blocks, parameters, seconds, runs } = sides[role];
            return [
              model,
              role === 'base' ? 'base' : 'Large',
              String(blocks ?? '–'),
              grouped(parameters),
              duration(seconds),
              String(runs.length),
            ];
          }),
        ),
      },
    },
    ...published.map(publishedSection),
  ];
}

/** One figure for our data set, and one for every published one that says something: a model of several alone has no rank. */
function slopeFigures({ columns, models, published }: BaseLarge, dataset: string): DocumentFigure[] {
  const stepOf = (model: string, cells: readonly Step[] = [], of: readonly { name: string }[]): DrawnStep => {
    const {
      base = null,
      large = null,
      percent = null,
    } = cells[of.findIndex(({ name }) => name === SHOWN)] ?? {};
    return { model, base, large, percent };
  };
  const figures = [
    {
      title: `Ours, ${dataset}`,
      steps: models.map(({ model, cells }) => stepOf(model, cells, columns)),
    },
    ...published.map(({ columns: theirs, steps, source, dataset: name }) => ({
      title: `${source.split(',')[0]}, ${name}`,
      steps: models.map(({ model }) =>
        stepOf(model, steps.find((step) => step.model === model)?.cells, theirs),
      ),
    })),
  ];
  return figures.flatMap(({ title, steps }) => {
    const known = steps.filter(({ base, large }) => base !== null && large !== null);
    if (known.length < Math.min(2, steps.length)) return [];
    return figure(`NDCG@10 of base and Large: ${title}`, stepFigure(title, 'NDCG@10', steps));
  });
}

function publishedSection(published: PublishedSteps): DocumentSection {
  const { where, protocol, columns, steps } = published;
  return {
    title: publishedTitle(published),
    table: {
      headings: ['Model', 'Metric', 'Blocks', 'Base', 'Large', 'Change', '%'],
      textColumns: 3,
      lines: steps.flatMap(({ names, blocks, cells, marks }) =>
        columns.map(({ label, decimals }, at) => [
          markedText(names[0], marks),
          markedText(label, cells[at].marks),
          `${blocks[0]} → ${blocks[1]}`,
          ...stepTexts(cells[at], decimals),
        ]),
      ),
    },
    notes: [
      `Source: ${where}. Protocol: ${protocol}. Not tested: published results have no values of single users.`,
      ...publishedNotes(published),
    ],
  };
}
