/** The runs of a study of bases and Larges, compared with each other and put beside the published rows. */

import { meanMetric } from '../../../core/documents/comparison/rows/rows.ts';
import { fixed } from '../../../core/documents/format.ts';
import { type BaseLarge, compareBaseLarge, type StepRuns } from '../../../core/documents/study/base-large.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { mean } from '../../../core/evaluation/metrics.ts';
import { reasonApart } from '../../../core/evaluation/protocol.ts';
import { resolveConfig } from '../../../core/families/registry.ts';
import { modelTitle } from '../../../core/model-facts.ts';
import { withCommas } from '../../../core/names.ts';
import { readPublished } from '../../../core/published/published-results.ts';
import type { Store } from '../../../core/store/store.ts';
import {
  type CellRun,
  cellOverrides,
  modelOfSize,
  modelsOf,
  type StudySpec,
} from '../../../core/studies/study.ts';
import { comparedRuns } from './compared-runs.ts';

/** Runs that have not completed are left out. */
export function baseLargeOf(store: Store, spec: StudySpec, runs: readonly CellRun[]): BaseLarge {
  const done = runs.filter(({ run }) => run.status === 'completed');
  const sideOf = (model: string, role: 'base' | 'large') => {
    const sizes = spec.sizes.map(({ variant }) => variant?.model === model && variant.role === role);
    const ids = done.filter(({ cell }) => sizes[cell.size]).map(({ run }) => run.id);
    return comparedRuns(store, ids);
  };
  const pairs = modelsOf(spec).map(
    (model): StepRuns => ({ model, base: sideOf(model, 'base'), large: sideOf(model, 'large') }),
  );
  const { name } = spec.dataset;
  const imported = store.datasets.list().find((dataset) => dataset.id === spec.dataset.id);
  const found = compareBaseLarge(pairs, { name, ...imported?.statistics }, readPublished());
  const marks = popularityRuns(store, spec);
  const warnings = [...notAbovePopularity(pairs, marks), ...fewHits(pairs), ...unlikePublished(spec)];
  return { ...found, warnings: [...found.warnings, ...warnings] };
}

/** Trained on the study's data set, newest first. */
function popularityRuns(store: Store, { dataset }: StudySpec): ComparedRun[] {
  const runs = store.runs.completedOn(dataset.fingerprint);
  const ids = runs.filter(({ model, evaluates }) => model === 'popularity' && evaluates === null);
  return comparedRuns(
    store,
    ids.map(({ id }) => id),
  );
}

const MARK = 'test/ndcg@10';

/** Which sides are not above a Popularity run of the same protocol, in one sentence for each; `marks`: such runs, the first that fits counts. */
export function notAbovePopularity(pairs: readonly StepRuns[], marks: readonly ComparedRun[]): string[] {
  const below = pairs.flatMap(({ model, base, large }) =>
    Object.entries({ base, large }).flatMap(([role, runs]) => {
      const { protocol } = runs[0] ?? {};
      const mark = marks.find((run) => protocol && run.protocol && !reasonApart(run.protocol, protocol));
      const [own, least] = [meanMetric(runs, MARK), meanMetric(mark ? [mark] : [], MARK)];
      if (!mark || own === null || least === null || own > least) return [];
      return [{ mark, least, text: `${modelTitle(model)} ${role} (${fixed(own, 4)})` }];
    }),
  );
  return [...Map.groupBy(below, ({ mark }) => mark)].map(([{ name }, sides]) => {
    const texts = sides.map(({ text }) => text).join(', ');
    return `Not above Popularity, whose run ${name} has NDCG@10 ${fixed(sides[0].least, 4)}: ${texts}.`;
  });
}

/** With fewer hits a change is that of some users. */
const FEW_HITS = 50;

/** What is measured of some users only, in one sentence. */
export function fewHits(pairs: readonly StepRuns[]): string[] {
  const texts = pairs.flatMap(({ model, base, large }) =>
    Object.entries({ base, large }).flatMap(([role, runs]) => {
      const users = [...(runs[0]?.ranks ?? [])].find(({ split }) => split === 'test')?.users.length ?? 0;
      const share = mean(runs.flatMap(({ metrics }) => metrics['test/hr@10'] ?? []));
      const hits = Math.round(share * users);
      if (users === 0 || !Number.isFinite(share) || hits >= FEW_HITS) return [];
      return [`${modelTitle(model)} ${role}: ${hits} of ${withCommas(users)} users`];
    }),
  );
  return texts.length === 0
    ? []
    : [`Few have their item among the first 10, so that a change is one of some users: ${texts.join('; ')}.`];
}

/** The published settings that a study changes, in one sentence; empty if it keeps them all. */
function unlikePublished(spec: StudySpec): string[] {
  const changes = spec.sizes.flatMap((size, at) => {
    const { model, preset } = modelOfSize(spec, size);
    const published = resolveConfig(model, { preset });
    const overrides = cellOverrides(spec, { size: at, share: 1, seed: spec.seeds[0] });
    return Object.entries(resolveConfig(model, { preset, overrides })).flatMap(([key, value]) =>
      value === published[key] ? [] : [{ key, ours: String(value), theirs: String(published[key]) }],
    );
  });
  const distinct = (values: readonly string[]) => [...new Set(values)].join(' / ');
  const texts = [...Map.groupBy(changes, ({ key }) => key)].map(
    ([key, list]) =>
      `${key} ${distinct(list.map(({ ours }) => ours))} in place of ${distinct(list.map(({ theirs }) => theirs))}`,
  );
  return texts.length === 0 ? [] : [`Unlike the published settings: ${texts.join(', ')}.`];
}
