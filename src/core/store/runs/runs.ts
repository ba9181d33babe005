import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../errors.ts';
import type { Protocol } from '../../evaluation/types.ts';
import { freeName, requireName } from '../../names.ts';
import { isSameKind, processorOf } from '../../processor-kinds.ts';
import { generatedName } from '../../run-names.ts';
import type { RunResult, TrainerEvent } from '../../training/events.ts';
import type { JobOptions } from '../../training/job-options.ts';
import { SOURCE_KEYS, type SourceKey } from '../../training/sources.ts';
import type { Query } from '../db/connection.ts';
import { StoreTables } from '../db/store-tables.ts';
import { keyOfData } from '../home/datasets.ts';
import { storedPath } from '../home/home-paths.ts';
import type { AttemptRecord, MeasuredRun, NewRun, OwnRun, RunRecord, RunStatus } from '../types.ts';
import { insertRun } from './insert-run.ts';
import { type ListedRun, listedRuns } from './listed-rows.ts';
import { type NamedRun, namedRuns } from './named-rows.ts';
import { isOwn, ownRun } from './run-kinds.ts';
import { phaseOf } from './run-life.ts';
import { attemptRow, kindRow, NOT_DELETED, readRuns } from './run-rows.ts';
import { KNOWN_ENERGY } from './samples.ts';

const sourceRow = z.object({ id: z.string(), name: z.string() });
const msRow = z.object({ ms: z.number() });
const idRow = z.object({ id: z.string() });
const countRow = z.object({ count: z.number() });

interface NewestOptions {
  /** Only those older than this run. */
  before?: string;
  /** Id of the project that they are of. */
  project?: string;
  /** Only these metrics. */
  metrics?: readonly string[];
}

function newestIds(limit: number, before: string | undefined, project: string | undefined) {
  const within = project === undefined ? NOT_DELETED : `${NOT_DELETED} AND project = @project`;
  return {
    where: `id IN (SELECT id FROM runs WHERE ${within} AND id < @before ORDER BY id DESC LIMIT @limit)`,
    // Every id is smaller than "~".
    parameters: { limit, before: before ?? '~', ...(project === undefined ? {} : { project }) },
  };
}

/** The runs: what each was asked, where it stands, what came out. */
export class Runs extends StoreTables {
  /** Where a run keeps its checkpoints. */
  folder(id: string): string {
    return join(this.connection.home, 'runs', id);
  }

