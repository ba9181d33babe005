/**
 * Searches that make their trials one after the other: the next trial, the next rung, the finalists, and what their user asks. All
 * that a step needs is in the store, and each is one transaction, so that a search goes on wherever its program was ended.
 */
import { UserError } from '../../../core/errors.ts';
import { trialDirection } from '../../../core/evaluation/choice.ts';
import { signOf } from '../../../core/evaluation/metrics-table.ts';
import { findModel, resolveConfig } from '../../../core/families/registry.ts';
import { readingOnly } from '../../../core/files/readable.ts';
import { countText } from '../../../core/names.ts';
import type { StudyRecord } from '../../../core/store/home/studies.ts';
import { phaseOf, type RunStatus } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { rungsOf } from '../../../core/studies/search/asha.ts';
import {
  nextStep,
  type PastTrial,
  type Search,
  type SearchStep,
} from '../../../core/studies/search/searcher.ts';
import { countSettings, spaceOf } from '../../../core/studies/search/space.ts';
import { isSweep, type SweepSpec } from '../../../core/studies/study.ts';
import { MAX_TRIALS } from '../../../core/studies/sweep.ts';
import type { RungValue } from '../../../core/studies/sweep-result.ts';
import { plannedCell, wholeKeys } from './study-plan.ts';
import { addRuns, runsOfStudy } from './study-runs.ts';

/** What a search asks for, with the space and the rungs that its model gives it. */
export function searchOf({ model, preset, overrides, sweep }: SweepSpec): Search {
  // Files that it names were checked when the search was made.
  const { epochs } = readingOnly(null, () => resolveConfig(model, { preset, overrides }));
  const last = typeof epochs === 'number' ? epochs : 1;
  return {
    ...sweep,
    space: spaceOf(sweep.vary, wholeKeys(findModel(model))),
    rungs: sweep.asha ? rungsOf(sweep.asha, last) : [last],
  };
}

/** The best validation of a run by each rung that it has reached; of one that has completed sooner, by all of them. */
export function rungValues(
  store: Store,
  run: Pick<OwnRun, 'id' | 'status' | 'metrics'>,
  rule: Pick<SweepSpec['sweep'], 'metric' | 'found'>,
  rungs: readonly number[],
): RungValue[] {
  const { metric } = rule;
  const sign = signOf(trialDirection(rule));
  const final = run.status === 'completed' ? run.metrics[metric] : undefined;
  if (rungs.length === 1) return final === undefined ? [] : [{ epochs: rungs[0], value: final }];
  const { epochs, values } = store.series.read(run.id, metric);
  return rungs.flatMap((rung) => {
    const until = values.filter((value, at) => epochs[at] <= rung && Number.isFinite(value));
    const isReached = until.length > 0 && Number(epochs.at(-1)) >= rung;
    if (isReached) return [{ epochs: rung, value: sign * Math.max(...until.map((value) => sign * value)) }];
    return final === undefined ? [] : [{ epochs: rung, value: final }];
  });
}

/** Where a trial is, by the status of its run. */
function stateOf(status: RunStatus): PastTrial['state'] {
  if (status === 'completed') return 'ended';
  if (status === 'stopped') return 'stands';
  return phaseOf(status) === 'ended' ? 'failed' : 'trains';
}

/** The trials so far as the searcher sees them. */
function pastTrials(store: Store, { id, spec }: Sweep, rungs: readonly number[]): PastTrial[] {
  const bySize = Map.groupBy(runsOfStudy(store, id), ({ cell }) => cell.size);
  const sign = signOf(trialDirection(spec.sweep));
  return spec.sizes.map(({ config }, size): PastTrial => {
    const runs = bySize.get(size) ?? [];
    const own = runs.find(({ cell }) => cell.seed === spec.seeds[0])?.run;
    const losses = own ? rungValues(store, own, spec.sweep, rungs).map(({ value }) => -sign * value) : [];
    return {
      settings: config,
      losses: losses.filter(Number.isFinite),
      state: own ? stateOf(own.status) : 'failed',
      seconds: runs.reduce((sum, { run }) => sum + trainedSeconds(store, run), 0),
      seeds: runs.map(({ cell }) => cell.seed),
    };
  });
}

