/** Brings a plan a step further: makes the searches and runs that are missing and queues them; the queue trains them. */
import { findModel } from '../../../../core/families/registry.ts';
import type { Store } from '../../../../core/store/store.ts';
import { createRun } from '../../runs/create-run.ts';
import { estimatedTime } from '../expected-times.ts';
import { createStudy, resumeStudy } from '../studies.ts';
import type { PlanPlace, ResolvedBlock } from './plan-rows.ts';
import { type BlockState, type Matching, planState, type RowState, repeatsIn } from './plan-state.ts';

/** Marks the runs that a plan made. */
export const planTag = (name: string) => `plan:${name}`;

export class AdvancingPlan {
  readonly #store: Store;
  readonly #blocks: readonly ResolvedBlock[];
  readonly #how: Matching;
  readonly #place: PlanPlace;
  readonly #name: string;
  readonly #retries: boolean;
  /** Searches and runs that were put into the queue again: those that fail once more stay so. */
  readonly #tried = new Set<string>();
  /** Seconds that each place has been given. */
  readonly #given: number[];
  readonly #searches = new Set<string>();
  readonly #runs = new Set<string>();

  /** `retries`: what ended unfinished is tried once more. */
  constructor(
    store: Store,
    name: string,
    blocks: readonly ResolvedBlock[],
    how: Matching,
    place: PlanPlace,
    { retries = true } = {},
  ) {
    this.#store = store;
    this.#name = name;
    this.#retries = retries;
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
      const state = planState(this.#store, this.#blocks, this.#how);
      const repeats = repeatsIn(state);
      const waiting = state.flatMap((block) =>
        block.rows.filter((row) => !repeats.has(row)).map((row) => this.#advanceRow(block, row)),
      );
      return waiting.some(Boolean);
    });
  }

  #advanceRow(block: BlockState, row: RowState): boolean {
    if (row.search && this.#advanceSearch(block, row)) return true;
    return row.runs.map((_, at) => this.#advanceRun(block, row, at)).some(Boolean);
  }

  #advanceSearch(block: BlockState, { search, searched, name }: RowState): boolean {
    if (!search) return false;
    const { studies } = this.#store;
    const title = `${this.#name}: ${name} on ${block.dataset.name}, ${block.title}`;
    const study = searched?.study ?? createStudy(this.#store, studies.freeName(title), search);
    // What a kill has left of its trials takes part in the choice, as it would have without the kill.
    const isAgain = this.#retries && searched?.isLeft === true && !this.#tried.has(study.id);
    if (isAgain) resumeStudy(this.#store, study);
    this.#tried.add(study.id);
    this.#searches.add(study.id);
    for (const run of studies.runIds(study.id)) this.#keep(run);
    return isAgain || !searched?.hasEnded;
  }

  #advanceRun({ dataset }: BlockState, { model, config, runs }: RowState, at: number): boolean {
    const { seed, match } = runs[at];
    if (match.state === 'done' || config === null) return false;
    if (match.state === 'missing') {
      const { device, threads } = this.#place;
      const place = this.#nextPlace(model, dataset, config);
      const request = { model, config, dataset: dataset.id, seed, device, threads, place, name: null };
      const { id } = createRun(this.#store, request);
      this.#store.queue.put(id, 'end');
      this.#keep(id);
      this.#tried.add(id);
      return true;
    }
    if (match.state === 'ended') {
      if (!this.#retries || this.#tried.has(match.run)) return false;
      this.#tried.add(match.run);
      this.#store.lifecycle.requeue(match.run);
      this.#store.queue.put(match.run, 'end');
    }
    this.#keep(match.run);
    return true;
  }

  #keep(run: string): void {
    if (this.#runs.has(run)) return;
    this.#runs.add(run);
    const { table } = this.#store;
    const { tags } = table.annotations(run);
    const tag = planTag(this.#name);
    if (!tags.includes(tag)) table.annotate(run, { tags: [...tags, tag] });
  }

  /** The one that has least to do so far. */
  #nextPlace(
    model: string,
    { fingerprint, statistics }: BlockState['dataset'],
    config: Record<string, unknown>,
  ) {
    const { places, device } = this.#place;
    if (places.length === 1) return places[0];
    const at = this.#given.indexOf(Math.min(...this.#given));
    const work = { model: findModel(model), config, statistics, place: places[at], device };
    const { time } = estimatedTime(this.#store, fingerprint, work);
    this.#given[at] += time === null || !Number.isFinite(time.high) ? 1 : (time.low + time.high) / 2;
    return places[at];
  }
}
