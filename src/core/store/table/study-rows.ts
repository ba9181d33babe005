/** What the table of runs knows of studies: whose runs are whose, and which trial each sweep chose. */
import { z } from 'zod';
import { settingsInWords } from '../../run-names.ts';
import { jsonOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import {
  isSweep,
  kindOf,
  type StudyCell,
  type StudyKind,
  type StudySpec,
  type SweepSpec,
} from '../home/study-spec.ts';
import type { KnownStudies } from './run-table-sql.ts';
import type { Sweeps, Tuning } from './sweeps.ts';

const studyRow = z.object({ id: z.string(), name: z.string(), spec: jsonOf<StudySpec>() });
const cellRow = z.object({
  study: z.string(),
  run: z.string(),
  size: z.number(),
  share: z.number(),
  seed: z.number(),
});
/** What is known of all studies at once. */
export interface Studies extends KnownStudies {
  studies: ReadonlyMap<string, z.output<typeof studyRow>>;
}

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

/** What a page of runs asks of studies. */
export class StudyRows extends StoreTables {
  readonly #sweeps: Sweeps;

  constructor(connection: Connection, sweeps: Sweeps) {
    super(connection);
    this.#sweeps = sweeps;
  }

  /** The studies that there are, and the trials that sweeps chose. */
  all(): Studies {
    const studies = this.connection.rows(
      studyRow,
      'SELECT id, name, spec FROM studies WHERE deleted_at IS NULL',
    );
    const byId = new Map(studies.map((study) => [study.id, study]));
    const sweeps = sweepsIn(byId);
    const chosen = new Set([...this.#sweeps.chosen(sweeps).values()].flat());
    const isOne = new Set(sweeps.map(({ id }) => id));
    return {
      studies: byId,
      sweeps: [...isOne],
      others: studies.flatMap(({ id }) => (isOne.has(id) ? [] : [id])),
      chosen,
    };
  }

  /** What was spent on the settings of each of these runs that has those of a chosen trial. */
  tunings(runs: readonly string[], { studies }: Studies): ReadonlyMap<string, Tuning> {
    return this.#sweeps.tunings(runs, sweepsIn(studies));
  }

  /** The study of each of these runs that belongs to one. */
  of(runs: readonly string[], { studies, chosen }: Studies): ReadonlyMap<string, StudyOfRun> {
    if (studies.size === 0) return new Map();
    const cells = this.connection.rows(
      cellRow,
      `SELECT study, run, size, share, seed FROM json_each(?) AS asked CROSS JOIN study_runs ON run = asked.value`,
      JSON.stringify(runs),
    );
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
}

function sweepsIn(studies: Studies['studies']): { id: string; spec: SweepSpec }[] {
  return [...studies.values()].flatMap(({ id, spec }) => (isSweep(spec) ? [{ id, spec }] : []));
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