/** What the attempts at a run took. */
export function trainedSeconds(store: Store, run: Pick<OwnRun, 'id' | 'seconds'>): number {
  if (run.seconds !== null) return run.seconds;
  const attempts = store.runs.attempts(run.id);
  return attempts.reduce(
    // A clock may have been set back meanwhile.
    (sum, { startedAt, endedAt }) => sum + Math.max(0, (endedAt ?? startedAt) - startedAt) / 1000,
    0,
  );
}

/**
 * Makes the next training of an open search: a trial, a rung or a seed of a finalist, which then waits in the queue. Returns whether
 * there is one; one that has nothing more to make has ended then. Throws UserError where there is no such search.
 */
export function takeStep(store: Store, id: string): boolean {
  return store.transaction(() => {
    const study = store.studies.find(id);
    if (!isSweep(study.spec) || study.spec.sweep.state !== 'open') return false;
    const sweep = { ...study, spec: study.spec };
    const search = searchOf(sweep.spec);
    const step = nextStep(search, pastTrials(store, sweep, search.rungs));
    if (step.next === 'wait') return false;
    if (step.next === 'nothing') {
      setSweep(store, sweep, { state: 'ended', ended: step.end });
      return false;
    }
    if (step.next === 'promotion') promote(store, sweep, step, search.rungs);
    else if (step.next === 'trial') addTrial(store, sweep, step.settings, search.rungs);
    else addRuns(store, study, [cellOf(sweep.spec, step.trial, step.seed)]);
    return true;
  });
}

const cellOf = (spec: SweepSpec, size: number, seed: number) =>
  readingOnly(null, () => plannedCell(spec, { size, share: 1, seed }));

type Sweep = StudyRecord & { spec: SweepSpec };

function setSweep(store: Store, { id, spec }: Sweep, changes: Partial<SweepSpec['sweep']>): void {
  store.studies.setSpec(id, { ...spec, sweep: { ...spec.sweep, ...changes } });
}

/** The rung at which a training stops for now; none at the last one. */
const stopAt = (epochs: number, rungs: readonly number[]) =>
  epochs === rungs.at(-1) ? {} : { until: epochs };

function addTrial(
  store: Store,
  study: Sweep,
  settings: PastTrial['settings'],
  rungs: readonly number[],
): void {
  const size = study.spec.sizes.length;
  const trial = { label: `trial${size + 1}`, config: settings, ...stopAt(rungs[0], rungs) };
  const spec = { ...study.spec, sizes: [...study.spec.sizes, trial] };
  store.studies.setSpec(study.id, spec);
  try {
    const cells = spec.seeds.map((seed) => cellOf(spec, size, seed));
    addRuns(store, { ...study, spec }, cells);
  } catch (error) {
    // Settings that do not go together are a trial without a run: others follow.
    if (!(error instanceof UserError) || error.details.code !== 'bad-config') throw error;
  }
}

function promote(
  store: Store,
  study: Sweep,
  { trial, epochs }: Extract<SearchStep, { next: 'promotion' }>,
  rungs: readonly number[],
): void {
  const { until: _, ...size } = study.spec.sizes[trial];
  const sizes = study.spec.sizes.with(trial, { ...size, ...stopAt(epochs, rungs) });
  store.studies.setSpec(study.id, { ...study.spec, sizes });
  const [seed] = study.spec.seeds;
  const run = store.studies.runs(study.id).find((cell) => cell.size === trial && cell.seed === seed)?.run;
  if (run === undefined) throw new Error(`trial ${trial + 1} of ${study.name} has no run to continue`);
  store.lifecycle.requeue(run);
  store.queue.put(run, 'front');
}

