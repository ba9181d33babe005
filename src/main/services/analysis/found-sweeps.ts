/** Searches of other programs, kept as sweeps: their trials are the runs that were imported. */
import type { ToldSearch } from '../../../core/foreign/trackers/told.ts';
import type { SweepSpec } from '../../../core/store/home/study-spec.ts';
import type { Store } from '../../../core/store/store.ts';

export interface FoundTrial {
  run: string;
  search: ToldSearch;
  /** What the metric of the search is kept as. */
  metric: string;
  program: string;
  model: string | undefined;
  dataset: string | undefined;
  config: Record<string, unknown>;
}

/** A place beyond it is that of a damaged database. */
const MOST_TRIALS = 1_000_000;

/** A search has one run a trial, and no seeds of ours. */
const SEED = 0;

/** Makes a sweep of each search, or gives one that is there what is new. One in the trash stays there. Returns those that are made. */
export function keepSearches(store: Store, trials: readonly FoundTrial[]): { id: string; name: string }[] {
  const placeable = trials.filter(
    ({ search: { trial } }) => Number.isInteger(trial) && trial >= 0 && trial < MOST_TRIALS,
  );
  const searches = [...Map.groupBy(placeable, ({ search }) => search.id).values()];
  return searches.flatMap((found) =>
    store.transaction(() => {
      const known = store.studies.holding(found.map(({ run }) => run));
      const spec = specOf(found);
      if (known?.isDeleted || spec.sweep.vary.length === 0) return [];
      const name = store.studies.freeName(found[0].search.name);
      const made = known === null ? [store.studies.create(name, spec)] : [];
      const study = known?.id ?? made[0].id;
      if (known) store.studies.setSpec(study, spec);
      const placed = new Set(store.studies.runs(study).map(({ size }) => size));
      for (const { run, search } of found) {
        if (placed.has(search.trial)) continue;
        store.studies.setRun(study, { size: search.trial, share: 1, seed: SEED }, run);
        placed.add(search.trial);
      }
      return made.map(({ id, name }) => ({ id, name }));
    }),
  );
}

function specOf(trials: readonly FoundTrial[]): SweepSpec {
  const [{ search, metric, program, model = 'unknown', dataset = '' }] = trials;
  const vary = new Map(trials.flatMap((trial) => trial.search.vary.map((one) => [one.key, one] as const)));
  const settings = new Map(trials.map(({ search, config }) => [search.trial, shownSettings(config, vary)]));
  const count = Math.max(...settings.keys()) + 1;
  return {
    kind: 'sweep',
    sweep: {
      ...{ search: 'random', vary: [...vary.values()], trials: count, draw: SEED, metric },
      found: { program, direction: search.direction },
    },
    ...{ model, overrides: {}, shares: [1], seeds: [SEED], device: 'auto', threads: 1 },
    // Trials that have not begun have a place and no run.
    sizes: Array.from({ length: count }, (_, at) => ({
      label: `trial${at + 1}`,
      config: settings.get(at) ?? {},
    })),
    dataset: { id: '', name: dataset, fingerprint: '' },
  };
}

/** Digits of a drawn number that tell trials apart; its run has them all. */
const DIGITS = 4;

function shownSettings(config: Record<string, unknown>, vary: ReadonlyMap<string, unknown>) {
  const shown = [...vary.keys()].filter((key) => Object.hasOwn(config, key));
  const short = (value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  return Object.fromEntries(shown.map((key) => [key, short(config[key])]));
}