  /** Adds a queued run. Throws UserError if its data set has been deleted or its name is not one line of text. */
  create(run: NewRun): OwnRun {
    if (run.name !== null) requireName(run.name, 'run');
    return this.connection.transaction(() => {
      this.requireDataset(run.dataset);
      return this.own(this.#insert(run, run.name ?? this.#freeName(run)));
    });
  }

  kindOf(id: string): RunRecord['kind'] {
    return this.connection.rows(kindRow, 'SELECT kind FROM runs WHERE id = ?', id)[0]?.kind ?? 'own';
  }

  /** The run with exactly this id. Throws UserError where there is none. */
  get(id: string): RunRecord {
    const [run] = readRuns(this.connection, 'id = @id', { parameters: { id } });
    if (!run) throw noSuch(id);
    return run;
  }

  /** The run with exactly this id, of this program. Throws UserError where there is none. */
  own(id: string): OwnRun {
    return ownRun(this.get(id));
  }

  /** As `own`, of runs that this program has measured. */
  measured(id: string): MeasuredRun {
    const run = this.get(id);
    return run.kind === 'external' ? run : ownRun(run);
  }

  exists(id: string): boolean {
    return this.connection.get('SELECT id FROM runs WHERE id = ?', id) !== undefined;
  }

  /**
   * The run a user means: by id, by exact name, or by the beginning of its id.
   * Throws UserError where none or several fit.
   */
  find(reference: string): RunRecord {
    const lookups: [sql: string, id: string][] = [
      ['SELECT id FROM runs WHERE id = @id AND deleted_at IS NULL', reference.toLowerCase()],
      ['SELECT id FROM runs WHERE name = @id AND deleted_at IS NULL ORDER BY id', reference],
      [
        'SELECT id FROM runs WHERE substr(id, 1, length(@id)) = @id AND deleted_at IS NULL ORDER BY id',
        reference.toLowerCase(),
      ],
    ];
    for (const [sql, id] of reference === '' ? [] : lookups) {
      const ids = this.#ids(sql, { id });
      if (ids.length === 1) return this.get(ids[0]);
      if (ids.length > 1) {
        const shown = ids.length > 10 ? [...ids.slice(0, 10), `and ${ids.length - 10} more`] : ids;
        throw new UserError(
          `${ids.length} runs fit "${reference}" (${shown.join(', ')}): give one id in full`,
        );
      }
    }
    throw noSuch(`"${reference}"`);
  }

  /** As `find`, of the runs of this program. */
  findOwn(reference: string): OwnRun {
    return ownRun(this.find(reference));
  }

  /** All runs, newest first. */
  list(): RunRecord[] {
    return this.connection.snapshot(() => readRuns(this.connection, NOT_DELETED));
  }

  /** The newest runs, with all their metrics. */
  newest(limit: number, { before, project, metrics }: NewestOptions = {}): RunRecord[] {
    const { where, parameters } = newestIds(limit, before, project);
    return this.connection.snapshot(() => readRuns(this.connection, where, { parameters, metrics }));
  }

  /** The same as a list prints them. */
  listed(
    limit: number,
    { before, project, metrics }: NewestOptions & { metrics: readonly string[] },
  ): ListedRun[] {
    const { where, parameters } = newestIds(limit, before, project);
    return this.connection.snapshot(() => listedRuns(this.connection, where, { parameters, metrics }));
  }

  count(): number {
    const sql = `SELECT count(*) AS count FROM runs WHERE ${NOT_DELETED}`;
    return this.connection.rows(countRow, sql)[0].count;
  }

  /** Ids of all runs, newest first. */
  ids(): string[] {
    return this.#ids('SELECT id FROM runs WHERE deleted_at IS NULL ORDER BY id DESC');
  }

  /** Runs whose config names another run by a key, newest first. */
  referencing(key: SourceKey, run: string): OwnRun[] {
    return this.#own(`json_extract(config, '$.${key}') = @run`, { run });
  }

  /** Runs that build on any of these and are not among them, newest first. */
  dependants(ids: readonly string[]): NamedRun[] {
    const within = '(SELECT value FROM json_each(@ids))';
    const named = SOURCE_KEYS.map((key) => `json_extract(config, '$.${key}') IN ${within}`);
    const where = `(${named.join(' OR ')}) AND id NOT IN ${within}`;
    return namedRuns(this.connection, where, { ids: JSON.stringify(ids) }).reverse();
  }

  /** By run, the names of the runs that build on it and are not deleted; runs that none builds on are left out. */
  dependantsByRun(ids: readonly string[]): Map<string, string[]> {
    const each = SOURCE_KEYS.map(
      (key) => `SELECT json_extract(config, '$.${key}') AS id, name FROM runs
        WHERE json_extract(config, '$.${key}') IN (SELECT value FROM json_each(@ids)) AND ${NOT_DELETED}`,
    );
    const rows = this.connection.rows(sourceRow, each.join(' UNION ALL '), { ids: JSON.stringify(ids) });
    return new Map(
      [...Map.groupBy(rows, ({ id }) => id)].map(([id, all]) => [id, all.map(({ name }) => name)]),
    );
  }

  /** Seconds that trainers have spent on these runs, over all attempts; none of one in which the clock was set back. */
  trainedSeconds(ids: readonly string[]): number {
    const sql = `SELECT coalesce(sum(max(ended_at - started_at, 0)), 0) AS ms FROM attempts
      WHERE run IN (SELECT value FROM json_each(?)) AND ended_at IS NOT NULL`;
    return this.connection.rows(msRow, sql, JSON.stringify(ids))[0].ms / 1000;
  }

  /** Runs of any of these models, newest first. */
  withModel(models: readonly string[]): OwnRun[] {
    return this.#own('model IN (SELECT value FROM json_each(@models))', { models: JSON.stringify(models) });
  }

  /** Completed runs on a data set, by its fingerprint, newest first; without their metrics. */
  completedOn(fingerprint: string): OwnRun[] {
    return this.#own(`dataset_fingerprint = @fingerprint AND status = 'completed'`, { fingerprint }, []);
  }

  /** Completed trainings of a model, or of all, newest first: as many as are asked for of each data set. Without their metrics. */
  trained(model: string | null, newest: number): OwnRun[] {
    const which = `status = 'completed' AND kind = 'own' AND evaluated_checkpoint IS NULL AND deleted_at IS NULL`;
    const ids = this.#ids(
      `SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY model, dataset_fingerprint, place ORDER BY id DESC) AS place_from_newest
         FROM runs WHERE ${which} AND (? IS NULL OR model = ?)) WHERE place_from_newest <= ? ORDER BY id DESC`,
      model,
      model,
      newest,
    );
    return this.named(ids, { metrics: [] }).filter(isOwn);
  }

