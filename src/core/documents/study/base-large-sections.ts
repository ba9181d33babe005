import { markedText, publishedNotes, publishedTitle } from '../comparison/published.ts';
import { type DocumentFigure, type DocumentSection, figure } from '../document.ts';
import { duration, fixed, grouped, pValue, signed } from '../format.ts';
import type { BaseLarge, PublishedSteps, Step } from './base-large.ts';
import { legend, type Slope, slopeChart } from './charts.ts';

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
  return [
    {
      title: 'Do they get better when they get larger?',
      table: {
        headings: ['Model', 'Metric', 'Base', 'Large', 'Change', '%', 'Low 95 %', 'High 95 %', 'p t, Holm'],
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
      legend: legend(models.map(({ model }) => model)),
      notes: [
        'Large against base of each model, paired over users (mean over seeds first); interval: BCa bootstrap; p: two-sided, ' +
          'Holm-adjusted over the models of a metric.',
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

/** One figure for our data set, and one for every published one. */
function slopeFigures({ columns, models, published }: BaseLarge, dataset: string): DocumentFigure[] {
  const slope = (cells: readonly Step[] = [], of: readonly { name: string }[]): Slope => {
    const { base = null, large = null } = cells[of.findIndex(({ name }) => name === SHOWN)] ?? {};
    return base === null || large === null ? null : [base, large];
  };
  const figures = [
    { title: `Ours, ${dataset}`, slopes: models.map(({ cells }) => slope(cells, columns)) },
    ...published.map(({ columns: theirs, steps, source, dataset: name }) => ({
      title: `${source.split(',')[0]}, ${name}`,
      slopes: models.map(({ model }) => slope(steps.find((step) => step.model === model)?.cells, theirs)),
    })),
  ];
  return figures.flatMap(({ title, slopes }) => {
    const caption = `NDCG@10 of base and Large: ${title}`;
    return figure(caption, slopeChart(caption, slopes));
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
