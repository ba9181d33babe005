import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { z } from 'zod';
import { isOurs, ourMetric } from '../../../core/api/metrics.ts';
import {
  FOUND_STATES,
  type FoundRun,
  foundText,
  lostText,
  type TrackerKind,
  type TrackerProgress,
  type TrackerSummary,
} from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { type Column, column } from '../../components/columns.ts';
import { Working } from '../../components/Progress.tsx';
import { Answer, EmptyState, Problem, Screen } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { capital, countText } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { useDraft } from '../../state/drafts.ts';
import { discardUploads } from '../../state/drops.ts';
import { startWork } from '../../state/long-work.ts';
import { goTo } from '../../state/navigation.ts';
import { useProgressQuery } from '../../state/use-progress-query.ts';

const RUNS: Column<FoundRun>[] = [
  column('name', 'Run', 'text', ({ name }) => name, { grows: true }),
  column('state', 'State', 'text', ({ state }) => capital(FOUND_STATES[state])),
  column('metrics', 'Metrics', 'count', ({ metrics }) => metrics),
  column('points', 'New points', 'count', ({ points }) => points),
];

/** Runs of another tracker, before anything of them is kept. */
export function ImportRuns({ paths }: { paths: readonly string[] }) {
  const trackers = useQuery(api.runs.trackers.queryOptions({ input: { paths: [...paths] } }));
  const [chosen, setChosen] = useState<TrackerKind | null>(null);
  const [only, second] = kindsIn(trackers.data ?? []);
  const from = chosen ?? (second === undefined ? (only ?? null) : null);
  // Of several trackers, what the chosen one wrote.
  if (from !== null)
    return <Preview paths={paths.filter((_, at) => trackers.data?.[at].includes(from))} from={from} />;
  return (
    <Screen title="Import runs" actions={<Button onClick={() => leave(paths)}>Cancel</Button>}>
      <Answer query={trackers}>
        {(found) => (
          <EmptyState
            title={kindsIn(found).length > 0 ? 'Runs of several trackers' : 'No runs of other trackers'}
            text={paths.join(', ')}
          >
            <div className="flex gap-2 wrap">
              {kindsIn(found).map((kind) => (
                <Button key={kind} onClick={() => setChosen(kind)}>
                  Import from {kind}
                </Button>
              ))}
            </div>
          </EmptyState>
        )}
      </Answer>
    </Screen>
  );
}

const kindsIn = (found: readonly TrackerKind[][]) => [...new Set(found.flat())];

function leave(paths: readonly string[]): void {
  discardUploads(paths);
  goTo('runs');
}

const typedNames = z.record(z.string(), z.string());
const NO_NAMES: Record<string, string> = {};

function Preview({ paths, from }: { paths: string[]; from: TrackerKind }) {
  const { draft: names, change, forget } = useDraft(`tracker ${paths.join('\n')}`, typedNames, NO_NAMES);
  const input = { paths, from, map: {} };
  const preview = useProgressQuery<TrackerProgress, TrackerSummary>(
    api.runs.previewImport.key({ type: 'query', input }),
    (signal) => client.runs.previewImport(input, { signal }),
    () => 'read',
    { forget: true },
  );
  const cancel = () => {
    forget();
    leave(paths);
  };
  const start = async () => {
    const begun = await startWork('The runs could not be imported', {
      of: 'tracker-import',
      input: { paths, from, map: names },
    });
    if (!begun) return;
    forget();
    goTo('runs');
  };
  const { data } = preview;
  const wanted = data?.runs.filter(({ state }) => state !== 'deleted').length ?? 0;
  const isWrong = Object.entries(names).some(([theirs, ours]) => nameProblem(theirs, ours) !== null);
  return (
    <Screen
      title={data ? `Import runs of ${data.title}` : 'Import runs'}
      aside={data && <span className="muted">{foundText(data)}</span>}
      actions={
        <>
          <Button onClick={cancel}>Cancel</Button>
          {from === 'bundle' && paths.length === 1 && (
            <Button onClick={() => goTo('reproduce', ['file', ...paths])}>Reproduce</Button>
          )}
          <Button kind="primary" disabled={wanted === 0 || isWrong} onClick={() => void start()}>
            {wanted === 0 ? 'Import' : `Import ${countText(wanted, 'run')}`}
          </Button>
        </>
      }
    >
      {preview.progress && <Reading progress={preview.progress} onCancel={cancel} />}
      {preview.error !== null && preview.error !== undefined && <Problem error={preview.error} />}
      {data && (
        <div className="import-runs grid top gap-6 page-inset">
          <section className="stack">
            <Table title="Runs" columns={RUNS} rows={data.runs} />
            {data.lost.map((one) => (
              <p key={one.what} className="muted">
                {lostText(one)}
              </p>
            ))}
          </section>
          <Names metrics={data.metrics} names={names} onNames={change} />
        </div>
      )}
    </Screen>
  );
}

interface ReadingProps {
  progress: TrackerProgress;
  onCancel(): void;
}

function Reading({ progress: { fraction, runs }, onCancel }: ReadingProps) {
  const detail = `${countText(runs, 'run')} · ${Math.floor(100 * fraction)} %`;
  return <Working label="Reading the files" fraction={fraction} detail={detail} onCancel={onCancel} />;
}

/** Why a name cannot be taken, or null. */
function nameProblem(theirs: string, ours: string): string | null {
  const isKnown = ours === '' || ours === theirs || isOurs(ours) || ourMetric(ours) !== null;
  return isKnown ? null : 'No metric of Tessera, such as valid/ndcg@10';
}

interface NamesProps {
  metrics: TrackerSummary['metrics'];
  /** What the user has changed. */
  names: Record<string, string>;
  onNames(changed: Record<string, string>): void;
}

/** What their metrics are called here. */
function Names({ metrics, names, onNames }: NamesProps) {
  const shown = ({ theirs, ours }: TrackerSummary['metrics'][number]) =>
    names[theirs] ?? (ours === theirs ? '' : ours);
  const columns: Column<TrackerSummary['metrics'][number]>[] = [
    column('theirs', 'Tracker metric', 'text', ({ theirs }) => theirs),
    column('ours', 'Tessera metric', 'text', shown, {
      render: (metric) => {
        const problem = nameProblem(metric.theirs, shown(metric));
        return (
          <input
            className="input wide"
            aria-label={`${metric.theirs} here`}
            aria-invalid={problem !== null}
            title={problem ?? undefined}
            placeholder="Unchanged"
            value={shown(metric)}
            onChange={({ target }) => onNames({ [metric.theirs]: target.value.trim() })}
          />
        );
      },
    }),
  ];
  return (
    <section className="stack">
      <Table title="Metrics" columns={columns} rows={metrics} />
      <p className="muted">
        The mapping is kept. Imported results are marked as reported: they are never ranked, tested or put in
        bold.
      </p>
    </section>
  );
}
