import { useState } from 'react';
import type { LeaderboardRow } from '../../../core/api/compare.ts';
import { Figure } from '../../charts/Figure.tsx';
import { Select } from '../../components/controls.tsx';
import { useTheme } from '../../state/theme.ts';
import { bestSoFarFigure } from './figures.ts';

/** Configurations of one data set and protocol. */
export interface Progress {
  dataset: string;
  rows: readonly LeaderboardRow[];
}

const newest = ({ rows }: Progress) => Math.max(...rows.map(({ endedAt }) => endedAt ?? 0));

/** When each configuration of a data set was measured, and the test of the one that was best on validation items by then. */
export default function BestSoFar({ all }: { all: readonly Progress[] }) {
  const [chosen, choose] = useState('');
  const theme = useTheme((state) => state.theme);
  const byTime = all.toSorted((a, b) => newest(b) - newest(a));
  const { dataset, rows } = byTime.find((one) => one.dataset === chosen) ?? byTime[0];
  return (
    <Figure
      spec={bestSoFarFigure(dataset, rows, theme)}
      controls={
        all.length > 1 && (
          <Select
            aria-label="Data set of the chart"
            value={dataset}
            choices={all.map((one) => ({ value: one.dataset, label: one.dataset }))}
            onValue={choose}
          />
        )
      }
    />
  );
}
