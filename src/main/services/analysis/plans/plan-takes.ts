/** What a plan takes: which of its runs there are, and how long those that are missing will train. */
import { type Span, sumOf } from '../../../../core/clock/clock.ts';
import { findModel, resolveConfig } from '../../../../core/families/registry.ts';
import type { BlockTakes, PlanTakes, RowTakes } from '../../../../core/plans/plan-views.ts';
import { phaseOf } from '../../../../core/store/runs/run-life.ts';
import type { Store } from '../../../../core/store/store.ts';
import { estimator } from '../expected-times.ts';
import type { PlanPlace } from './plan-rows.ts';
import { type BlockState, type RowState, repeatsIn } from './plan-state.ts';

export function planTakes(store: Store, state: readonly BlockState[], place: PlanPlace): PlanTakes {
  const [estimate, repeats] = [estimator(store), repeatsIn(state)];
  const blocks = state.map(
    (block): BlockTakes => ({
      ...{ table: block.table, dataset: block.dataset.name, split: block.title },
      rows: block.rows.map((row) => ({
        ...rowTakes(estimate, block, row, place),
        repeats: repeats.has(row),
      })),
    }),
  );
  const rows = blocks.flatMap((block) => block.rows.filter((row) => !row.repeats));
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
  const config =
    row.config ??
    (search &&
      resolveConfig(model, {
        preset: search.preset,
        overrides: { ...search.overrides, ...search.sizes[0]?.config },
      }));
  const one = config ? timeOf(estimate, dataset, { model, config }, place) : null;
  const times = missing + runs.missing + runs.active;
  return {
    ...{ entry, name, model, runs, one },
    trials: search && searched ? { missing, total: searched.trials.total } : null,
    otherVersions: [
      ...new Set(row.runs.flatMap(({ match }) => (match.state === 'missing' ? match.otherVersions : []))),
    ],
    time: one && { low: one.low * times, high: one.high * times },
  };
}

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
  return state.flatMap(({ dataset, title, rows }) =>
    rows.flatMap(({ name, searched, runs }) => {
      const place = `${name} on ${dataset.name}, ${title}`;
      const reason = searched?.problem ? [`${place}: ${searched.problem}`] : [];
      if (searched && !searched.hasEnded)
        reason.push(`${place}: ${searched.trials.total - searched.trials.done} trials are to come`);
      const open = runs.flatMap(({ seed, match }) => {
        if (match.state === 'done') return [];
        if (match.state === 'missing') return [`${place}, seed ${seed}: not begun`];
        const { status, message } = store.runs.own(match.run);
        const words = phaseOf(status) === 'ended' ? status : 'to come';
        return [`${place}, seed ${seed}: ${words}${message ? ` (${message})` : ''}`];
      });
      return [...reason, ...open];
    }),
  );
}
