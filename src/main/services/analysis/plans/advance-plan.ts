/** Brings a plan a step further: makes the searches and runs that are missing and queues them; the queue trains them. */
import { canonicalJson } from '../../../../core/evaluation/protocol.ts';
import { dataKey } from '../../../../core/evaluation/same-data.ts';
import { findModel } from '../../../../core/families/registry.ts';
import { matchKey, type RunMatch } from '../../../../core/plans/match-runs.ts';
import { planTag } from '../../../../core/store/home/plans.ts';
import type { StudyRecord } from '../../../../core/store/home/studies.ts';
import type { SweepSpec } from '../../../../core/store/home/study-spec.ts';
import { phaseOf } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import { createRun } from '../../runs/create-run.ts';
import { estimatedTime } from '../expected-times.ts';
import { createStudy, resumeStudy } from '../studies.ts';

import { firstConfig, type PlanPlace, type ResolvedBlock } from './plan-rows.ts';
import type { SourceState } from './plan-sources.ts';
import { type BlockState, type Matching, planState, type RowState } from './plan-state.ts';

interface WantedMatch {
  model: string;
  config: Record<string, unknown>;
  seed: number;
  match: RunMatch;
}

export class AdvancingPlan {
  readonly #store: Store;
  readonly #blocks: readonly ResolvedBlock[];
  readonly #how: Matching;
  readonly #place: PlanPlace;
  readonly #name: string;
  readonly #retries: boolean;
  readonly #retriesDiverged: boolean;
  /** Searches and runs that were put into the queue again: those that fail once more stay so. */
  readonly #tried = new Set<string>();
  /** Seconds that each place has been given. */
  readonly #given: number[];
  /** What this look has made: rows share what they build on, and tables their rows. */
  readonly #made = new Set<string>();
  readonly #searches = new Set<string>();
  readonly #runs = new Set<string>();

  /** `retries`: what ended unfinished is tried once more; `retriesDiverged`: what diverged, too. */
  constructor(
    store: Store,
    name: string,
    blocks: readonly ResolvedBlock[],
    how: Matching,
    place: PlanPlace,
    { retries = true, retriesDiverged = false } = {},
  ) {
    this.#store = store;
    this.#name = name;
    this.#retries = retries;
    this.#retriesDiverged = retriesDiverged;
    this.#blocks = blocks;
    this.#how = how;
    this.#place = place;
    this.#given = place.places.map(() => 0);
  }

