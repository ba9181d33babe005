import { useMemo, useState } from 'react';
import { Figure } from '../../charts/Figure.tsx';
import { failsAlone } from '../../components/ErrorBoundary.tsx';
import { Select } from '../../components/Select.tsx';
import type { Board } from './BestByDataset.tsx';
import { bestSoFarFigure } from './figures.ts';
import { useRoomy } from './Recent.tsx';

const newest = ({ rows }: Board) => Math.max(...rows.map(({ endedAt }) => endedAt ?? 0));

/** When each configuration of a data set was measured, and the test of the one that was best on validation items by then. */
export default failsAlone(BestSoFar, () => 'the best so far');

function BestSoFar({ all }: { all: readonly Board[] }) {
  const [chosen, choose] = useState('');
  const byTime = all.toSorted((a, b) => newest(b) - newest(a));
  const board = byTime.find(({ dataset }) => dataset.name === chosen) ?? byTime[0];
  const { dataset, metric, rows } = board;
  const height = useRoomy() ? 420 : 220;
  const spec = useMemo(
    () => bestSoFarFigure(dataset.name, metric, rows, height),
    [dataset.name, metric, rows, height],
  );
  return (
    <Figure
      spec={spec}
      controls={
        all.length > 1 && (
          <Select
            aria-label="Data set of the chart"
            value={board.dataset.name}
            choices={all.map((one) => ({ value: one.dataset.name, label: one.dataset.name }))}
            onValue={choose}
          />
        )
      }
    />
  );
}
