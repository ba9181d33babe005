/** The matrix of a plan: its models in its blocks, with a state for every run. */
import type { Span } from '../../../../core/clock/clock.ts';
import { meanOfKnown } from '../../../../core/evaluation/metrics.ts';
import type { PlanBlock, PlanCell, PlanSeed, RowTakes } from '../../../../core/plans/plan-views.ts';
import { activeState } from '../../../../core/store/runs/queue-state.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { RunRecord } from '../../../../core/store/types.ts';
import type { BlockState, RowState } from './plan-state.ts';

interface CellFacts {
  /** Aligned with the blocks. */
  takes: readonly { rows: readonly RowTakes[] }[];
  /** Of each model of the plan its index in the file. */
  entries: readonly number[];
  /** Such as "test/ndcg@10". */
  metric: string;
}

export function planCells(store: Store, state: readonly BlockState[], facts: CellFacts): PlanBlock[] {
  const runs = new Map(
    store.runs.named([...runsOf(state)], { metrics: [facts.metric] }).map((run) => [run.id, run]),
  );
  return state.map(({ table, dataset, title, rows }, at) => ({
    ...{ table, dataset: dataset.name, title },
    cells: rows.map((row, place) =>
      cellOf(store, row, {
        ...{ runs, takes: facts.takes[at].rows[place], entry: facts.entries[row.entry] ?? row.entry },
        metric: facts.metric,
      }),
    ),
  }));
}

/** Every run of its tables that there is. */
const runsOf = (state: readonly BlockState[]) =>
  new Set(
    state.flatMap(({ rows }) =>
      rows.flatMap((row) => row.runs.flatMap(({ match }) => ('run' in match ? [match.run] : []))),
    ),
  );

interface OneCell {
  runs: ReadonlyMap<string, RunRecord>;
  takes: RowTakes;
  entry: number;
  metric: string;
}

function cellOf(store: Store, row: RowState, { runs, takes, entry, metric }: OneCell): PlanCell {
  const { searched } = row;
  const known = row.runs.map((one) => seedOf(one, runs));
  const seeds =
    row.runs.length > 0 ? known : row.seeds.map((seed): PlanSeed => ({ seed, state: 'open', run: null }));
  const values = known.flatMap(({ state, run }) => {
    const value = state === 'done' && run !== null ? runs.get(run)?.metrics[metric] : undefined;
    return value === undefined ? [] : [value];
  });
  return {
    entry,
    trials: searched && { ...searched.trials, ...studyOf(store, searched) },
    seeds,
    value: meanOfKnown(values),
    best: searched?.best ?? null,
    chosen: searched?.chosen ?? null,
    left: leftOf(store, takes, seeds),
    repeats: takes.repeats,
  };
}

function studyOf(store: Store, { study }: NonNullable<RowState['searched']>) {
  const seconds = study ? store.runs.trainedSeconds(store.studies.runIds(study.id)) : 0;
  return { study: study?.id ?? null, seconds };
}

function seedOf({ seed, match }: RowState['runs'][number], runs: OneCell['runs']): PlanSeed {
  if (match.state === 'missing') return { seed, state: 'open', run: null };
  if (match.state === 'done') return { seed, state: 'done', run: match.run };
  if (match.state === 'diverged') return { seed, state: 'diverged', run: match.run };
  const { status } = runs.get(match.run) ?? {};
  const active = status === 'running' ? 'running' : 'waiting';
  return { seed, state: match.state === 'active' ? active : 'failed', run: match.run };
}

/** What trains is asked how long it still takes; the rest is counted whole. */
function leftOf(store: Store, { one, time }: RowTakes, seeds: readonly PlanSeed[]): Span | null {
  if (one === null || time === null || !Number.isFinite(time.high)) return time;
  const told = seeds.flatMap(({ state, run }) =>
    state === 'running' && run !== null ? [secondsLeft(store, run)] : [],
  );
  const less = (whole: number, each: number) =>
    told.reduce<number>((sum, seconds) => sum - each + (seconds ?? each), whole);
  return { low: Math.max(0, less(time.low, one.low)), high: Math.max(0, less(time.high, one.high)) };
}

/** Of a run that trains, as its trainer has told; null where it has not. */
export function secondsLeft(store: Store, run: string): number | null {
  const { progress, age } = activeState(store, store.runs.get(run), undefined);
  return progress?.secondsLeft == null ? null : Math.max(0, progress.secondsLeft - age);
}