  /** Every run that is trained for it, with those that its searches have made since it was looked at. */
  runs(): Set<string> {
    return new Set([...this.#runs, ...[...this.#searches].flatMap((id) => this.#store.studies.runIds(id))]);
  }

  /** Whether a search is one of the plan's. */
  steers(study: string): boolean {
    return this.#searches.has(study);
  }

  /** Makes what is missing. Returns whether anything of the plan waits or trains then. */
  advance(): boolean {
    // Between the look and what follows from it no other process makes the same.
    return this.#store.transaction(() => {
      this.#made.clear();
      const state = planState(this.#store, this.#blocks, this.#how);
      const waiting = state.flatMap((block) => block.rows.map((row) => this.#advanceRow(block, row)));
      return waiting.some(Boolean);
    });
  }

  #advanceRow(block: BlockState, row: RowState): boolean {
    const open = row.sources.filter(({ match }) => match.state !== 'done');
    if (open.length > 0) return open.map((source) => this.#advanceSource(block, source)).some(Boolean);
    if (row.search && this.#advanceSearch(block, row)) return true;
    const { model, config, runs } = row;
    return (
      config !== null && runs.map((run) => this.#advanceRun(block, { model, config, ...run })).some(Boolean)
    );
  }

  /** What it builds on comes first. */
  #advanceSource(block: BlockState, source: SourceState): boolean {
    const open = source.sources.filter(({ match }) => match.state !== 'done');
    if (open.length === 0) return this.#advanceRun(block, source);
    return open.map((one) => this.#advanceSource(block, one)).some(Boolean);
  }

  #advanceSearch(block: BlockState, { search, searched, name }: RowState): boolean {
    if (!search) return false;
    const { studies } = this.#store;
    if (!searched?.study && !this.#isFirst(canonicalJson(search))) return true;
    const title = `${this.#name}: ${name} on ${block.dataset.name}, ${block.title}`;
    const study = searched?.study ?? this.#createSearch(studies.freeName(title), block, search);
    // What a kill has left of its trials takes part in the choice, as it would have without the kill.
    const isAgain = this.#retries && searched?.isLeft === true && !this.#tried.has(study.id);
    if (isAgain) resumeStudy(this.#store, study);
    this.#tried.add(study.id);
    this.#searches.add(study.id);
    if (!searched?.hasEnded && !this.#isHere(study.spec.on ?? null))
      studies.setSpec(study.id, { ...study.spec, on: this.#place.places[0] ?? undefined });
    for (const run of studies.runIds(study.id)) this.#take(block, run);
    return isAgain || !searched?.hasEnded;
  }

  #createSearch(name: string, { dataset }: BlockState, search: SweepSpec): StudyRecord {
    const on = this.#nextPlace(search.model, dataset, firstConfig(search), search.sizes.length);
    return createStudy(this.#store, name, { ...search, on: on ?? undefined });
  }

  #advanceRun(block: BlockState, wanted: WantedMatch): boolean {
    const { dataset } = block;
    const { model, config, seed, match } = wanted;
    if (match.state === 'done') return false;
    if (match.state === 'missing') {
      if (!this.#isFirst(matchKey({ ...wanted, data: dataKey(dataset) }))) return true;
      const { device, threads } = this.#place;
      const place = this.#nextPlace(model, dataset, config);
      const request = { model, config, dataset: dataset.id, seed, device, threads, place, name: null };
      const { id } = createRun(this.#store, request);
      this.#store.queue.put(id, 'end');
      this.#keep(id);
      this.#tried.add(id);
      return true;
    }
    if (match.state !== 'active') {
      const isRetried = match.state === 'diverged' ? this.#retriesDiverged : this.#retries;
      if (!isRetried || this.#tried.has(match.run)) return false;
      this.#tried.add(match.run);
      this.#store.lifecycle.requeue(match.run);
      this.#store.queue.put(match.run, 'end');
    }
    this.#take(block, match.run);
    return true;
  }

  #isFirst(key: string): boolean {
    if (this.#made.has(key)) return false;
    this.#made.add(key);
    return true;
  }

  #isHere(place: string | null): boolean {
    return this.#place.places.includes(place);
  }

  /** What waits for a machine that this command does not train on waits for one that it does. */
  #take({ dataset }: BlockState, run: string): void {
    this.#keep(run);
    const { status, place, model, config } = this.#store.runs.own(run);
    if (phaseOf(status) === 'waiting' && !this.#isHere(place))
      this.#store.runs.moveTo(run, this.#nextPlace(model, dataset, config), null);
  }

  #keep(run: string): void {
    if (this.#runs.has(run)) return;
    this.#runs.add(run);
    const { table } = this.#store;
    const { tags } = table.annotations(run);
    const tag = planTag(this.#name);
    if (!tags.includes(tag)) table.annotate(run, { tags: [...tags, tag] });
  }

  /** The one that has least to do so far. A host that was removed meanwhile is given nothing while there are others. */
  #nextPlace(
    model: string,
    { fingerprint, statistics }: BlockState['dataset'],
    config: Record<string, unknown>,
    times = 1,
  ) {
    const { places, device } = this.#place;
    if (places.length === 1) return places[0];
    const isThere = (place: string | null) => place === null || this.#store.hosts.find(place) !== null;
    const there = [...places.keys()].filter((one) => isThere(places[one]));
    const [at = 0] = there.toSorted((one, other) => this.#given[one] - this.#given[other]);
    const secondsOn = (place: string | null) => {
      const work = { model: findModel(model), config, statistics, place, device };
      const { time } = estimatedTime(this.#store, fingerprint, work);
      return time === null || !Number.isFinite(time.high) ? null : (time.low + time.high) / 2;
    };
    // Of a machine that has trained nothing nobody knows how fast it is: as fast as this one.
    this.#given[at] += times * (secondsOn(places[at]) ?? secondsOn(null) ?? 1);
    return places[at];
  }
}
