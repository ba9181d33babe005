/** Models over the data sets of a plan: their average ranks, and what tests of these say. */
import { signOf } from '../../evaluation/metrics-table.ts';
import { FEWEST, friedman } from '../../evaluation/several-datasets.ts';
import { countText } from '../../names.ts';
import type { DocumentSection, PaperLook } from '../document.ts';
import { fixed, pValue } from '../format.ts';
import type { PaperBlock, PaperRow } from './blocks.ts';

/** What a test over data sets takes as one: the same interactions under two names are. */
const dataOf = ({ dataset, comparison }: PaperBlock) =>
  comparison.rows[0]?.runs[0].dataset?.fingerprint ?? dataset;

/** A table a split that several data sets have, of the models that all of them have; none where there are too few. */
export function rankSections(
  blocks: readonly PaperBlock[],
  rows: readonly PaperRow[],
  look: Pick<PaperLook, 'style' | 'label'> | null = null,
): DocumentSection[] {
  const bySplit = Map.groupBy(blocks, ({ split }) => split);
  return [...bySplit].flatMap(([split, all], place) => {
    // Another table of a data set is no further observation.
    const own = all.filter((one, at) => all.findIndex((other) => dataOf(other) === dataOf(one)) === at);
    const [column] = own[0].comparison.columns;
    const meanOf = ({ comparison, keys }: PaperBlock, key: string) => {
      const row = comparison.rows[keys.indexOf(key)];
      return row && row.unknown.length === 0 ? (row.cells[0].mean ?? Number.NaN) : Number.NaN;
    };
    const ranked = rows.filter(({ key }) => own.every((block) => Number.isFinite(meanOf(block, key))));
    if (!column || own.length < FEWEST.datasets || ranked.length < FEWEST.models) return [];
    const values = ranked.map(({ key }) => own.map((block) => meanOf(block, key)));
    const found = friedman(values, signOf(column.direction));
    const order = [...ranked.keys()].sort((a, b) => found.averageRanks[a] - found.averageRanks[b]);
    const [best] = order;
    const { chiSquare, df, p, f, criticalDifference } = found;
    const title = `Average rank in ${column.label} over ${countText(own.length, 'data set')} (${own.map(({ dataset }) => dataset).join(', ')}), ${split}`;
    const notes = [
      `Friedman: chi-square ${fixed(chiSquare, 2)} with ${df} degrees of freedom, p ${pText(p)}; Iman and Davenport: F ${fixed(f.value, 2)} with ${f.df.join(' and ')}, p ${pText(f.p)}; critical difference of Nemenyi at 0.05: ${fixed(criticalDifference, 2)}.`,
      ...(own.length < FEW_DATASETS
        ? [`${countText(own.length, 'data set')} are few: these tests find only what is very large.`]
        : []),
    ];
    return [
      {
        ...{ title, notes },
        table: {
          headings: ['Model', 'Average rank', `p, Nemenyi, against ${ranked[best].name}`],
          textColumns: 1,
          lines: order.map((at) => [
            ranked[at].name,
            fixed(found.averageRanks[at], 2),
            at === best ? '–' : pValue(found.pairs[best][at]),
          ]),
        },
        paper:
          look === null
            ? undefined
            : {
                ...{ ...look, setting: READABLE, notes: [], comments: [] },
                label: `${look.label}-ranks${place === 0 ? '' : place + 1}`,
                caption: `${title}. ${notes.join(' ')}`,
              },
      },
    ];
  });
}

/** Of a table of three columns. */
const READABLE = { size: 'small', gap: 6 } as const;

/** Demšar's rule of thumb for the chi-square of Friedman's test. */
const FEW_DATASETS = 10;

const pText = (p: number) => (p < 0.001 ? pValue(p) : `= ${pValue(p)}`);
