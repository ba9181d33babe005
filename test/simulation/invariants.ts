/** What must be so whatever happens. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import Database from 'better-sqlite3';
import { isBadHome } from '../../src/core/store/db/connection.ts';
import { nameOf } from '../../src/main/executors/remote/remote-executor.ts';
import { SILENCE_MS, type SimulatedHost } from './host.ts';
import type { Stage } from './play.ts';
import { lossAt, type SimulatedTrainer, scoreAfter } from './trainer.ts';
import type { SimulatedProcess } from './world.ts';

interface RunRow {
  id: string;
  status: string;
  message: string | null;
  place: string | null;
  epochs: number | null;
  score: number | null;
}

interface AttemptRow {
  run: string;
  number: number;
  outcome: string | null;
  journal: string;
  place: string | null;
  ended: number | null;
  wish: string | null;
  phase: string | null;
}

/** A heartbeat and some looks, of which two or three are lost. */
const HEARD_MS = 30_000;
const REFUSED_MS = 1_300_000;
const ENDS = ['completed', 'cancelled', 'interrupted', 'failed', 'crashed'];

class Violation extends Error {}

function must(isSo: boolean, otherwise: () => string): void {
  if (!isSo) throw new Violation(otherwise());
}

export class Invariants {
  readonly #stage: Stage;
  readonly #reader: Database.Database;
  /** As they were seen before. */
  #runs = new Map<string, RunRow>();
  #attempts = new Map<string, AttemptRow>();
  #stored = '';
  #version = -1;
  /** Since when nothing fails on a host, and since when something is asked of a trainer. */
  readonly #calmSince = new Map<SimulatedHost, number>();
  readonly #wished = new Map<SimulatedProcess, number>();
  #desktop: SimulatedProcess | null = null;
  #living = '';
  readonly #statements = new Map<string, Database.Statement>();
  /** Attempts whose trainers have begun, by the names of their folders on a host. */
  readonly #begun = new Set<string>();

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#reader = new Database(join(stage.home, 'tessera.db'), { readonly: true });
  }

  close(): void {
    this.#reader.close();
  }

  #rows<T>(sql: string): T[] {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#reader.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all() as T[];
  }

  /** Whether anything that is stored of a run has changed since the last look. */
  check(): boolean {
    this.#noteCalm();
    const version = this.#reader.pragma('data_version', { simple: true }) as number;
    const living = this.#trainers()
      .map(({ process, hasBegun }) => `${process.identity.pid} ${hasBegun}`)
      .join();
    if (version === this.#version && living === this.#living) return false;
    this.#version = version;
    this.#living = living;
    const runs = this.#rows<RunRow>(
      `SELECT id, status, message, place, epochs, (SELECT value FROM run_metrics WHERE run = id) AS score FROM runs ORDER BY id`,
    );
    const attempts = this.#rows<AttemptRow>(
      `SELECT run, number, outcome, journal, place, ended_at AS ended, wish, last_place ->> 'phase' AS phase
       FROM attempts ORDER BY run, number`,
    );
    for (const run of runs) this.#checkRun(run);
    for (const run of runs) this.#checkWish(run, attempts);
    this.#checkAttempts(attempts);
    this.#checkAsked(attempts);
    this.#checkJobs(attempts);
    this.#checkTrainers(runs, attempts);
    this.#runs = new Map(runs.map((run) => [run.id, run]));
    this.#attempts = new Map(attempts.map((attempt) => [`${attempt.run} ${attempt.number}`, attempt]));
    const now = JSON.stringify([runs, attempts]);
    const isNew = now !== this.#stored;
    this.#stored = now;
    return isNew;
  }

  /** A result is final, and what its training came to. */
  #checkRun(run: RunRow): void {
    const before = this.#runs.get(run.id);
    if (before?.status !== run.status)
      this.#stage.world.tell(`${run.id} is ${run.status}${run.message ? `: ${run.message}` : ''}`);
    if (before?.status === 'completed')
      must(
        run.status === 'completed' && run.score === before.score && run.epochs === before.epochs,
        () => `${run.id} had completed with ${before.score}, and is ${run.status} with ${run.score}`,
      );
    const hasResult = before?.status === 'running' && (before.epochs ?? 0) > 0;
    must(
      !hasResult || run.status === 'completed' || (run.status === 'running' && run.epochs === before.epochs),
      () => `${run.id} had a result of ${before?.epochs} epochs, and is ${run.status} with ${run.epochs}`,
    );
    if (run.status !== 'completed') return;
    must(
      run.score !== null && run.epochs !== null && Math.abs(run.score - scoreAfter(run.epochs)) < 1e-9,
      () => `${run.id} has completed with ${run.score} after ${run.epochs} epochs`,
    );
  }

  /** What is asked of a run stands where the next process finds it, until it is obeyed. */
  #checkWish({ id, status }: RunRow, attempts: readonly AttemptRow[]): void {
    if (status !== 'running' || !this.#stage.cancelled.has(id)) return;
    const { wish } = attempts.findLast((attempt) => attempt.run === id) ?? {};
    must(wish === 'stop', () => `${id} was cancelled and trains on, and nobody will remember`);
  }

  /** At every moment, also where nothing is stored: a database that is locked, say, is no calm. */
  #noteCalm(): void {
    const { hosts, world, desktop, disk, laptop } = this.#stage;
    for (const host of hosts) {
      const { isCut, refuses, hangs, isSilent, isForbidden, isFull } = host;
      const isBad = isCut || isSilent || !desktop || disk.trouble || laptop.asleepUntil > world.time;
      // What asks the user is tried ever more slowly; a question that met a host that hangs is given up after a while.
      if (refuses || isForbidden || isFull) this.#calmSince.set(host, world.time + REFUSED_MS);
      else if (hangs)
        this.#calmSince.set(host, Math.max(world.time + SILENCE_MS, this.#calmSince.get(host) ?? 0));
      else if (isBad || desktop.process !== this.#desktop)
        this.#calmSince.set(host, Math.max(world.time, this.#calmSince.get(host) ?? 0));
    }
    this.#desktop = desktop?.process ?? null;
  }

  /** Where nothing fails for a while, what is asked of a trainer on a host reaches it. */
  #checkAsked(attempts: readonly AttemptRow[]): void {
    const { hosts, world } = this.#stage;
    for (const host of hosts) {
      const { trainers } = host;
      if (world.time - (this.#calmSince.get(host) ?? world.time) < HEARD_MS) continue;
      for (const { spec, hasBegun, process } of trainers) {
        const attempt = attempts.findLast(({ run }) => run === spec.runId);
        const isOwn = attempt?.wish && spec.runDir.endsWith(attempt.journal.replace('.jsonl', ''));
        if (!isOwn || !hasBegun || attempt.outcome) continue;
        // Of each trainer: one that is started again has yet to hear of it.
        const since = this.#wished.get(process) ?? world.time;
        this.#wished.set(process, since);
        must(
          world.time - since < HEARD_MS || existsSync(`${spec.journal}.request`),
          () => `${spec.runId} is asked to ${attempt.wish}, and its trainer has not heard of it`,
        );
      }
    }
  }

  /** None is lost, one that has ended stays as it ended, unless its process lives after all, and none follows a result. */
  #checkAttempts(attempts: readonly AttemptRow[]): void {
    const now = new Map(attempts.map((attempt) => [`${attempt.run} ${attempt.number}`, attempt]));
    for (const [key, before] of this.#attempts) {
      const after = now.get(key);
      must(after !== undefined, () => `attempt ${key} is lost`);
      if (before.ended === null || before.outcome === after?.outcome) continue;
      must(
        before.outcome === 'interrupted',
        () => `attempt ${key} had ended as ${before.outcome}, and has now as ${after?.outcome}`,
      );
    }
    for (const { run, number, outcome } of attempts)
      must(
        outcome !== 'completed' || !now.has(`${run} ${number + 1}`),
        () => `attempt ${run} ${number} has completed, and another one has begun`,
      );
  }

  /** A job of an attempt that has ended is in nobody's way. */
  #checkJobs(attempts: readonly AttemptRow[]): void {
    const { cluster, purged } = this.#stage;
    const left = this.#left();
    const ended = attempts.filter(({ ended }) => ended !== null);
    for (const { id, state, folder } of cluster.jobs) {
      if (state !== 'PENDING' && state !== 'RUNNING') continue;
      const attempt = ended.find(({ journal, run }) => basename(folder) === nameOf(join(run, journal)));
      must(
        !attempt || attempt.outcome === null || left.includes(basename(folder)) || purged.has(attempt.run),
        () => `job ${id} is ${state}, and its attempt ${attempt?.run} ${attempt?.number} ${attempt?.outcome}`,
      );
    }
  }

  /** Whatever trains is known to the home, or named among what is to be ended; nothing trains twice. */
  #checkTrainers(runs: readonly RunRow[], attempts: readonly AttemptRow[]): void {
    const { hosts, home } = this.#stage;
    const left = this.#left();
    const living = this.#trainers().filter(({ hasBegun }) => hasBegun);
    const isOn = (process: SimulatedProcess) => hosts.some(({ machine }) => machine === process.machine);
    for (const { spec, process } of living) {
      const run = runs.find(({ id }) => id === spec.runId);
      const attempt = attempts.findLast((one) => one.run === spec.runId);
      const isThere = isOn(process);
      this.#begun.add(isThere ? basename(spec.runDir) : nameOf(spec.journal));
      const journal = join(home, 'runs', spec.runId, attempt?.journal ?? '');
      const isOwn = isThere ? spec.runDir.endsWith(nameOf(journal)) : spec.journal === journal;
      const isToEnd = isThere && left.some((name) => spec.runDir.endsWith(name));
      // A process of this machine that was given up ends by itself: its journal is gone, or it is asked to stop.
      must(
        (isOwn && run?.status === 'running') || isToEnd || !isThere,
        () => `${process.name} trains in ${spec.runDir}, and nobody knows: ${run?.id} is ${run?.status}`,
      );
    }
    const here = [...this.#stage.trainers].filter(({ hasBegun }) => hasBegun);
    must(here.length <= 1, () => `${here.map(({ spec }) => spec.runId).join()} train at once on the laptop`);
    for (const { id } of runs) {
      const many = living.filter(
        ({ spec, process }) =>
          spec.runId === id && !(isOn(process) && left.some((name) => spec.runDir.endsWith(name))),
      );
      must(
        many.length < 2,
        () =>
          `${id} is trained twice: by ${many.map(({ process, spec }) => `${process.name} in ${spec.journal}`).join(' and ')}`,
      );
    }
  }

  /** In its last attempt. */
  #hasTrained(run: string): boolean {
    const last = [...this.#attempts.values()].findLast((attempt) => attempt.run === run);
    return this.#begun.has(nameOf(join(run, last?.journal ?? '')));
  }

  #trainers(): SimulatedTrainer[] {
    return [...this.#stage.trainers, ...this.#stage.hosts.flatMap(({ trainers }) => [...trainers])];
  }

  /** What is to be ended on hosts. */
  #left(): string[] {
    return this.#rows<{ name: string }>('SELECT name FROM host_endings').map(({ name }) => name);
  }

  /** What has not come to its end yet, or null. */
  unsettled(): string | null {
    const { status, id } = [...this.#runs.values()].find((run) => !ENDS.includes(run.status)) ?? {};
    if (id !== undefined) return `${id} is ${status}`;
    const left = this.#left();
    if (left.length > 0) return `${left.join(', ')} is still to be ended`;
    const lies = this.#stage.hosts.flatMap(({ runs }) => runs);
    if (lies.length > 0) return `${lies.join(', ')} lies on a host`;
    const job = this.#stage.cluster.jobs.find(({ state }) => state === 'PENDING' || state === 'RUNNING');
    if (job) return `job ${job.id} of ${job.folder} is ${job.state}`;
    const trains = this.#trainers().filter(({ process }) => !process.hasEnded);
    return trains.length > 0 ? `${trains.map(({ process }) => process.name).join(', ')} still trains` : null;
  }

  /** Once nothing fails any more, everything comes to its end. */
  checkSettled(): void {
    const { mayCancel, desktop } = this.#stage;
    must(this.unsettled() === null, () => `${this.unsettled()}, long after the last fault`);
    for (const run of this.#runs.values()) {
      const how = `${run.id} is ${run.status}${run.message ? `: ${run.message}` : ''}`;
      if (run.status === 'failed' || run.status === 'crashed')
        must(
          !this.#hasTrained(run.id) || /no space|No space|exit code 1/.test(how),
          () => `${how}, though it has trained`,
        );
      if (run.status === 'cancelled') must(mayCancel.has(run.id), () => `${how}, and nobody asked for it`);
      this.#checkSeries(run);
    }
    const [problem] = desktop?.problems.filter((error) => !isBadHome(error)) ?? [];
    must(problem === undefined, () => `a problem was told: ${problem}`);
  }

  /** Of a run that completed, a loss of each step, the one that it had. */
  #checkSeries({ id, status, epochs }: RunRow): void {
    if (status !== 'completed') return;
    const { steps, values } = this.#stage.desktop?.store.series.read(id, 'train/loss') ?? {
      steps: [],
      values: [],
    };
    const logs = this.#rows<{ message: string }>(`SELECT message FROM logs WHERE run = '${id}'`);
    must(!logs.some(({ message }) => message.includes('is damaged')), () => `a line of ${id} is damaged`);
    // One that was killed just as it kept a checkpoint says so.
    if (logs.some(({ message }) => message.includes('may be missing'))) return;
    const whole = [...steps].every(
      (step, at) => step === at + 1 && Math.abs(values[at] - lossAt(step)) < 1e-6,
    );
    must(
      whole && steps.length === (epochs ?? 0) * 5,
      () => `${id} has losses of the steps ${[...steps].join()}`,
    );
    if (this.#stage.purged.has(id)) return;
    const parts = readdirSync(join(this.#stage.home, 'runs', id), { recursive: true, encoding: 'utf8' });
    must(
      parts.some((name) => /last-.*json$/.test(name)),
      () => `${id} has no checkpoint`,
    );
  }
}
