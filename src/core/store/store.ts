import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Machine, thisMachine } from '../machine.ts';
import { type Connection, homeError } from './db/connection.ts';
import { Locks } from './db/locks.ts';
import { Views } from './db/views.ts';
import { HomeFile } from './files/home-file.ts';
import { RunFiles } from './files/run-file.ts';
import { Unwritten } from './files/unwritten.ts';
import { Comparisons } from './home/comparisons.ts';
import { Datasets } from './home/datasets.ts';
import { GivenNames } from './home/given-names.ts';
import { Hosts } from './home/hosts.ts';
import { Plans } from './home/plans.ts';
import { Projects } from './home/projects.ts';
import { Settings } from './home/settings.ts';
import { Studies } from './home/studies.ts';
import { Trash } from './home/trash.ts';
import { ForeignRuns } from './others/foreign-rows.ts';
import { TrackerRuns } from './others/tracker-runs.ts';
import { Checkpoints } from './runs/checkpoints.ts';
import { Lifecycle } from './runs/lifecycle.ts';
import { Logs } from './runs/logs.ts';
import { Queue } from './runs/queue.ts';
import { RankMetrics } from './runs/rank-metrics.ts';
import { Ranks } from './runs/ranks.ts';
import { Runs } from './runs/runs.ts';
import { Samples } from './runs/samples.ts';
import { Series } from './runs/series.ts';
import { RunTable } from './table/run-table.ts';
import { Sweeps } from './table/sweeps.ts';

const HOME_ID = 'home.id';
const homeId = z.string().nullable().default(null);

/** Everything a home remembers, in `<home>/tessera.db`. Several processes may have it open at once. */
export class Store {
  readonly home: string;
  /** This process's: what the store takes, leases and locks, is held by its process. */
  readonly machine: Machine;
  readonly datasets: Datasets;
  readonly runs: Runs;
  readonly foreign: ForeignRuns;
  readonly trackers: TrackerRuns;
  readonly lifecycle: Lifecycle;
  readonly series: Series;
  readonly ranks: Ranks;
  readonly rankMetrics: RankMetrics;
  readonly checkpoints: Checkpoints;
  readonly logs: Logs;
  readonly sweeps: Sweeps;
  readonly table: RunTable;
  readonly projects: Projects;
  readonly comparisons: Comparisons;
  readonly plans: Plans;
  readonly queue: Queue;
  readonly locks: Locks;
  readonly samples: Samples;
  readonly settings: Settings;
  readonly hosts: Hosts;
  readonly givenNames: GivenNames;
  readonly studies: Studies;
  readonly trash: Trash;
  readonly views: Views;
  readonly runFiles: RunFiles;
  readonly homeFile: HomeFile;
  readonly unwritten: Unwritten;
  readonly #connection: Connection;
  #id: string | null = null;

  constructor(home: string, connection: Connection, machine: Machine = thisMachine) {
    this.home = home;
    this.machine = machine;
    this.#connection = connection;
    this.datasets = new Datasets(connection);
    this.runs = new Runs(connection);
    this.series = new Series(connection);
    this.ranks = new Ranks(connection);
    this.rankMetrics = new RankMetrics(connection, this.ranks);
    this.foreign = new ForeignRuns(connection, this.runs, this.ranks);
    this.trackers = new TrackerRuns(connection);
    this.lifecycle = new Lifecycle(connection, this.series, machine);
    this.checkpoints = new Checkpoints(connection);
    this.logs = new Logs(connection);
    this.projects = new Projects(connection);
    this.comparisons = new Comparisons(connection);
    this.sweeps = new Sweeps(connection);
    this.table = new RunTable(connection, this.projects, this.sweeps);
    this.plans = new Plans(connection);
    this.queue = new Queue(connection);
    this.locks = new Locks(connection, machine);
    this.samples = new Samples(connection);
    this.settings = new Settings(connection);
    this.hosts = new Hosts(connection);
    this.givenNames = new GivenNames(connection);
    this.studies = new Studies(connection);
    this.trash = new Trash(connection);
    this.views = new Views(connection);
    this.runFiles = new RunFiles(connection);
    this.homeFile = new HomeFile(connection);
    this.unwritten = new Unwritten(connection);
  }

  /** Runs several changes as one: all of them are kept, or none. */
  transaction<T>(work: () => T): T {
    return this.#connection.transaction(work);
  }

  /** What stays where the home is moved, and a copy of it has too; of this session alone where that cannot be written. */
  get id(): string {
    this.#id ??= this.#findId();
    return this.#id;
  }

  #findId(): string {
    const fresh = randomUUID();
    try {
      return this.transaction(() => {
        const known = this.settings.read(HOME_ID, homeId);
        if (known === null) this.settings.write(HOME_ID, fresh);
        return known ?? fresh;
      });
    } catch {
      return fresh;
    }
  }

  /** What tells this home from every other one, also from one that was at its place before, and from a copy of it elsewhere. */
  get key(): string {
    return `${this.id} ${this.home}`;
  }

  get isReadOnly(): boolean {
    return this.#connection.readOnly;
  }

  /** Throws UserError where the home can only be read: before work whose end has to be stored. */
  requireWritable(): void {
    const { path, readOnly } = this.#connection;
    if (readOnly) throw homeError(path, 'SQLITE_READONLY', null);
  }

  /** A number that changes when another process has written to the database. */
  externalChanges(): number {
    return this.#connection.externalChanges();
  }

  /** How many there are, in the trash or not. */
  counts(): { runs: number; datasets: number } {
    const count = (table: string) =>
      (this.#connection.get(`SELECT count(*) AS count FROM ${table}`) as { count: number }).count;
    return { runs: count('runs'), datasets: count('datasets') };
  }

  /** How many rows this process has changed. */
  changes(): number {
    return this.#connection.changes();
  }

  /** Lets a statement wait for another process's transaction no longer than this. */
  waitAtMost(milliseconds: number): void {
    this.#connection.waitAtMost(milliseconds);
  }

  close(): void {
    this.#connection.close();
  }
}
