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
import { isOwn } from '../runs/runs.ts';
import type { OwnRun, RunRecord } from '../types.ts';

const configRow = z.object({
  model: z.string(),
  fingerprint: z.string(),
  config: jsonOf<OwnRun['config']>(),
  runs: z.number(),
});
/** Runs of one model on one data set. */
export interface Family {
  runs: number;
  /** Settings that differ between its configs. */
  differing: ReadonlySet<string>;
}

/** The configs of the models and data sets of some runs, but for those of studies, whose rows are their own. */
export class RunLabels {
  readonly #families: ReadonlyMap<string, Family>;

  /** What it asks of the database is added to `families`, which hold as long as that does not change. */
  constructor(connection: Connection, runs: readonly RunRecord[], families: Map<string, Family>) {
    this.#families = families;
    const pairs = [...new Set(runs.filter(isOwn).map(familyOf))].filter((pair) => !families.has(pair));
    if (pairs.length === 0) return;
    const rows = connection.rows(
      configRow,
      `SELECT model, dataset_fingerprint AS fingerprint, config, count(*) AS runs FROM runs
       WHERE kind = 'own' AND deleted_at IS NULL AND id NOT IN
           (SELECT run FROM study_runs JOIN studies ON studies.id = study WHERE studies.deleted_at IS NULL)
         AND json_array(model, dataset_fingerprint) IN (SELECT value FROM json_each(?))
       GROUP BY model, dataset_fingerprint, config`,
      JSON.stringify(pairs),
    );
    const found = Map.groupBy(rows, ({ model, fingerprint }) => JSON.stringify([model, fingerprint]));
    for (const pair of pairs) families.set(pair, familyFrom(found.get(pair) ?? []));
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
