import type { CalibrationBin } from '../../core/api/compare.ts';
import type { Column } from '../components/data-table-types.ts';
import { fixed, grouped } from '../format/format.ts';

export interface ReliabilityRow extends CalibrationBin {
  name: string;
}

/** Bins of reliability curves as a table. */
export const RELIABILITY_COLUMNS: readonly Column<ReliabilityRow>[] = [
  { id: 'name', title: 'Run', text: ({ name }) => name },
  {
    id: 'bin',
    title: 'Bin',
    text: ({ index }) => `${(index / 10).toFixed(1)} to ${((index + 1) / 10).toFixed(1)}`,
  },
  { id: 'rows', title: 'Rows', numeric: true, text: ({ count }) => grouped(count) },
  {
    id: 'predicted',
    title: 'Predicted',
    numeric: true,
    text: ({ meanProbability }) => fixed(meanProbability, 4),
  },
  { id: 'clicked', title: 'Clicked', numeric: true, text: ({ meanLabel }) => fixed(meanLabel, 4) },
];
