import type { ImportedRun, RunPage } from '../../../core/api/runs.ts';
import { type Column, column } from '../../components/columns.ts';
import { EmptyState } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { countText, durationText, grouped } from '../../format/format.ts';
import { Noted } from './ResultsTab.tsx';

const STATED: Column<[name: string, value: number]>[] = [
  column('metric', 'Metric', 'text', ([name]) => name),
  column('value', 'Reported', 'metric', ([, value]) => value, 4),
];

/** The value is null where the program did not tell; `checked`: against the data set, and not only stated. */
export type Known = readonly [name: string, value: string | null, checked?: boolean];

const KNOWN: Column<Known>[] = [
  column('fact', 'Fact', 'text', ([name]) => name),
  column('value', 'Value', 'text', ([, value]) => value ?? '–'),
  column('source', 'From', 'text', ([, value, checked]) =>
    value === null ? 'Not given' : checked ? 'Checked' : 'Reported',
  ),
];

/** What is known of a run of another program, and who says so. */
export function KnownFacts({ facts }: { facts: readonly Known[] }) {
  return <Table title="Provenance" columns={KNOWN} rows={facts} />;
}

/** What another program states of its run: nothing of it is ranked, tested or compared. */
export function StatedResults({ run, page }: { run: ImportedRun; page: RunPage }) {
  const stated = Object.entries(run.stated);
  return (
    <div className="run-columns run-results of-others view-inset wide-tables panels top">
      <section className="stack">
        {stated.length > 0 ? (
          <Table title="Reported results" columns={STATED} rows={stated} />
        ) : (
          <EmptyState
            title="No results reported"
            text={
              run.status === 'running'
                ? `They appear when ${run.program} says that it has finished.`
                : `${run.program} reported none.`
            }
          />
        )}
        <p className="muted">
          Reported by {run.program}, and not measured here: never ranked, tested or put in bold.
        </p>
      </section>
      <section className="stack">
        <Noted annotations={page.annotations} />
        <KnownFacts facts={factsOf(run, page)} />
      </section>
    </div>
  );
}

function factsOf(run: ImportedRun, { series, origin }: RunPage): Known[] {
  const { program, model, dataset, seed, device, parameters, config, startedAt, endedAt } = run;
  const seconds = startedAt === null || endedAt === null ? null : (endedAt - startedAt) / 1000;
  return [
    [origin ? 'Logged by' : 'Trained with', program],
    ...(origin ? [['Its id there', origin.id] as const] : []),
    ['Model', model],
    ['Data set', dataset?.name ?? null],
    ['Seed', seed === null ? null : String(seed)],
    ['Device', device],
    ['Training time', seconds === null ? null : durationText(seconds)],
    ['Parameters', parameters === null ? null : grouped(parameters)],
    ['Config', config === null ? null : countText(Object.keys(config).length, 'key')],
    ['Curves', series.length === 0 ? null : countText(series.length, 'metric')],
    ...Object.entries(run.environment ?? {}).map(([name, value]): Known => [name, String(value)]),
  ];
}
