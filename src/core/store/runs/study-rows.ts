/** What the table of runs knows of studies: whose runs are whose, and which trial each sweep chose. */
import { z } from 'zod';
import { trialOrder } from '../../evaluation/choice.ts';
import { settingsInWords } from '../../run-names.ts';
import { jsonOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { kindOf, type StudyCell, type StudyKind, type StudySpec } from '../home/study-spec.ts';

const studyRow = z.object({ id: z.string(), name: z.string(), spec: jsonOf<StudySpec>() });
const cellRow = z.object({
  study: z.string(),
  run: z.string(),
  size: z.number(),
  share: z.number(),
  seed: z.number(),
});
const trialRow = z.object({
  study: z.string(),
  size: z.number(),
  mean: z.number(),
  seconds: z.number().nullable(),
  runs: z.string(),
  measured: z.number(),
});

export interface StudyOfRun {
  id: string;
  name: string;
  kind: StudyKind;
  /** Of the grid: trials of a sweep. */
  sizes: number;
  /** What the run of the grid is: its settings, and its share of the users; its seed where there are several. */
  cell: string;
  /** Whether it is of the trial that its sweep chose. */
  chosen: boolean;
}

/** The study of every run that belongs to one. */
export function studiesOfRuns(connection: Connection): ReadonlyMap<string, StudyOfRun> {
  const studies = new Map(
    connection
      .rows(studyRow, 'SELECT id, name, spec FROM studies WHERE deleted_at IS NULL')
      .map((study) => [study.id, study]),
  );
  if (studies.size === 0) return new Map();
  const chosen = chosenRuns(connection, [...studies.values()]);
  const cells = connection.rows(cellRow, 'SELECT study, run, size, share, seed FROM study_runs');
  return new Map(
    cells.flatMap(({ study: id, run, ...place }): [string, StudyOfRun][] => {
      const study = studies.get(id);
      if (!study) return [];
      const { spec, name } = study;
      const cell = cellText(spec, place);
      return [
        [run, { id, name, kind: kindOf(spec), sizes: spec.sizes.length, cell, chosen: chosen.has(run) }],
      ];
    }),
  );
}

function cellText(spec: StudySpec, { size, share, seed }: StudyCell): string {
  const { label, config } = spec.sizes[size] ?? { label: '', config: {} };
  const varied = spec.sweep?.vary.map(({ key }) => [key, config[key]] as const);
  const text = varied ? settingsInWords(varied) : label;
  const parts = [
    text,
    share < 1 ? `${Math.round(1000 * share) / 10} % of users` : '',
    (spec.seeds ?? []).length > 1 ? `seed ${seed}` : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** The runs of the trial that each sweep chose on validation items: of those with all their seeds, where all were measured alike. */
function chosenRuns(
  connection: Connection,
  studies: readonly { id: string; spec: StudySpec }[],
): Set<string> {
  const sweeps = studies.flatMap(({ id, spec: { sweep, seeds } }) =>
    sweep ? [{ id, metric: sweep.metric, seeds: seeds.length }] : [],
  );
  if (sweeps.length === 0) return new Set();
  const trials = connection.rows(
    trialRow,
    // CROSS keeps the order of the joins: left to itself SQLite begins with all completed runs, once for each sweep.
    `SELECT study, size, avg(metric.value) AS mean, avg(seconds) AS seconds, group_concat(runs.id, ' ') AS runs,
       count(DISTINCT measured_alike(protocol)) AS measured
     FROM json_each(@sweeps) AS sweep
       CROSS JOIN study_runs ON study = sweep.value ->> 'id'
       CROSS JOIN runs ON runs.id = study_runs.run AND status = 'completed' AND runs.deleted_at IS NULL
       CROSS JOIN run_metrics AS metric ON metric.run = runs.id AND metric.name = sweep.value ->> 'metric'
     GROUP BY study, size HAVING count(*) = sweep.value ->> 'seeds' AND mean IS NOT NULL`,
    { sweeps: JSON.stringify(sweeps) },
  );
  return new Set(
    sweeps.flatMap(({ id, metric }) => {
      const ofSweep = trials.filter(({ study }) => study === id);
      const [best] = ofSweep.sort(trialOrder(metric));
      return best ? best.runs.split(' ') : [];
    }),
  );
}
