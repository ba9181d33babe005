/** Base against Large as text: our tested results beside the published ones. */
import type { BaseLarge, ModelStep, PublishedSteps, Step } from '../../../core/reports/base-large.ts';
import { fixed, pValue, signed, signedRange } from '../../../core/reports/format.ts';
import { textTable } from '../terminal/text-table.ts';

const STEP = ['Base', 'Large', 'Change', '%'];

const stepCells = ({ base, large, change, percent }: Step, decimals: number) => [
  fixed(base, decimals),
  fixed(large, decimals),
  signed(change, decimals),
  signed(percent, 1),
];

/** The metric that published steps are shown in; reports have all of them. */
const SHOWN_METRIC = 'test/ndcg@10';

export function baseLargeText({ columns, models, published, warnings }: BaseLarge): string {
  const rows = columns.flatMap(({ label, decimals }, at) =>
    models.map(({ model, cells }: ModelStep) => {
      const { significance } = cells[at];
      const interval = signedRange(significance?.interval, decimals);
      return [label, model, ...stepCells(cells[at], decimals), interval, pValue(significance?.holm)];
    }),
  );
  const head = ['Metric', 'Model', ...STEP, '95 % interval', 'p t, Holm'];
  const parts = [textTable(head, rows, head.slice(2)), ...warnings.map((warning) => `Warning: ${warning}`)];
  return [...parts, publishedText(published)].filter((part) => part !== '').join('\n\n');
}

/** NDCG@10 of every published step, and what cannot be compared. */
function publishedText(published: readonly PublishedSteps[]): string {
  const notes: string[] = [];
  const note = (text: string) => {
    if (!notes.includes(text)) notes.push(text);
    return `[${notes.indexOf(text) + 1}]`;
  };
  const rows = published.flatMap(({ source, dataset, columns, steps, footnotes, remarks }) => {
    const at = columns.findIndex(({ name }) => name === SHOWN_METRIC);
    if (at < 0) return [];
    const general = remarks.map(note);
    return steps.map(({ names, blocks, cells, marks }) => [
      source,
      dataset,
      names[0],
      blocks.join(' → '),
      ...stepCells(cells[at], columns[at].decimals),
      [...[...marks, ...cells[at].marks].map((mark) => note(footnotes[mark - 1])), ...general].join(''),
    ]);
  });
  if (rows.length === 0) return '';
  const head = ['Published NDCG@10', 'Data set', 'Model', 'Blocks', ...STEP, 'Notes'];
  return [textTable(head, rows, STEP), ...notes.map((text, at) => `[${at + 1}] ${text}`)].join('\n');
}
