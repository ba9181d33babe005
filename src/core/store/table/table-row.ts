/** A row of the table as it is shown, of the runs in it. */
import { mean } from '../../evaluation/metrics.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import { statedSample } from '../../evaluation/samples.ts';
import { standardDeviation } from '../../evaluation/significance.ts';
import { modelTitle } from '../../model-facts.ts';
import type { RunLabel } from '../../run-names.ts';
import type { RunRecord } from '../types.ts';
import { MEANS } from './run-fields.ts';
import type { Annotations, MetricCell, RunTableQuery, RunTableRow } from './run-table-types.ts';
import type { StudyOfRun } from './study-rows.ts';

interface RowParts {
  members: RunRecord[];
  noted: (Annotations & { paused: boolean })[];
  /** The study of each member. */
  cells: (StudyOfRun | null)[];
  tuning: RunTableRow['tuning'];
  label: RunLabel;
  group: string | null;
}

export function tableRow(
  { members, noted, cells, label, tuning, group }: RowParts,
  query: RunTableQuery,
): RunTableRow {
  const [newest] = members;
  const { id, kind, name, model, dataset, message, device, createdAt, startedAt, endedAt } = newest;
  const measured = members.find(({ protocol }) => protocol !== null);
  const active = members.find((run) => run.status === 'running') ?? newest;
  const [cell] = cells;
  const study = query.foldStudies && cell ? studyOf(cell) : null;
  const measuring = members.filter(
    (_, at) => query.trials === 'all' || cells[at]?.kind !== 'sweep' || cells[at].chosen,
  );
  return {
    id,
    kind,
    program: newest.kind === 'own' ? null : newest.program,
    name,
    model,
    dataset,
    message,
    requestedDevice: newest.kind === 'own' ? newest.requestedDevice : null,
    device,
    ...meansOf(members),
    createdAt,
    startedAt,
    endedAt,
    protocolFingerprint: measured?.protocolFingerprint ?? null,
    comparisonKey: measured?.protocol ? comparisonKey(measured.protocol) : null,
    group,
    study,
    label: study ? studyLabel(study, newest) : cell ? cellLabel(cell, newest, label) : label,
    chosen: !study && Boolean(cell?.chosen),
    tuning,
    paused: noted[members.indexOf(active)]?.paused ?? false,
    status: active.status,
    runs: members.map((run) => ({ id: run.id, name: run.name, seed: run.seed, status: run.status })),
    metrics: Object.fromEntries(
      (study?.kind === 'study' ? [] : query.metrics).flatMap((metric) => {
        const ofTest = metric.startsWith('test/');
        const found = metricCell(ofTest || study ? measuring : members, metric);
        return found === null ? [] : [[metric, found]];
      }),
    ),
    config: Object.fromEntries(
      Object.entries(newest.config ?? {}).filter(([key]) => query.config.includes(key)),
    ),
    tags: [...new Set(noted.flatMap(({ tags }) => tags))].sort(),
    notes: noted.find(({ notes }) => notes !== '')?.notes ?? '',
    starred: noted.some(({ starred }) => starred),
    project: noted.find(({ project }) => project !== null)?.project ?? null,
    archived: noted.every(({ archived }) => archived),
  };
}

/** Over the runs that have the number; null where none has. */
function meansOf(members: readonly RunRecord[]): Pick<RunTableRow, (typeof MEANS)[number]> {
  const [parameters, epochs, selectedEpoch, seconds, peakMemory, energy, listSeconds] = MEANS.map((field) => {
    const values = members.flatMap((run) => run[field] ?? []);
    return values.length === 0 ? null : mean(values);
  });
  return { parameters, epochs, selectedEpoch, seconds, peakMemory, energy, listSeconds };
}

function studyOf({ id, name, kind, sizes }: StudyOfRun): NonNullable<RunTableRow['study']> {
  return { id, name, kind, sizes };
}

/** "Sweep of SASRec", or the whole name that the user gave. */
function studyLabel(
  { name, kind }: NonNullable<RunTableRow['study']>,
  { model, dataset }: RunRecord,
): RunLabel {
  if (model === null || !name.includes(`${model}-${dataset?.name}`)) return { title: name, detail: '' };
  return { title: `${kind === 'sweep' ? 'Sweep' : 'Scaling'} of ${modelTitle(model)}`, detail: '' };
}

/** A run of a study is told by its place in the grid. */
function cellLabel({ cell }: StudyOfRun, { model }: RunRecord, { title }: RunLabel): RunLabel {
  const known = model !== null && (title === modelTitle(model) || title.startsWith(model));
  return { title: known ? modelTitle(model) : title, detail: cell };
}

function metricCell(members: RunRecord[], metric: string): MetricCell | null {
  const values = members.filter((run) => metric in run.metrics).map((run) => run.metrics[metric]);
  if (values.length === 0) return statedCell(members, metric);
  return {
    ...spread(values),
    sample:
      statedSample(members.find(({ metrics }) => metric in metrics)?.protocol, metric.split('/', 1)[0]) ??
      undefined,
  };
}

function statedCell(members: RunRecord[], metric: string): MetricCell | null {
  const values = members.flatMap((run) =>
    run.kind === 'imported' && metric in run.stated ? [run.stated[metric]] : [],
  );
  return values.length === 0 ? null : { ...spread(values), stated: true };
}

const spread = (values: readonly number[]) => ({
  mean: mean(values),
  std: values.length > 1 ? standardDeviation(values) : null,
  count: values.length,
});
