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
import { type BlockState, type RowState, repeatsIn, sourcesOf } from './plan-state.ts';

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
  return {
    ...{ name: sourceTitle({ key, model }), model, trials: null },
    runs: { done, active, missing: 1 - done - active, uncertain: false },
    otherVersions: otherVersions([match]),
    time: several(timeOf(estimate, dataset, { model, config }, place), 1 - done),
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
