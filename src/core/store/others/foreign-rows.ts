import { z } from 'zod';
import type { DatasetSummary } from '../../data/types.ts';
import { protocolFingerprint } from '../../evaluation/protocol.ts';
import { dataKey } from '../../evaluation/same-data.ts';
import type { Protocol, UserRanks } from '../../evaluation/types.ts';
import { requireName } from '../../names.ts';
import { generatedResultName } from '../../run-names.ts';
import type { ForeignRun } from '../../training/foreign-records.ts';
import { rowOf } from '../db/columns.ts';
import type { Connection } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { keyOfData } from '../home/datasets.ts';
import { insertRun } from '../runs/insert-run.ts';
import type { Ranks } from '../runs/ranks.ts';
import type { Runs } from '../runs/runs.ts';
import type { ExternalRun } from '../types.ts';

const idRow = z.object({ id: z.string() });
const interruptedRow = rowOf({ run: z.string(), journal: z.string(), ended_at: z.number() });

/** A result of another program, and what was measured of it. */
export interface NewExternalRun
  extends Pick<ExternalRun, 'program' | 'model' | 'config' | 'seed' | 'result' | 'metrics' | 'stated'> {
  /** Where null, a free name is made of model or program, and data set. */
  name: string | null;
  dataset: { id: string; name: string; fingerprint: string };
  protocol: Protocol;
  ranks: UserRanks;
}

/** The rows of what other programs have trained. */
export class ForeignRuns extends StoreTables {
  readonly #runs: Runs;
  readonly #ranks: Ranks;

  constructor(connection: Connection, runs: Runs, ranks: Ranks) {
    super(connection);
    this.#runs = runs;
    this.#ranks = ranks;
  }

  /** Those of these ids that no run has, or had until its folder was to be removed. */
  unknown(ids: readonly string[]): string[] {
    const sql = `SELECT value AS id FROM json_each(?) WHERE value NOT IN (SELECT id FROM runs)
      AND 'runs/' || value NOT IN (SELECT path FROM deleted_folders)`;
    return ids.length === 0 ? [] : this.connection.rows(idRow, sql, JSON.stringify(ids)).map(({ id }) => id);
  }

  /** Adds a run that another program trains already. Nobody hosts its one attempt yet: it is as one whose host has ended. */
  addImported(id: string, run: ForeignRun, { journal, pid }: { journal: string; pid: number }): void {
    const { program, model = null, name = model ?? program, dataset = null, seed = null, config, time } = run;
    this.connection.insert('runs', {
      ...{ id, kind: 'imported', name, program, model, seed },
      config: config === undefined ? null : JSON.stringify(config),
      dataset_name: dataset,
      ...{ status: 'running', created_at: time, started_at: time },
    });
    this.connection.insert('attempts', { run: id, number: 1, pid, started_at: time, from_step: 0, journal });
  }

  /** Those that were taken for killed, and when, in Unix milliseconds. */
  interrupted(): { run: string; journal: string; endedAt: number }[] {
    const sql = `SELECT run, journal, runs.ended_at FROM runs JOIN attempts ON run = id
      WHERE status = 'interrupted' AND kind != 'own' AND journal IS NOT NULL AND deleted_at IS NULL`;
    return this.connection.rows(interruptedRow, sql);
  }

  /** Adds the results of a file, all or none. Throws UserError if their data set has been deleted. */
  addExternal(results: readonly NewExternalRun[]): ExternalRun[] {
    return this.connection.transaction(() => results.map((result) => this.#addExternal(result)));
  }

  #addExternal(run: NewExternalRun): ExternalRun {
    if (run.name !== null) requireName(run.name, 'run');
    const { program, model, config, seed, dataset, result, protocol, metrics } = run;
    this.#runs.requireDataset(dataset);
    const now = Date.now();
    const id = insertRun(this.connection, {
      ...{ kind: 'external', program, model, seed, config: config && JSON.stringify(config) },
      name: this.#runs.freeName(run.name ?? generatedResultName(model, program, dataset.name)),
      ...{ dataset_id: dataset.id, dataset_name: dataset.name, dataset_fingerprint: dataset.fingerprint },
      data: keyOfData(this.connection, dataset.id),
      ...{ result: JSON.stringify(result), status: 'completed', created_at: now, ended_at: now },
    });
    this.#runs.setMeasured(id, { metrics, protocol, protocolFingerprint: protocolFingerprint(protocol) });
    this.#ranks.save(id, run.ranks);
    this.setStated(id, run.stated);
    return this.#external(id);
  }

  #external(id: string): ExternalRun {
    const run = this.#runs.get(id);
    if (run.kind !== 'external') throw new Error(`run ${id} is ${run.kind}`);
    return run;
  }

  /** Results of a file with this sha256 on what a data set holds, but for those in the trash. */
  ofFile(sha256: string, dataset: DatasetSummary): ExternalRun[] {
    const sql = `SELECT id FROM runs WHERE kind = 'external' AND deleted_at IS NULL AND data = ?
      AND json_extract(result, '$.sha256') = ?`;
    return this.connection.rows(idRow, sql, dataKey(dataset), sha256).map(({ id }) => this.#external(id));
  }

  /** Records the figures that another program states of its run, by its own names. */
  setStated(id: string, metrics: Record<string, number>): void {
    for (const [name, value] of Object.entries(metrics))
      this.connection.replace('stated_metrics', { run: id, name, value });
  }
}
