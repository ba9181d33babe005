/** How far sweeps are, and which trial each has chosen: for lists, without the runs themselves. */
import { z } from 'zod';
import { type MeasuredTrial, rankedTrials } from '../../evaluation/choice.ts';
import { comparisonKey } from '../../evaluation/protocol.ts';
import type { Protocol } from '../../evaluation/types.ts';
import { parseJson } from '../../files/json.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import type { SweepSpec } from '../home/study-spec.ts';
import { ChangedRuns } from './changed-runs.ts';

/** A row of the question below, which this program writes alone: thousands of them are not looked at one by one. */
interface TrialRow {
  study: string;
  size: number;
  completed: number;
  stopped: number;
  diverged: number;
  valued: number;
  mean: number;
  seconds: number | null;
  /** Null where all of them diverged: then no seed is whole. */
  runs: string | null;
  protocols: string | null;
}

interface RankedTrial extends MeasuredTrial {
  /** Ids. */
  runs: string[];
}

export interface SweepState {
  /** Trials that are at their end: all seeds have completed, or one was stopped early or diverged. */
  done: number;
  /** Best first; empty where none has a value, or none can be called the best. */
  ranked: RankedTrial[];
}

type Asked = { id: string; spec: SweepSpec };

/** What it took to choose settings. */
export interface Tuning {
  /** Name of the sweep. */
  sweep: string;
  /** That have trained. */
  trials: number;
  /** Of all their runs; null where the model has none, or nothing is known of them. */
  epochs: number | null;
  seconds: number | null;
}

const tuningRow = z.object({
  run: z.string(),
  sweep: z.string(),
  trials: z.number(),
  epochs: z.number().nullable(),
  seconds: z.number().nullable(),
});

/** Of data that nobody knows a run is like itself alone. */
const DATA = 'coalesce(runs.data, runs.id)';

/** What all runs of the sweeps in `tuned` took. */
const SPENT = `SELECT studies.id AS study, studies.name AS sweep, count(DISTINCT study_runs.size) AS trials,
    sum(coalesce(runs.epochs, json_extract(spec, '$.sizes[' || study_runs.size || '].until'))) AS epochs,
    sum(coalesce(runs.seconds, (SELECT total(ended_at - started_at) / 1000 FROM attempts WHERE run = runs.id))) AS seconds
  FROM studies JOIN study_runs ON study_runs.study = studies.id JOIN runs ON runs.id = study_runs.run
  WHERE studies.id IN (SELECT study FROM tuned) AND runs.started_at IS NOT NULL AND runs.deleted_at IS NULL
  GROUP BY studies.id`;

const NOTHING: SweepState = { done: 0, ranked: [] };

export class Sweeps extends StoreTables {
  readonly #changes: ChangedRuns;
  readonly #kept = new Map<string, SweepState>();

  constructor(connection: Connection) {
    super(connection);
    this.#changes = new ChangedRuns(connection);
  }

  /** By the id of the sweep. What a training writes while it goes on does not have them counted again. */
  states(sweeps: readonly Asked[]): ReadonlyMap<string, SweepState> {
    if (sweeps.length === 0) return new Map();
    this.#forgetChanged();
    const unknown = sweeps.filter(({ id }) => !this.#kept.has(id));
    for (const [id, state] of this.#count(unknown)) this.#kept.set(id, state);
    return new Map(sweeps.map(({ id }) => [id, this.#kept.get(id) ?? NOTHING]));
  }

  #forgetChanged(): void {
    const changed = this.#changes.look();
    if (changed === null) this.#kept.clear();
    const sql = 'SELECT DISTINCT study FROM study_runs WHERE run IN (SELECT value FROM json_each(?))';
    const studies = this.connection.all(sql, JSON.stringify(changed ?? [])) as { study: string }[];
    for (const { study } of studies) this.#kept.delete(study);
  }

  #count(sweeps: readonly Asked[]): Map<string, SweepState> {
    if (sweeps.length === 0) return new Map();
    const asked = sweeps.map(({ id, spec: { sweep } }) => ({ id, metric: sweep.metric }));
    const rows = this.connection.all(
      // CROSS keeps the order of the joins: left to itself SQLite begins with all completed runs, once for each sweep.
      `SELECT study, size, total(status = 'completed') AS completed, total(status = 'stopped') AS stopped, total(status = 'diverged') AS diverged, count(coalesce(metric.value, stated.value)) AS valued, avg(coalesce(metric.value, stated.value)) AS mean, avg(iif(status = 'diverged', NULL, seconds)) AS seconds,
         group_concat(iif(status = 'diverged', NULL, runs.id), ' ') AS runs, group_concat(DISTINCT iif(status = 'completed', coalesce(protocol_fingerprint, ''), NULL)) AS protocols
       FROM json_each(@sweeps) AS sweep
         CROSS JOIN study_runs ON study = sweep.value ->> 'id'
         CROSS JOIN runs ON runs.id = study_runs.run AND status IN ('completed', 'stopped', 'diverged') AND runs.deleted_at IS NULL
         LEFT JOIN run_metrics AS metric ON metric.run = runs.id AND metric.name = sweep.value ->> 'metric'
         LEFT JOIN stated_metrics AS stated ON stated.run = runs.id AND stated.name = sweep.value ->> 'metric'
       GROUP BY study, size`,
      { sweeps: JSON.stringify(asked) },
    ) as TrialRow[];
    const keys = this.#keys(rows);
    const bySweep = Map.groupBy(rows, ({ study }) => study);
    return new Map(sweeps.map(({ id, spec }) => [id, stateOf(spec, bySweep.get(id) ?? [], keys)]));
  }

  /** The trial that each has chosen, by the id of the sweep: the ids of its runs. */
  chosen(sweeps: readonly Asked[]): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.states(sweeps)].map(([id, { ranked }]) => [id, ranked[0]?.runs ?? []]));
  }

