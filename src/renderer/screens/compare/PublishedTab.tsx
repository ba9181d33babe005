import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { PublishedDataset } from '../../../core/api/published.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { Statement } from '../../components/Statement.tsx';
import { statementOf } from '../../published/board.ts';
import { CopyBoard, PublishedBoard, SourcesMenu, sourcesOf } from '../../published/PublishedBoard.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

/** Published results for the data sets of these runs, each row beside the results of its model. */
export function PublishedTab({ view }: { view: ComparisonView }) {
  const datasets = useQuery(api.published.datasets.queryOptions());
  const titles = new Set(view.published.flatMap(({ sections }) => sections.map(({ dataset }) => dataset)));
  if (titles.size === 0) {
    return (
      <EmptyState title="No published results for these data sets">
        <p>
          A data set is matched by its counts, then by name. See{' '}
          <a href={routeLink('published')}>Published</a> for everything available.
        </p>
      </EmptyState>
    );
  }
  if (!datasets.data) return <Missing query={datasets} />;
  const rows = view.rows.map(({ runs }) => runs.map(({ id }) => id));
  return datasets.data
    .filter(({ title }) => titles.has(title))
    .map((dataset) => <DatasetBoard key={dataset.id} dataset={dataset} rows={rows} />);
}

function DatasetBoard({ dataset, rows }: { dataset: PublishedDataset; rows: string[][] }) {
  const [metric, setMetric] = useState(dataset.metrics[0]);
  const [asked, setAsked] = useState<string[]>([]);
  const input = { dataset: dataset.id, metric, rows };
  const answer = useKeptQuery(api.published.board.queryOptions({ input }));
  const board = answer.data;
  if (!board) return <Missing query={answer} />;
  const sources = sourcesOf(board, asked);
  const { fact, limit } = statementOf(board, metric);
  return (
    <section aria-label={`Published results on ${dataset.title}`}>
      <Statement fact={fact} limit={limit}>
        {dataset.title}. Differences are to the best published value; they are not tested.
      </Statement>
      <div className="row wrap bar-inset">
        <Select
          aria-label={`Metric on ${dataset.title}`}
          value={metric}
          choices={dataset.metrics.map((name) => ({ value: name, label: metricLabel(`test/${name}`) }))}
          onValue={setMetric}
        />
        <SourcesMenu board={board} chosen={sources} onChosen={setAsked} />
        <CopyBoard board={board} metric={metric} sources={sources} />
      </div>
      <PublishedBoard board={board} metric={metric} sources={sources} />
    </section>
  );
}
