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

export interface Known {
  name: string;
  /** Null where the program did not tell. */
  value: string | null;
  /** Checked against the data set, and not only stated. */
  checked?: boolean;
}

const KNOWN: Column<Known>[] = [
  column('fact', 'Fact', 'text', ({ name }) => name),
  column('value', 'Value', 'text', ({ value }) => value ?? '–'),
  column('source', 'From', 'text', ({ value, checked }) =>
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
    { name: origin ? 'Logged by' : 'Trained with', value: program },
    ...(origin ? [{ name: 'Its id there', value: origin.id }] : []),
    { name: 'Model', value: model },
    { name: 'Data set', value: dataset?.name ?? null },
    { name: 'Seed', value: seed === null ? null : String(seed) },
    { name: 'Device', value: device },
    { name: 'Training time', value: seconds === null ? null : durationText(seconds) },
    { name: 'Parameters', value: parameters === null ? null : grouped(parameters) },
    { name: 'Config', value: config === null ? null : countText(Object.keys(config).length, 'key') },
    { name: 'Curves', value: series.length === 0 ? null : countText(series.length, 'metric') },
    ...Object.entries(run.environment ?? {}).map(([name, value]) => ({ name, value: String(value) })),
  ];
}
