/** What a plan takes: which of its runs there are, and how long those that are missing will train. */
import { type Span, sumOf } from '../../../../core/clock/clock.ts';
import { findModel } from '../../../../core/families/registry.ts';
import type { RunMatch } from '../../../../core/plans/match-runs.ts';
import { phaseOf } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import { estimatedTime } from '../expected-times.ts';
import { firstConfig, type PlanPlace } from './plan-rows.ts';
import { type SourceState, sourceTitle } from './plan-sources.ts';
import { type BlockState, type RowState, sourcesOf } from './plan-state.ts';

export interface RowTakes {
  name: string;
  model: string;
  /** Trials that its search still makes, of all. */
  trials: { missing: number; total: number } | null;
  /** By seed; `uncertain`: what is trained follows from a search, whose best trial is one of them. */
  runs: { done: number; active: number; missing: number; uncertain: boolean };
  /** Versions of the program whose runs would do, were they asked for. */
  otherVersions: string[];
  /** Seconds one after the other; null where nobody knows. */
  time: Span | null;
}

/** What rows build on, such as their tokeniser. */
export interface SourceTakes extends RowTakes {
  /** Names of the rows that wait for it. */
  of: string[];
}

export interface BlockTakes {
  table: number;
  dataset: string;
  split: string;
  rows: RowTakes[];
  /** Each in the first block that needs it. */
  sources: SourceTakes[];
}

export interface PlanTakes {
  blocks: BlockTakes[];
  /** Of all blocks. */
  done: number;
  missing: number;
  trials: number;
  /** Seconds of what is missing one after the other. */
  time: Span;
  otherVersions: string[];
}

export function planTakes(store: Store, state: readonly BlockState[], place: PlanPlace): PlanTakes {
  const known = new Set<string>();
  const blocks = state.map((block): BlockTakes => {
    const own = sourcesOf(block).filter(({ key }) => !known.has(key));
    for (const { key } of own) known.add(key);
    return {
      ...{ table: block.table, dataset: block.dataset.name, split: block.title },
      rows: block.rows.map((row) => rowTakes(store, block, row, place)),
      sources: own.map(({ source, rows }) => ({ ...sourceTakes(store, block, source, place), of: rows })),
    };
  });
  const rows = blocks.flatMap((block) => [...block.sources, ...block.rows]);
  const total = (of: (row: RowTakes) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    blocks,
    done: total(({ runs }) => runs.done),
    missing: total(({ runs }) => runs.missing + runs.active),
    trials: total(({ trials }) => trials?.missing ?? 0),
    time: sumOf(rows.filter(isToTrain).map(({ time }) => time)),
    otherVersions: [...new Set(rows.flatMap((row) => row.otherVersions))],
  };
}

const isToTrain = ({ trials, runs }: RowTakes) => (trials?.missing ?? 0) + runs.missing + runs.active > 0;

function rowTakes(store: Store, { dataset }: BlockState, row: RowState, place: PlanPlace): RowTakes {
  const { name, model, searched, search, seeds } = row;
  const count = (state: string) => row.runs.filter(({ match }) => match.state === state).length;
  const missing = search && searched ? searched.trials.total - searched.trials.done : 0;
  const isOpen = row.runs.length === 0 && !searched?.problem;
  const runs = {
    done: count('done'),
    active: count('active'),
    // Of a search the run of its best trial is there already.
    missing: isOpen ? seeds.length - 1 : count('missing') + count('ended'),
    uncertain: isOpen,
  };
  const config = row.config ?? (search && firstConfig(search));
  const one = config && timeOf(store, dataset, { model, config }, place);
  return {
    ...{ name, model, runs },
    trials: search && searched ? { missing, total: searched.trials.total } : null,
    otherVersions: otherVersions(row.runs.map(({ match }) => match)),
    time: several(one, missing + runs.missing + runs.active),
  };
}

function sourceTakes(
  store: Store,
  { dataset }: BlockState,
  { model, config, match, key }: SourceState,
  place: PlanPlace,
): RowTakes {
  const done = Number(match.state === 'done');
  const active = Number(match.state === 'active');
  return {
    ...{ name: sourceTitle({ key, model }), model, trials: null },
    runs: { done, active, missing: 1 - done - active, uncertain: false },
    otherVersions: otherVersions([match]),
    time: several(timeOf(store, dataset, { model, config }, place), 1 - done),
  };
}

const otherVersions = (matches: readonly RunMatch[]): string[] => [
  ...new Set(matches.flatMap((match) => (match.state === 'missing' ? match.otherVersions : []))),
];

const several = (one: Span | null, times: number): Span | null =>
  one && { low: one.low * times, high: one.high * times };

function timeOf(
  store: Store,
  { fingerprint, statistics }: BlockState['dataset'],
  { model, config }: { model: string; config: Record<string, unknown> },
  { places, device }: PlanPlace,
): Span | null {
  const work = { model: findModel(model), config, statistics, place: places[0], device };
  return estimatedTime(store, fingerprint, work).time;
}

/** What is missing of a plan that has come to its end, a line each with the reason. */
export function missingOf(store: Store, state: readonly BlockState[]): string[] {
  return state.flatMap((block) => block.rows.flatMap((row) => missingOfRow(store, block, row)));
}

function missingOfRow(store: Store, { dataset, title }: BlockState, row: RowState): string[] {
  const place = `${row.name} on ${dataset.name}, ${title}`;
  const held = row.sources.filter(({ match }) => match.state !== 'done');
  if (held.length > 0) return held.map((source) => `${place}: ${waitsFor(store, source)}`);
  const { searched, runs } = row;
  const reason = searched?.problem ? [`${place}: ${searched.problem}`] : [];
  if (searched && !searched.hasEnded)
    reason.push(`${place}: ${searched.trials.total - searched.trials.done} trials are to come`);
  const open = runs.flatMap(({ seed, match }) =>
    match.state === 'done' ? [] : [`${place}, seed ${seed}: ${stateWords(store, match)}`],
  );
  return [...reason, ...open];
}

/** "its tokeniser RQ-VAE failed (no item has a text)" */
function waitsFor(store: Store, source: SourceState): string {
  const first = source.sources.find(({ match }) => match.state !== 'done');
  return first ? waitsFor(store, first) : `its ${sourceTitle(source)}: ${stateWords(store, source.match)}`;
}

function stateWords(store: Store, match: RunMatch): string {
  if (match.state === 'missing') return 'not begun';
  const { status, message } = store.runs.own(match.run);
  return `${phaseOf(status) === 'ended' ? status : 'to come'}${message ? ` (${message})` : ''}`;
}
