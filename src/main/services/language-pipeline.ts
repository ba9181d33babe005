/** Language runs in the order in which they fed each other, and what was measured of them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LanguageEvaluation, PipelineRun } from '../../core/api/language.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';

/** Where an evaluation of a run is kept. */
export function evaluationPath(store: Store, run: string): string {
  return join(store.runs.folder(run), 'language', 'evaluation.json');
}

/** What the last evaluation of a run found; null before there is one. */
export function keptEvaluation(store: Store, run: string): LanguageEvaluation | null {
  const path = evaluationPath(store, run);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as LanguageEvaluation) : null;
}

/** Every language run, oldest first, each followed by the runs that started from it. */
export function languagePipeline(store: Store): PipelineRun[] {
  const runs = store.runs
    .list()
    .filter(({ model }) => model === 'brew')
    .sort((a, b) => a.createdAt - b.createdAt);
  const known = new Set(runs.map(({ id }) => id));
  const fromOf = ({ config }: RunRecord) => {
    const { startFrom } = config;
    return typeof startFrom === 'string' && known.has(startFrom) ? startFrom : null;
  };
  const below = (from: string | null, depth: number): PipelineRun[] =>
    runs
      .filter((run) => fromOf(run) === from)
      .flatMap((run) => [
        {
          ...{ id: run.id, name: run.name, status: run.status, dataset: run.dataset.name },
          ...{ parameters: run.parameters, metrics: run.metrics, from, depth },
          stage: String(run.config.stage),
          evaluated: existsSync(evaluationPath(store, run.id)),
        },
        ...below(run.id, depth + 1),
      ]);
  return below(null, 0);
}
