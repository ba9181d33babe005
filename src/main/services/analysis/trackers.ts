/** Runs of other trackers, taken in as imported runs. */
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { throwIfCancelled, UserError } from '../../../core/errors.ts';
import { isMetricName, isOurs, keptName, ourMetric } from '../../../core/foreign/trackers/metric-names.ts';
import {
  brokenText,
  type Recognised,
  readTracker,
  recogniseTracker,
  trackersAt,
  trackerTitle,
} from '../../../core/foreign/trackers/recognise.ts';
import type {
  MetricMap,
  TrackerKind,
  TrackerProgress,
  TrackerRequest,
  TrackerSummary,
} from '../../../core/foreign/trackers/summary.ts';
import {
  type Cursor,
  factsOfConfig,
  type Said,
  type ToldFacts,
  type TrackerListener,
} from '../../../core/foreign/trackers/told.ts';
import { clip, freeName, MAX_NAME, onOneLine } from '../../../core/names.ts';
import type { KnownRun } from '../../../core/store/others/tracker-runs.ts';
import type { Store } from '../../../core/store/store.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { type FoundTrial, keepSearches } from './found-sweeps.ts';
import { Held, HeldCurve } from './held-runs.ts';

const MAP_KEY = 'tracker-metrics';
const mapSchema = z.record(z.string(), z.string()).default({});

/** The table of names that the home remembers. */
function rememberedMetrics(store: Store): MetricMap {
  return store.settings.read(MAP_KEY, mapSchema);
}

/** Remembers names. Throws UserError for one that no metric of ours has. */
export function rememberMetrics(store: Store, map: MetricMap): MetricMap {
  const all = { ...rememberedMetrics(store), ...checkedMap(map) };
  store.settings.write(MAP_KEY, all);
  return all;
}

function checkedMap(map: MetricMap): MetricMap {
  return Object.fromEntries(
    Object.entries(map).map(([theirs, given]) => {
      const ours = given === '' || given === theirs || isOurs(given) ? given : ourMetric(given);
      if (ours !== null) return [theirs, ours];
      throw new UserError(
        `"${given}" is no metric of Tessera; give one such as test/ndcg@10, valid/hr@5 or train/loss, or nothing for the name to stay`,
      );
    }),
  );
}

/** The trackers that have files at each path; none where it is of something else. */
export function trackersOf(paths: readonly string[]): TrackerKind[][] {
  return paths.map((path) => trackersAt(path).map(({ kind }) => kind));
}

type TakeIn = (
  store: Store,
  request: TrackerRequest,
  context?: WorkContext<TrackerProgress>,
) => Promise<TrackerSummary>;

/** What an import would keep, and nothing is kept. */
export const previewTracker: TakeIn = (store, request, context) => takeIn(store, request, false, context);

/** Keeps the runs, or what is new of them, and remembers the names of their metrics. What was read before it is cancelled is kept. */
export const importTracker: TakeIn = async (store, request, context) => {
  rememberMetrics(store, request.map);
  return takeIn(store, request, true, context);
};

async function takeIn(
  store: Store,
  { paths, from, map: given }: TrackerRequest,
  isKept: boolean,
  { signal, onProgress }: WorkContext<TrackerProgress> = {},
): Promise<TrackerSummary> {
  const found = recognised(paths, from, signal);
  const map = { ...rememberedMetrics(store), ...checkedMap(given) };
  const intake = new Intake(store, found[0].kind, map, isKept);
  for (const [at, one] of found.entries()) {
    intake.root = one.root;
    await readTracker(one, intake, async (fraction) => {
      onProgress?.({ fraction: (at + fraction) / found.length, runs: intake.count });
      await setImmediate();
      throwIfCancelled(signal);
    });
  }
  const summary = intake.end();
  const broken = summary.lost.find(({ count }) => count === null);
  if (summary.runs.length === 0 && broken) throw new UserError(broken.what);
  return summary;
}

