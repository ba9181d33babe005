import { useQuery } from '@tanstack/react-query';
import { metricLabel } from '../../../core/api/metrics.ts';
import type { PublishedDataset } from '../../../core/api/published.ts';
import { Button } from '../../components/Button.tsx';
import { Missing, Screen } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { ScreenFoot, Statement } from '../../components/Statement.tsx';
import { grouped } from '../../format/format.ts';
import { openNewRun } from '../../new-run/new-run.ts';
import { statementOf } from '../../published/board.ts';
import { CopyBoard, PublishedBoard, SourcesMenu, sourcesOf } from '../../published/PublishedBoard.tsx';
import { compareRuns } from '../../runs/changes.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { replaceQuery, useRoute } from '../../state/navigation.ts';

/** What others have published of a data set, one metric at a time, beside the best of ours. */
export default function PublishedScreen() {
  const datasets = useQuery(api.published.datasets.queryOptions());
  const query = useRoute((place) => place.query);
  const asked = query.get('dataset');
  const dataset =
    datasets.data?.find(({ id }) => id === asked) ??
    datasets.data?.find(({ imported }) => imported) ??
    datasets.data?.[0];
  const metric = dataset?.metrics.find((name) => name === query.get('metric')) ?? dataset?.metrics[0] ?? '';
  const answer = useKeptQuery({
    ...api.published.board.queryOptions({ input: { dataset: dataset?.id ?? '', metric } }),
    enabled: dataset !== undefined,
  });
  const board = answer.data;
  const chosen = query.get('sources');
  const sources = board ? sourcesOf(board, (chosen ?? '').split(',')) : [];
  const change = (changes: Record<string, string>) =>
    replaceQuery({
      dataset: dataset?.id ?? '',
      metric,
      ...(chosen === null ? {} : { sources: chosen }),
      ...changes,
    });
  const ours =
    board?.rows.flatMap((row) => (row.ours && row.printed.some(Boolean) ? row.ours.runs : [])) ?? [];
  const controls = dataset && (
    <>
      <Select
        aria-label="Data set"
        value={dataset.id}
        choices={(datasets.data ?? []).map(({ id, title }) => ({ value: id, label: title }))}
        onValue={(id) => replaceQuery({ dataset: id, metric })}
      />
      <Select
        aria-label="Metric"
        value={metric}
        choices={dataset.metrics.map((name) => ({ value: name, label: metricLabel(`test/${name}`) }))}
        onValue={(name) => change({ metric: name })}
      />
      {board && (
        <SourcesMenu board={board} chosen={sources} onChosen={(ids) => change({ sources: ids.join(',') })} />
      )}
    </>
  );
  return (
    <Screen
      title="Published"
      aside={controls}
      actions={
        <>
          {board && <CopyBoard board={board} metric={metric} sources={sources} />}
          <Button disabled={ours.length < 2} onClick={() => compareRuns(ours)}>
            Compare ours with these
          </Button>
        </>
      }
    >
      {!board && (
        <div className="inset">
          <Missing query={datasets.error ? datasets : answer} />
        </div>
      )}
      {board && dataset && (
        <div className="column tall">
          <Statement {...statementOf(board, metric)}>{factsOf(dataset)}</Statement>
          <PublishedBoard
            board={board}
            metric={metric}
            sources={sources}
            onTrain={
              dataset.imported ? (model) => openNewRun({ model, dataset: dataset.imported?.name }) : undefined
            }
          />
          <ScreenFoot>
            <span>
              <strong>Bold</strong> best of a column. own: the authors’ own model; all others are re-runs.
            </span>
            <span>Grey: published, one number, no test possible.</span>
            <span>Ours: the best of each model on validation items.</span>
          </ScreenFoot>
        </div>
      )}
    </Screen>
  );
}

function factsOf({ users, interactions, imported }: PublishedDataset): string {
  const counts =
    users === null || interactions === null
      ? 'Sources disagree on preprocessing; compare with care.'
      : `${grouped(users)} users, ${grouped(interactions)} interactions.`;
  const here = imported
    ? `Your ${imported.name} ${imported.how}.`
    : 'Import this data set to put runs beside these results.';
  return `${counts} ${here}`;
}
