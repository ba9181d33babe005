import type { Leaderboard } from '../../../core/api/compare.ts';
import type { SavedComparison } from '../../../core/api/comparisons.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { Ago } from '../../components/Ago.tsx';
import { Button } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { useLeaderboards, useTrainedDatasets } from '../../runs/trained-datasets.ts';
import { type Query, together } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { goToComparison, useLastComparison } from './compare-route.ts';

/** Data sets whose models are offered. */
const SETS = 8;

interface Board {
  dataset: string;
  models: string[];
  runs: string[];
  metric: string;
  best: number | undefined;
}

/** Ways to a comparison: those that were saved, the models of a data set, or any runs. */
export function NothingChosen({ onChoose }: { onChoose(): void }) {
  const last = useLastComparison((state) => state.last);
  const saved = useSavedComparisons();
  const boards = useBoards();
  const buttons = (
    <div className="row">
      <Button kind="primary" onClick={onChoose}>
        Choose runs
      </Button>
      {last && <Button onClick={() => goToComparison(last)}>Back to the last comparison</Button>}
    </div>
  );
  const text =
    'Choose two or more runs. Runs that differ only in their seed become one row with mean and spread; the others are tested against the baseline, user by user.';
  if (!boards.data) return <Missing query={boards} />;
  if (saved.length === 0 && boards.data.length === 0) {
    return (
      <EmptyState title="Nothing to compare yet" text={text}>
        {buttons}
      </EmptyState>
    );
  }
  return (
    <div className="flow">
      <section className="stack gap-2">
        <p>{text}</p>
        {buttons}
      </section>
      {saved.length > 0 && (
        <section className="stack gap-2">
          <Table title="Saved comparisons" columns={SAVED} rows={saved} />
        </section>
      )}
      {boards.data.length > 0 && (
        <section className="stack gap-2">
          <Table
            title="Models by data set"
            detail="the best configuration of each, chosen on validation items"
            columns={BOARDS}
            rows={boards.data}
          />
        </section>
      )}
    </div>
  );
}

const SAVED: Column<SavedComparison>[] = [
  column('name', 'Name', 'text', ({ name }) => name, {
    render: (one) => (
      <a className="row-link" href={routeLink('compare', [], comparisonQuery(one))}>
        {one.name}
      </a>
    ),
  }),
  column('runs', 'Runs', 'count', ({ runs }) => runs.length),
  column('savedAt', 'Saved', 'time', ({ savedAt }) => savedAt, {
    render: ({ savedAt }) => <Ago time={savedAt} />,
  }),
  column('notes', 'Conclusion', 'text', ({ notes }) => notes.replaceAll(/\s+/g, ' ').slice(0, 200)),
];

const BOARDS: Column<Board>[] = [
  column('dataset', 'Data set', 'text', ({ dataset }) => dataset, {
    render: ({ dataset, runs }) => (
      <a
        className="row-link"
        aria-label={`Compare the models on ${dataset}`}
        href={routeLink('compare', [], comparisonQuery({ runs }))}
      >
        {dataset}
      </a>
    ),
  }),
  column('best', 'Best', 'metric', ({ best }) => best),
  column('metric', 'Metric', 'text', ({ metric }) => metricLabel(metric)),
  column('models', 'Models, best first', 'text', ({ models }) => models.join(', ')),
];

/** Of the data sets with most configurations, those where two or more models may be compared. */
function useBoards(): Query<Board[]> {
  const trained = useTrainedDatasets();
  const sets = trained.data?.slice(0, SETS) ?? [];
  const boards = useLeaderboards(sets);
  const { data, ...rest } = together(sets.length > 0 ? [trained, boards] : [trained]);
  return { ...rest, data: data && sets.flatMap((dataset) => boardOf(dataset, boards.data?.[dataset])) };
}

function boardOf(dataset: string, board: Leaderboard | undefined): Board[] {
  if (!board || board.best.length < 2) return [];
  const { best, metrics } = board;
  const [metric] = metrics;
  return [
    {
      ...{ dataset, metric, best: best[0].metrics[metric]?.mean },
      models: best.map(({ model }) => modelTitle(model)),
      runs: best.flatMap((row) => row.runs.map(({ id }) => id)),
    },
  ];
}