function steered(store: Store, reference: string): Sweep {
  const study = store.studies.find(reference, 'sweep');
  if (isSweep(study.spec) && study.spec.sweep.state !== undefined) return { ...study, spec: study.spec };
  throw new UserError(
    `the trials of ${study.name} were all made at once: hold their runs in the queue instead`,
  );
}

/** Lets no more trials begin; those that train go on to their rung or end. */
export function pauseSearch(store: Store, reference: string): StudyRecord {
  return store.transaction(() => {
    const study = steered(store, reference);
    if (study.spec.sweep.state === 'ended')
      throw new UserError(`${study.name} has ended: no trial waits to begin`);
    setSweep(store, study, { state: 'paused' });
    return study;
  });
}

/**
 * Trains the best trials of a sweep that has ended from each of these seeds, to their end. Throws UserError for a search of another program,
 * one whose trials still train, and one without a trial that has a value.
 */
export function testFinalists(
  store: Store,
  reference: string,
  finalists: NonNullable<SweepSpec['sweep']['finalists']>,
): StudyRecord {
  return store.transaction(() => {
    const study = store.studies.find(reference, 'sweep');
    const { spec } = study;
    if (!isSweep(spec)) throw new UserError(`${study.name} is no sweep`);
    if (spec.sweep.found)
      throw new UserError(`${spec.sweep.found.program} searched ${study.name}: continue there`);
    const { rungs } = searchOf(spec);
    const past = pastTrials(store, { ...study, spec }, rungs);
    if (spec.sweep.state === 'open' || past.some(({ state }) => state === 'trains'))
      throw new UserError(
        `${study.name} has not ended: its finalists are known once all trials have trained`,
      );
    if (past.every(({ losses }) => losses.length === 0))
      throw new UserError(`${study.name} has no trial with a result: there are no finalists`);
    const { ended: _, ...sweep } = spec.sweep;
    // No further trials: what is to be made are the seeds of those that there are.
    const asked = { ...sweep, finalists, trials: spec.sizes.length, state: 'open' as const };
    store.studies.setSpec(study.id, { ...spec, sweep: asked });
    return store.studies.find(study.id);
  });
}

/** Lets trials begin again, as long as there are some left. */
export function openSearch(store: Store, id: string): void {
  const study = steered(store, id);
  const { ended: _, ...sweep } = study.spec.sweep;
  store.studies.setSpec(id, { ...study.spec, sweep: { ...sweep, state: 'open' } });
}

/**
 * Gives a search so many more trials, whatever rule had ended it. Throws UserError for a grid, a search of another program, and where there are
 * no more different settings.
 */
export function extendSearch(store: Store, reference: string, trials: number): StudyRecord {
  return store.transaction(() => {
    const study = store.studies.find(reference, 'sweep');
    const { spec } = study;
    if (!isSweep(spec)) throw new UserError(`${study.name} is no sweep`);
    if (spec.sweep.found)
      throw new UserError(`${spec.sweep.found.program} searched ${study.name}: continue there`);
    if (spec.sweep.search === 'grid')
      throw new UserError(
        `${study.name} has every combination of its values: start a sweep with more values, or search at random`,
      );
    const count = countSettings(searchOf(spec).space);
    if (spec.sweep.trials >= count)
      throw new UserError(`${study.name} tries all ${countText(count, 'trial')} that there are`);
    if (spec.sweep.trials + trials > MAX_TRIALS)
      throw new UserError(
        `a sweep has at most 1,000 trials, and ${study.name} has ${spec.sweep.trials}: extend it by fewer`,
      );
    const { stop: _, ended: __, ...sweep } = spec.sweep;
    const more = { ...sweep, trials: sweep.trials + trials, state: 'open' as const };
    store.studies.setSpec(study.id, { ...spec, sweep: more });
    return store.studies.find(study.id);
  });
}