  /** Runs in one of these states, newest first; without their metrics. */
  withStatus(statuses: readonly RunStatus[], limit: number): RunRecord[] {
    const ids = this.#ids(
      `SELECT id FROM runs WHERE status IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL
       ORDER BY id DESC LIMIT ?`,
      JSON.stringify(statuses),
      limit,
    );
    return this.named(ids, { metrics: [] });
  }

  /** Completed runs of any of these models on a data set, by its fingerprint, newest first. */
  completed(models: readonly string[], fingerprint: string): OwnRun[] {
    return this.#own(
      `model IN (SELECT value FROM json_each(@models)) AND dataset_fingerprint = @fingerprint AND status = 'completed'`,
      { models: JSON.stringify(models), fingerprint },
    );
  }

  /** Runs of any of these models on a data set, by its fingerprint, however they ended, newest first; without their metrics. */
  ofModels(models: readonly string[], fingerprint: string): OwnRun[] {
    const where = 'model IN (SELECT value FROM json_each(@models)) AND dataset_fingerprint = @fingerprint';
    return this.#own(where, { models: JSON.stringify(models), fingerprint }, []);
  }

  /** The runs with these ids that there are, in this order. */
  named(ids: readonly string[], { metrics }: Pick<NewestOptions, 'metrics'> = {}): RunRecord[] {
    const where = 'id IN (SELECT value FROM json_each(@ids))';
    const found = readRuns(this.connection, where, { parameters: { ids: JSON.stringify(ids) }, metrics });
    const byId = new Map(found.map((run) => [run.id, run]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** Every try at training the run, oldest first. */
  attempts(id: string): AttemptRecord[] {
    return this.connection.rows(attemptRow, 'SELECT * FROM attempts WHERE run = ? ORDER BY number', id);
  }

  /** Records what the trainer found when it started. */
  setStarted(id: string, event: Extract<TrainerEvent, { type: 'started' }>): void {
    this.connection.run(
      'UPDATE runs SET device = ?, device_reason = ?, parameters = ?, environment = ? WHERE id = ?',
      event.device || null,
      event.deviceReason || null,
      event.parameters,
      JSON.stringify(event.environment),
      id,
    );
    const attempt = this.attempts(id).at(-1);
    const processor = processorOf(event.environment);
    if (attempt === undefined || processor === null) return;
    // A job that began again has nothing of its earlier nodes.
    const before = event.fromStep > attempt.fromStep ? (attempt.processors ?? []) : [];
    const last = before.at(-1);
    const kinds = last && isSameKind(last, processor) ? before : [...before, processor];
    this.connection.run(
      'UPDATE attempts SET processors = ? WHERE run = ? AND number = ?',
      JSON.stringify(kinds),
      id,
      attempt.number,
    );
  }

  /** Records the final figures; ranks are kept by `Store.ranks`. */
  setResult(id: string, result: RunResult, protocolFingerprint: string): void {
    this.connection.transaction(() => {
      const { epochs, selectedEpoch, seconds, listSeconds = null } = result;
      this.connection.run(
        `UPDATE runs SET epochs = @epochs, selected_epoch = @selectedEpoch, seconds = @seconds, list_seconds = @listSeconds,
           energy = (SELECT ${KNOWN_ENERGY} FROM system_samples WHERE run = @id) WHERE id = @id`,
        { id, epochs, selectedEpoch, seconds, listSeconds },
      );
      this.setMeasured(id, { ...result, protocolFingerprint });
    });
  }

  /** Records what this program has measured, in place of what it had before. */
  setMeasured(id: string, { metrics, protocol, protocolFingerprint }: Measured): void {
    const sql = 'UPDATE runs SET protocol = ?, protocol_fingerprint = ? WHERE id = ?';
    this.connection.run(sql, JSON.stringify(protocol), protocolFingerprint, id);
    this.connection.run('DELETE FROM run_metrics WHERE run = ?', id);
    for (const [name, value] of Object.entries(metrics))
      this.connection.insert('run_metrics', { run: id, name, value });
  }

  /** Throws UserError if a data set has been deleted. */
  requireDataset({ id, name }: NewRun['dataset']): void {
    if (this.connection.get('SELECT id FROM datasets WHERE id = ? AND deleted_at IS NULL', id)) return;
    throw new UserError(`the data set ${name} has been deleted: import it again`);
  }

  /** Throws UserError where there is no such run. */
  rename(id: string, name: string): void {
    if (this.connection.run('UPDATE runs SET name = ? WHERE id = ?', name, id) === 0) throw noSuch(id);
  }

  /** Runs of this program under a condition, newest first. */
  #own(where: string, parameters: Record<string, string>, metrics?: readonly string[]): OwnRun[] {
    const condition = `kind = 'own' AND ${where} AND ${NOT_DELETED}`;
    return readRuns(this.connection, condition, { parameters, metrics }).filter(isOwn);
  }

  /** Has a run trained on another host, or with null on the machine of the home. */
  moveTo(id: string, place: string | null, job: JobOptions | null): void {
    const stored = job && JSON.stringify(job);
    this.connection.run('UPDATE runs SET place = ?, job = ? WHERE id = ?', place, stored, id);
  }

  /** Changes how a run's job is submitted the next time. Throws UserError where it has none, or is submitted already. */
  changeJob(id: string, changes: JobOptions): void {
    const { name, place, job, status } = this.own(id);
    const why =
      place === null
        ? 'trains on this machine, and has no job'
        : 'is running: its job is as it was submitted';
    if (place === null || phaseOf(status) === 'hosted') throw new UserError(`run ${name} (${id}) ${why}`);
    const changed = JSON.stringify({ ...job, ...changes });
    this.connection.run('UPDATE runs SET job = ? WHERE id = ?', changed, id);
  }

  #ids(...query: Query): string[] {
    return this.connection.rows(idRow, ...query).map(({ id }) => id);
  }

  #insert(run: NewRun, name: string): string {
    const { run: evaluated = null, ...checkpoint } = run.evaluates ?? {};
    const stored = run.evaluates && {
      ...checkpoint,
      path: storedPath(this.connection.home, run.evaluates.path),
    };
    return insertRun(this.connection, {
      name,
      model: run.model,
      config: JSON.stringify(run.config),
      dataset_id: run.dataset.id,
      dataset_name: run.dataset.name,
      dataset_fingerprint: run.dataset.fingerprint,
      data: keyOfData(this.connection, run.dataset.id),
      seed: run.seed,
      requested_device: run.requestedDevice,
      threads: run.threads,
      place: run.place ?? null,
      job: run.job ? JSON.stringify(run.job) : null,
      code_version: run.codeVersion,
      evaluated_run: evaluated,
      evaluated_checkpoint: stored ? JSON.stringify(stored) : null,
      status: 'queued',
      created_at: Date.now(),
    });
  }

  #freeName(run: NewRun): string {
    return this.freeName(
      run.evaluates
        ? `${run.evaluates.name}-evaluation`
        : generatedName(run.model, run.dataset.name, run.seed),
    );
  }

  /** The name, with a number behind it where a run has it. */
  freeName(base: string): string {
    const sql = 'SELECT id FROM runs WHERE name = ? LIMIT 1';
    return freeName(base, (name) => Boolean(this.connection.get(sql, name)));
  }
}

/** What was measured of a run, and how. */
interface Measured {
  metrics: Record<string, number>;
  protocol: Protocol;
  protocolFingerprint: string;
}

function noSuch(run: string): UserError {
  return new UserError({
    code: 'unknown-run',
    problem: `there is no run ${run}`,
    fix: { cli: '"runs list" shows the runs there are' },
  });
}