/** Throws UserError where a path has no runs, or those of another tracker than the first. */
function recognised(paths: readonly string[], from: TrackerKind | null, signal?: AbortSignal): Recognised[] {
  const found = paths.map((path) => {
    try {
      const one = recogniseTracker(path, from, signal);
      // Names of runs tell folders beside each other apart.
      return paths.length > 1 && one.root === path ? { ...one, root: dirname(path) } : one;
    } catch (error) {
      throw new UserError(brokenText(path, error));
    }
  });
  const [{ kind }] = found;
  const other = found.findIndex((one) => one.kind !== kind);
  if (other < 0) return found;
  const [first, second] = [kind, found[other].kind].map(trackerTitle);
  throw new UserError(
    `${paths[other]}: has runs of ${second}, and ${paths[0]} those of ${first}; import one after the other`,
  );
}

/** Points that are held before they are written: of one curve, whose columns stay small, and of all, as a write costs something of each curve. */
const HELD_OF_CURVE = 10_000;
const HELD_POINTS = 200_000;
/** Points for which curves keep room from one write to the next: to make room anew would have the heap grow. */
const KEPT_ROOM = 2 * HELD_POINTS;
/** Characters of a text that every list of runs reads; longer ones stand in the log. */
const MOST_NOTED = 1000;

/** What has been told of runs, on its way into the store. */
class Intake implements TrackerListener {
  readonly #store: Store;
  /** Of what is read now. */
  root = '';
  readonly #kind: TrackerKind;
  readonly #map: MetricMap;
  readonly #isKept: boolean;
  readonly #runs = new Map<string, Held>();
  readonly #lost = new Map<string, number | null>();
  readonly #identified = new Set<string>();
  /** Of a bundle that was made of runs of this home. */
  readonly #here = new Set<string>();
  #held = 0;
  /** Points that the curves have room for. */
  #room = 0;

  constructor(store: Store, kind: TrackerKind, map: MetricMap, isKept: boolean) {
    this.#store = store;
    this.#kind = kind;
    this.#map = map;
    this.#isKept = isKept;
  }

  get count(): number {
    return this.#runs.size;
  }

  cursorOf(id: string): Cursor {
    return this.#runs.get(id)?.cursor ?? this.#store.trackers.find(this.#kind, id)?.cursor ?? {};
  }

