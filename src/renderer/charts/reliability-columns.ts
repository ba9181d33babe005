import type { CalibrationBin } from '../../core/api/compare.ts';
import { type Column, column, numeric } from '../components/columns.ts';
import { fixed, grouped } from '../format/format.ts';

export interface ReliabilityRow extends CalibrationBin {
  name: string;
}

/** Bins of reliability curves as a table. */
export const RELIABILITY_COLUMNS: readonly Column<ReliabilityRow>[] = [
  column('name', 'Run', ({ name }) => name),
  column('bin', 'Bin', ({ index }) => `${(index / 10).toFixed(1)} to ${((index + 1) / 10).toFixed(1)}`),
  numeric('rows', 'Rows', ({ count }) => grouped(count)),
  numeric('predicted', 'Predicted', ({ meanProbability }) => fixed(meanProbability, 4)),
  numeric('clicked', 'Clicked', ({ meanLabel }) => fixed(meanLabel, 4)),
];