  /**
   * What was spent on the settings of each of these runs that has those of a chosen trial, wherever it was trained; of several sweeps that
   * chose them the one of most trials.
   */
  tunings(runs: readonly string[], sweeps: readonly Asked[]): ReadonlyMap<string, Tuning> {
    const chosen = [...this.chosen(sweeps)].flatMap(([study, ids]) => ids.map((run) => ({ study, run })));
    if (chosen.length === 0) return new Map();
    const rows = this.connection.rows(
      tuningRow,
      `WITH chosen AS (SELECT DISTINCT picked.value ->> 'study' AS study, model, dataset_fingerprint, config, ${DATA} AS data
         FROM json_each(@chosen) AS picked JOIN runs ON runs.id = picked.value ->> 'run'),
       tuned AS (SELECT asked.value AS run, chosen.study FROM json_each(@runs) AS asked
         JOIN runs ON runs.id = asked.value JOIN chosen USING (model, dataset_fingerprint, config)
         WHERE chosen.data = ${DATA}),
       spent AS (${SPENT})
       SELECT run, sweep, trials, epochs, seconds FROM tuned JOIN spent USING (study) ORDER BY trials`,
      { chosen: JSON.stringify(chosen), runs: JSON.stringify(runs) },
    );
    return new Map(rows.map(({ run, ...tuning }) => [run, tuning]));
  }

  /** What each of these sweeps took so far, by its id; one of which no run has begun is left out. */
  spent(sweeps: readonly string[]): ReadonlyMap<string, Tuning> {
    const rows = this.connection.rows(
      tuningRow,
      `WITH tuned AS (SELECT value AS study FROM json_each(@sweeps)), spent AS (${SPENT})
       SELECT study AS run, sweep, trials, epochs, seconds FROM spent`,
      { sweeps: JSON.stringify(sweeps) },
    );
    return new Map(rows.map(({ run, ...tuning }) => [run, tuning]));
  }

  /** What results of each protocol may stand beside, by its fingerprint; thousands of runs share a few. */
  #keys(rows: readonly TrialRow[]): ReadonlyMap<string, string> {
    const fingerprints = [...new Set(rows.flatMap(({ protocols }) => protocols?.split(',') ?? []))];
    return new Map(
      fingerprints.flatMap((fingerprint): [string, string][] => {
        const sql = 'SELECT protocol FROM runs WHERE protocol_fingerprint = ? LIMIT 1';
        const found = this.connection.get(sql, fingerprint) as { protocol: string } | undefined;
        return found ? [[fingerprint, comparisonKey(parseJson(found.protocol) as Protocol)]] : [];
      }),
    );
  }
}

function stateOf(spec: SweepSpec, rows: readonly TrialRow[], keys: ReadonlyMap<string, string>): SweepState {
  const whole = rows.filter(({ completed }) => completed >= spec.seeds.length);
  const seeds = spec.sweep.finalists?.seeds.length ?? Number.POSITIVE_INFINITY;
  const valued = whole
    .filter(({ valued, completed, mean }) => valued === completed && Number.isFinite(mean))
    .map((row) => ({ ...row, stage: row.completed >= seeds ? 1 : 0 }));
  const measuredAlike = new Set(valued.flatMap(({ protocols }) => protocols?.split(',') ?? ''));
  const ranked = rankedTrials(
    spec.sweep,
    valued,
    [...measuredAlike].map((fingerprint) => keys.get(fingerprint) ?? null),
  );
  const trials = (ranked ?? []).map(({ size, mean, seconds, runs }) => ({
    size,
    mean,
    seconds,
    runs: runs?.split(' ') ?? [],
  }));
  const done = rows.filter((row) => row.stopped + row.diverged > 0 || whole.includes(row)).length;
  return { done, ranked: trials };
}
