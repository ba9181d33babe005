/** What a plan takes: which of its runs there are, and how long those that are missing will train. */
import { type Span, sumOf } from '../../../../core/clock/clock.ts';
import { findModel } from '../../../../core/families/registry.ts';
import type { RunMatch } from '../../../../core/plans/match-runs.ts';
import type { BlockTakes, PlanTakes, RowTakes, SourceTakes } from '../../../../core/plans/plan-views.ts';
import { phaseOf } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import { estimator } from '../expected-times.ts';

import { firstConfig, type PlanPlace } from './plan-rows.ts';
import { type SourceState, sourceTitle } from './plan-sources.ts';
import { type BlockState, divergedSource, type RowState, repeatsIn, sourcesOf } from './plan-state.ts';

export function planTakes(store: Store, state: readonly BlockState[], place: PlanPlace): PlanTakes {
  const [estimate, repeats] = [estimator(store), repeatsIn(state)];
  const known = new Set<string>();
  const blocks = state.map((block): BlockTakes => {
    const own = sourcesOf(block).filter(({ key }) => !known.has(key));
    for (const { key } of own) known.add(key);
    return {
      ...{ table: block.table, dataset: block.dataset.name, split: block.title },
      rows: block.rows.map((row) => ({
        ...rowTakes(estimate, block, row, place),
        repeats: repeats.has(row),
      })),
      sources: own.map(({ source, rows }) => ({ ...sourceTakes(estimate, block, source, place), of: rows })),
    };
  });
  const rows: Counted[] = blocks.flatMap((block) => [
    ...block.sources,
    ...block.rows.filter((row) => !row.repeats),
  ]);
  const total = (of: (row: Counted) => number) => rows.reduce((sum, row) => sum + of(row), 0);
  return {
    blocks,
    done: total(({ runs }) => runs.done),
    missing: total(({ runs }) => runs.missing + runs.active),
    diverged: total(({ runs }) => runs.diverged),
    trials: total(({ trials }) => trials?.missing ?? 0),
    time: sumOf(rows.filter(isToTrain).map(({ time }) => time)),
    otherVersions: [...new Set(rows.flatMap((row) => row.otherVersions))],
  };
}

/** What is trained: a row, or what rows build on. */
type Counted = Omit<RowTakes, 'entry' | 'one' | 'repeats'>;

const isToTrain = ({ trials, runs }: Counted) => (trials?.missing ?? 0) + runs.missing + runs.active > 0;

type Estimate = ReturnType<typeof estimator>;

function rowTakes(
  estimate: Estimate,
  { dataset }: BlockState,
  row: RowState,
  place: PlanPlace,
): Omit<RowTakes, 'repeats'> {
  const { entry, name, model, searched, search, seeds } = row;
  const count = (state: string) => row.runs.filter(({ match }) => match.state === state).length;
  // Nothing of it is trained while there is nothing that it could build on.
  const isHeld = divergedSource(row) !== null;
  const missing = search && searched && !isHeld ? searched.trials.total - searched.trials.done : 0;
  const isOpen = row.runs.length === 0 && !searched?.problem && !isHeld;
  const runs = {
    done: count('done'),
    active: count('active'),
    // Of a search the run of its best trial is there already.
    missing: isOpen ? seeds.length - 1 : isHeld ? 0 : count('missing') + count('ended'),
    diverged: isHeld ? seeds.length : count('diverged'),
    uncertain: isOpen,
  };
  const config = row.config ?? (search && firstConfig(search));
  const one = config ? timeOf(estimate, dataset, { model, config }, place) : null;
  return {
    ...{ entry, name, model, runs, one },
    trials: search && searched ? { missing, total: searched.trials.total } : null,
    otherVersions: otherVersions(row.runs.map(({ match }) => match)),
    time: several(one, missing + runs.missing + runs.active),
  };
}

function sourceTakes(
  estimate: Estimate,
  { dataset }: BlockState,
  { model, config, match, key }: SourceState,
  place: PlanPlace,
): Omit<SourceTakes, 'of'> {
  const done = Number(match.state === 'done');
  const active = Number(match.state === 'active');
  const diverged = Number(match.state === 'diverged');
  const missing = 1 - done - active - diverged;
  return {
    ...{ name: sourceTitle({ key, model }), model, trials: null },
    runs: { done, active, missing, diverged, uncertain: false },
    otherVersions: otherVersions([match]),
    time: several(timeOf(estimate, dataset, { model, config }, place), missing + active),
  };
}

const otherVersions = (matches: readonly RunMatch[]): string[] => [
  ...new Set(matches.flatMap((match) => (match.state === 'missing' ? match.otherVersions : []))),
];

const several = (one: Span | null, times: number): Span | null =>
  one && { low: one.low * times, high: one.high * times };

function timeOf(
  estimate: Estimate,
  { fingerprint, statistics }: BlockState['dataset'],
  { model, config }: { model: string; config: Record<string, unknown> },
  { places, device }: PlanPlace,
): Span | null {
  const work = { model: findModel(model), config, statistics, place: places[0], device };
  return estimate(fingerprint, work).time;
}

/** What is missing of a plan that has come to its end, a line each with the reason. */
export function missingOf(store: Store, state: readonly BlockState[]): string[] {
  return state.flatMap((block) => block.rows.flatMap((row) => missingOfRow(store, block, row)));
}

function missingOfRow(store: Store, { dataset, title }: BlockState, row: RowState): string[] {
  const place = `${row.name} on ${dataset.name}, ${title}`;
  if (divergedSource(row)) return [];
  const held = row.sources.filter(({ match }) => match.state !== 'done');
  if (held.length > 0) return held.map((source) => `${place}: ${waitsFor(store, source)}`);
  const { searched, runs } = row;
  const reason = searched?.problem ? [`${place}: ${searched.problem}`] : [];
  if (searched && !searched.hasEnded)
    reason.push(`${place}: ${searched.trials.total - searched.trials.done} trials are to come`);
  const open = runs.flatMap(({ seed, match }) =>
    match.state === 'done' || match.state === 'diverged'
      ? []
      : [`${place}, seed ${seed}: ${stateWords(store, match)}`],
  );
  return [...reason, ...open];
}

/** What of a row diverged: it is not trained again by itself. */
export interface Diverged {
  /** Name of the row. */
  name: string;
  /** "films, leave-last-out" */
  place: string;
  /** From these seeds; none where what it builds on diverged. */
  seeds: number[];
  /** A line each, with the reason. */
  lines: string[];
}

export function divergedOf(state: readonly BlockState[]): Diverged[] {
  return state.flatMap(({ dataset, title, rows }) =>
    rows.flatMap((row): Diverged[] => {
      const { name } = row;
      const place = `${dataset.name}, ${title}`;
      const source = divergedSource(row);
      if (source?.match.state === 'diverged')
        return [
          {
            ...{ name, place, seeds: [] },
            lines: [`${name} on ${place}: its ${sourceTitle(source)}: ${source.match.message ?? 'diverged'}`],
          },
        ];
      const found = row.runs.flatMap(({ seed, match }) =>
        match.state === 'diverged' ? [{ seed, message: match.message ?? 'diverged' }] : [],
      );
      if (found.length === 0) return [];
      const lines = found.map(({ seed, message }) => `${name} on ${place}, seed ${seed}: ${message}`);
      return [{ name, place, seeds: found.map(({ seed }) => seed), lines }];
    }),
  );
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