  isMetric(name: string): boolean {
    const isNamed = Object.hasOwn(this.#map, name) || this.#nameOf(name, false) !== name;
    return isNamed || isMetricName(name) || isOurs(name);
  }

  identify(name: string, said: Said): string {
    const isOther = (id: string) => {
      const known = this.#store.trackers.find(this.#kind, id);
      return known !== null && contradicts(this.#store, known, said, this.root);
    };
    const id = freeName(name, (one) => this.#identified.has(one) || isOther(one), '~');
    this.#identified.add(id);
    return id;
  }

  lost(what: string, count: number | null = 1): void {
    if (count !== 0) this.#lost.set(what, count === null ? null : (this.#lost.get(what) ?? 0) + count);
  }

  setCursor(id: string, cursor: Cursor): void {
    this.#runOf(id).cursor = cursor;
  }

  facts(id: string, told: Partial<ToldFacts>): void {
    const held = this.#runOf(id);
    const known = Object.entries({ ...factsOfConfig(told.config ?? {}), ...told });
    const { config, environment, stated } = held.facts;
    const noted = Object.entries(told.environment ?? {});
    const isLong = ([, value]: [string, string | number]) => String(value).length > MOST_NOTED;
    for (const [key, text] of noted.filter(isLong)) held.texts.set(key, String(text));
    held.facts = {
      ...held.facts,
      ...Object.fromEntries(known.filter(([, value]) => value !== undefined)),
      config: { ...config, ...told.config },
      environment: { ...environment, ...Object.fromEntries(noted.filter((one) => !isLong(one))) },
      stated: { ...stated, ...told.stated },
    };
  }

  point(id: string, theirs: string, step: number, time: number, value: number, epoch = 0): void {
    const held = this.#runOf(id);
    const curve = held.curves.get(theirs) ?? this.#curveOf(held, theirs);
    if (!Number.isSafeInteger(step) || step < 0) this.lost('points whose step is no whole number from 0 on');
    else if (!this.#isKept) held.added += Number(step > (held.lastSteps.get(curve.metric) ?? -1));
    else {
      this.#room += curve.add(step, epoch, time, value);
      if (++this.#held >= HELD_POINTS || curve.count >= HELD_OF_CURVE) this.#write();
    }
  }

  end(): TrackerSummary {
    this.#write();
    const sweeps = keepSearches(this.#store, this.#trials());
    for (const held of this.#runs.values())
      for (const theirs of Object.keys(held.facts.stated ?? {})) this.#keptAs(held, theirs);
    return {
      tracker: this.#kind,
      title: trackerTitle(this.#kind),
      runs: [...this.#runs].map(([id, { facts, run, state, metrics, added }]) => ({
        id: run,
        name: facts.name ?? (run === null ? id : this.#store.runs.get(run).name),
        state,
        points: added,
        metrics: metrics.size,
      })),
      metrics: this.#metrics(),
      sweeps,
      lost: [...this.#lost].map(([what, count]) => ({ what, count })),
    };
  }

  /** Also of what was read before: no curve of that is told again. */
  #metrics(): TrackerSummary['metrics'] {
    const all = [...this.#runs.values()].flatMap(({ names }) => Object.entries(names));
    return [...new Map(all)].map(([theirs, ours]) => ({ theirs, ours }));
  }

  #trials(): FoundTrial[] {
    return [...this.#runs.values()].flatMap(({ run, known, names, facts }): FoundTrial[] => {
      const { search, program = trackerTitle(this.#kind), model, dataset, config = {} } = facts;
      if (!this.#isKept || run === null || known?.isDeleted || search === undefined) return [];
      const metric = names[search.metric] ?? this.#nameOf(search.metric, false);
      return [{ run, search, metric, program, model, dataset, config }];
    });
  }

  #runOf(id: string): Held {
    const held = this.#runs.get(id) ?? this.#begin(id);
    held.isTouched = true;
    return held;
  }

  #begin(id: string): Held {
    const here = this.#kind === 'bundle' ? this.#runHere(id) : null;
    if (here !== null) this.#here.add(id);
    const known = here ?? this.#store.trackers.find(this.#kind, id);
    const held = new Held(this.#store, this.root, known);
    this.#runs.set(id, held);
    if (this.#isKept && known !== null && !known.isDeleted) this.#rename(held);
    return held;
  }

  /** The run of this home that a bundle was made of: the bundle says nothing new of it. */
  #runHere(id: string): KnownRun | null {
    const known = this.#store.trash.knows('run', [id]).get(id);
    return known ? { run: id, isDeleted: known.deleted, cursor: {}, names: {}, path: '' } : null;
  }

  #curveOf(held: Held, theirs: string): HeldCurve {
    const curve = new HeldCurve(this.#keptAs(held, theirs, true));
    held.curves.set(theirs, curve);
    return curve;
  }

  /** Of a table of runs, figures without a word for their part are of the test; what is logged step by step is not. */
  #nameOf(theirs: string, isCurve: boolean): string {
    return keptName(theirs, this.#map, this.#kind === 'csv' && !isCurve ? 'test' : 'valid');
  }

  /** What a metric of a run is kept as. Of two that would have one name, the second keeps its own. */
  #keptAs(held: Held, theirs: string, isCurve = false): string {
    const { names } = held;
    if (!Object.hasOwn(names, theirs)) {
      const taken = Object.values(names);
      const free = [this.#nameOf(theirs, isCurve), theirs].find((name) => !taken.includes(name));
      names[theirs] = free ?? `${theirs} (2)`;
    }
    held.metrics.add(theirs);
    return names[theirs];
  }

  /** Gives curves the names that the table has for them now. */
  #rename(held: Held): void {
    for (const [theirs, kept] of Object.entries(held.names)) {
      const name = this.#nameOf(theirs, held.lastSteps.has(kept));
      if (held.run === null || name === kept || Object.values(held.names).includes(name)) continue;
      this.#store.trackers.renameMetric(held.run, kept, name);
      held.names[theirs] = name;
      held.hasNews = held.isTouched = true;
    }
  }

  #write(): void {
    if (!this.#isKept) return;
    this.#store.transaction(() => {
      for (const [id, held] of this.#runs)
        if (held.isTouched && !held.known?.isDeleted && !this.#here.has(id)) this.#writeRun(id, held);
    });
    const isRoomKept = this.#room <= KEPT_ROOM;
    for (const held of this.#runs.values()) {
      held.isTouched = false;
      if (!isRoomKept) held.curves.clear();
      for (const curve of held.curves.values()) curve.count = 0;
    }
    if (!isRoomKept) this.#room = 0;
    this.#held = 0;
  }

  #writeRun(id: string, held: Held): void {
    const { trackers, series, foreign, table, logs } = this.#store;
    const { facts } = held;
    if (held.run === null) {
      held.run = trackers.add({ tracker: this.#kind, id, path: held.root }, facts);
      const { tags = [], notes } = facts;
      const project = clip(onOneLine(facts.project ?? ''), MAX_NAME) || undefined;
      if (tags.length > 0 || notes || project) table.annotate(held.run, { tags, notes, project });
    } else if (trackers.update(held.run, facts)) held.hasNews = true;
    const { run } = held;
    const told = [...held.curves.values()].filter(({ count }) => count > 0);
    for (const curve of told) held.added += series.merge(run, curve.points);
    const stated = Object.fromEntries(told.map(({ metric }) => [metric, series.last(run, metric)]));
    for (const [theirs, value] of Object.entries(facts.stated ?? {}))
      stated[this.#keptAs(held, theirs)] = value;
    foreign.setStated(run, stated);
    for (const [key, text] of held.texts) {
      const message = `${key}: ${text}`;
      if (logs.hasSaid(run, message.slice(0, MOST_NOTED))) continue;
      logs.append(run, [{ time: facts.startedAt ?? Date.now(), level: 'info', message }]);
    }
    held.texts.clear();
    trackers.setImported(run, held, held.root);
  }
}

/** Whether what is kept of a run cannot be what its tracker says of this one. Its last step may still have been written. */
function contradicts({ runs, series }: Store, known: KnownRun, said: Said, root: string): boolean {
  const run = runs.get(known.run);
  const kept = run.config ?? {};
  const differs = Object.entries(said.config ?? {}).some(
    ([key, value]) => Object.hasOwn(kept, key) && JSON.stringify(kept[key]) !== JSON.stringify(value),
  );
  if (differs || (said.seed !== undefined && run.seed !== null && said.seed !== run.seed)) return true;
  const keptAs = (theirs: string) => known.names[theirs] ?? theirs;
  if (run.kind === 'imported' && known.path !== root) {
    const figures = Object.entries(said.stated ?? {}).map(([theirs, value]) => [
      run.stated[keptAs(theirs)],
      value,
    ]);
    if (figures.some(([old, value]) => old !== undefined && !Object.is(old, value))) return true;
  }
  const curves = Map.groupBy(said.points ?? [], ({ metric }) => keptAs(metric));
  let shared = 0;
  let before = 0;
  for (const { metric, lastStep, points } of series.list(known.run)) {
    before += points;
    const now = new Map(curves.get(metric)?.map(({ step, value }) => [step, value]));
    const { steps, values } = series.read(known.run, metric);
    for (const [at, step] of steps.entries()) {
      const value = now.get(step);
      if (value === undefined) continue;
      shared += 1;
      if (step !== lastStep && !Object.is(value, values[at])) return true;
    }
  }
  return before > 0 && curves.size > 0 && shared === 0;
}
