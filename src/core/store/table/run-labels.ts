/** Short names of rows of the table of runs: the model, and what tells a row from others of its model on its data. */
import { z } from 'zod';
import {
  differingSettings,
  isGenerated,
  nameOf,
  type RunLabel,
  resultNumber,
  runTitle,
  settingsInWords,
} from '../../run-names.ts';
import { jsonOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { isOwn } from '../runs/run-kinds.ts';
import type { OwnRun, RunRecord } from '../types.ts';
import { ChangedRuns } from './changed-runs.ts';

const configRow = z.object({
  model: z.string(),
  fingerprint: z.string(),
  config: jsonOf<OwnRun['config']>(),
  runs: z.number(),
});
const pairRow = z.object({ model: z.string().nullable(), fingerprint: z.string().nullable() });
/** Runs of one model on one data set. */
interface Family {
  runs: number;
  /** Settings that differ between its configs. */
  differing: ReadonlySet<string>;
}

/** The configs of models on data sets, but for those of studies, whose rows are their own. They are read again once a run has changed. */
export class Families extends StoreTables {
  readonly #changes: ChangedRuns;
  readonly #known = new Map<string, Family>();

  constructor(connection: Connection) {
    super(connection);
    this.#changes = new ChangedRuns(connection);
  }

  /** Those of the runs. */
  of(runs: readonly RunRecord[]): ReadonlyMap<string, Family> {
    this.#forgetChanged();
    const pairs = [...new Set(runs.filter(isOwn).map(familyOf))].filter((pair) => !this.#known.has(pair));
    if (pairs.length === 0) return this.#known;
    const rows = this.connection.rows(
      configRow,
      `SELECT model, dataset_fingerprint AS fingerprint, config, count(*) AS runs FROM runs
       WHERE kind = 'own' AND deleted_at IS NULL AND id NOT IN
           (SELECT run FROM study_runs JOIN studies ON studies.id = study WHERE studies.deleted_at IS NULL)
         AND (model, dataset_fingerprint) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))
       GROUP BY model, dataset_fingerprint, config`,
      `[${pairs.join()}]`,
    );
    const found = Map.groupBy(rows, ({ model, fingerprint }) => JSON.stringify([model, fingerprint]));
    for (const pair of pairs) this.#known.set(pair, familyFrom(found.get(pair) ?? []));
    return this.#known;
  }

  #forgetChanged(): void {
    const changed = this.#changes.look();
    if (changed === null) this.#known.clear();
    const rows = this.connection.rows(
      pairRow,
      'SELECT model, dataset_fingerprint AS fingerprint FROM runs WHERE id IN (SELECT value FROM json_each(?))',
      JSON.stringify(changed ?? []),
    );
    for (const { model, fingerprint } of rows) this.#known.delete(JSON.stringify([model, fingerprint]));
  }
}

export class RunLabels {
  readonly #families: ReadonlyMap<string, Family>;

  constructor(families: ReadonlyMap<string, Family>) {
    this.#families = families;
  }

  /** Of a row whose newest run this is. With `seed` its seed tells it from others, too. */
  of(run: RunRecord, seed: boolean): RunLabel {
    if (run.kind === 'imported') return { title: run.name, detail: '' };
    if (!isGenerated(run)) {
      const { title, detail } = nameOf(run, [run]);
      return { title, detail: seed && detail !== '' ? `${detail}, seed ${run.seed}` : detail };
    }
    const title = runTitle(run);
    if (run.kind === 'external') {
      const number = resultNumber(run) ?? 1;
      return { title, detail: number > 1 ? `no. ${number}` : '' };
    }
    const { config, evaluates } = run;
    const { runs, differing } = this.#families.get(familyOf(run)) ?? NO_FAMILY;
    const detail = [
      ...(evaluates ? [`${evaluates.kind} checkpoint`] : []),
      settingsInWords(Object.entries(config).filter(([key]) => differing.has(key))),
      ...(seed && runs > 1 ? [`seed ${run.seed}`] : []),
    ];
    return { title, detail: detail.filter((part) => part !== '').join(', ') };
  }
}

const NO_FAMILY: Family = { runs: 0, differing: new Set() };

const familyFrom = (members: readonly z.output<typeof configRow>[]): Family => ({
  runs: members.reduce((sum, { runs }) => sum + runs, 0),
  differing: new Set(differingSettings(members.map(({ config }) => config))),
});

const familyOf = ({ model, dataset }: OwnRun) => JSON.stringify([model, dataset.fingerprint]);
