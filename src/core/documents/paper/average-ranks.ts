/** Models over the data sets of a plan: their average ranks, and what tests of these say. */
import { signOf } from '../../evaluation/metrics-table.ts';
import { FEWEST, friedman } from '../../evaluation/several-datasets.ts';
import { countText } from '../../names.ts';
import type { DocumentSection } from '../document.ts';
import { fixed, pValue } from '../format.ts';
import type { PaperBlock, PaperRow } from './blocks.ts';

/** A table a split that several data sets have, of the models that all of them have; none where there are too few. */
export function rankSections(blocks: readonly PaperBlock[], rows: readonly PaperRow[]): DocumentSection[] {
  const bySplit = Map.groupBy(blocks, ({ split }) => split);
  return [...bySplit].flatMap(([split, all]) => {
    // Another table of a data set is no further observation.
    const own = all.filter(({ dataset }, at) => all.findIndex((one) => one.dataset === dataset) === at);
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
    return [
      {
        title: `Average rank in ${column.label} over ${countText(own.length, 'data set')} (${own.map(({ dataset }) => dataset).join(', ')}), ${split}`,
        table: {
          headings: ['Model', 'Average rank', `p, Nemenyi, against ${ranked[best].name}`],
          textColumns: 1,
          lines: order.map((at) => [
            ranked[at].name,
            fixed(found.averageRanks[at], 2),
            at === best ? '–' : pValue(found.pairs[best][at]),
          ]),
        },
        notes: [
          `Friedman: chi-square ${fixed(chiSquare, 2)} with ${df} degrees of freedom, p ${pText(p)}; Iman and Davenport: F ${fixed(f.value, 2)} with ${f.df.join(' and ')}, p ${pText(f.p)}; critical difference of Nemenyi at 0.05: ${fixed(criticalDifference, 2)}.`,
          ...(own.length < FEW_DATASETS
            ? [`${countText(own.length, 'data set')} are few: these tests find only what is very large.`]
            : []),
        ],
      },
    ];
  });
}

/** Demšar's rule of thumb for the chi-square of Friedman's test. */
const FEW_DATASETS = 10;

const pText = (p: number) => (p < 0.001 ? pValue(p) : `= ${pValue(p)}`);
