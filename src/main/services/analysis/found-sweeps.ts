/** Searches of other programs, kept as sweeps: their trials are the runs that were imported. */
import type { ToldSearch } from '../../../core/foreign/trackers/told.ts';
import type { StudySpec, SweepSpec } from '../../../core/store/home/study-spec.ts';
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

/** A search has one run a trial, and no seeds of ours. */
const SEED = 0;

/** Makes a sweep of each search, or gives one that is there what is new. One in the trash stays there. Returns those that are made. */
export function keepSearches(store: Store, trials: readonly FoundTrial[]): { id: string; name: string }[] {
  const searches = [...Map.groupBy(trials, ({ search }) => search.name)];
  return searches.flatMap(([name, found]) =>
    store.transaction(() => {
      const known = store.studies.holding(found.map(({ run }) => run));
      if (known?.isDeleted) return [];
      const spec = specOf(found);
      const made = known === null ? [store.studies.create(store.studies.freeName(name), spec)] : [];
      const study = known?.id ?? made[0].id;
      store.studies.setSpec(study, spec);
      const placed = new Set(store.studies.runs(study).map(({ size }) => size));
      for (const { run, search } of found)
        if (!placed.has(search.trial))
          store.studies.setRun(study, { size: search.trial, share: 1, seed: SEED }, run);
      return made.map(({ id, name }) => ({ id, name }));
    }),
  );
}

function specOf(trials: readonly FoundTrial[]): StudySpec {
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
  } satisfies SweepSpec;
}

/** Digits of a drawn number that tell trials apart; its run has them all. */
const DIGITS = 4;

function shownSettings(config: Record<string, unknown>, vary: ReadonlyMap<string, unknown>) {
  const shown = [...vary.keys()].filter((key) => Object.hasOwn(config, key));
  const short = (value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(DIGITS)) : value;
  return Object.fromEntries(shown.map((key) => [key, short(config[key])]));
}
