/** Language runs in the order in which they fed each other, and what was measured of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BaselineChoice, PipelineRun } from '../../../core/api/language.ts';
import { readSplit } from '../../../core/data/splits/index.ts';
import {
  EVALUATION_FORMAT,
  FORMER_FORMAT,
  type LanguageEvaluation,
} from '../../../core/evaluation/language-evaluation.ts';
import { reasonApart } from '../../../core/evaluation/protocol.ts';
import { statedSample } from '../../../core/evaluation/samples.ts';
import { isObject, parseJson } from '../../../core/files/json.ts';
import { modelsOfTask, modelTask } from '../../../core/model-facts.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { pretrainedOf } from '../runs/source-runs.ts';

const folderOf = (store: Store, run: string) => join(store.runs.folder(run), 'language', 'evaluations');

/** Where an evaluation of a run is kept, by the time when it was measured. */
export const evaluationPath = (store: Store, run: string, measuredAt: number) =>
  join(folderOf(store, run), `${measuredAt}.json`);

/** What the evaluations of a run found, newest first; those that are damaged or of an unknown format are left out. */
export function storedEvaluations(store: Store, run: string): LanguageEvaluation[] {
  return evaluationFiles(store, run)
    .flatMap((path) => evaluationIn(readFileSync(path, 'utf8')))
    .sort((a, b) => b.measuredAt - a.measuredAt);
}

function evaluationIn(text: string): LanguageEvaluation[] {
  const kept = parseJson(text);
  if (!isObject(kept)) return [];
  const whole = kept as unknown as LanguageEvaluation;
  if (kept.format === EVALUATION_FORMAT) return [whole];
  const { controls, coldItems, asked } = { controls: [], coldItems: null, asked: null };
  return kept.format === FORMER_FORMAT ? [{ ...whole, controls, coldItems, asked }] : [];
}

/** One a time; before there were several it was one beside the folder. */
function evaluationFiles(store: Store, run: string): string[] {
  const folder = folderOf(store, run);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const former = join(folder, '../evaluation.json');
  return [...names.map((name) => join(folder, name)), ...(existsSync(former) ? [former] : [])];
}

/** Every language run, oldest first, each followed by the runs that started from it. */
export function languagePipeline(store: Store): PipelineRun[] {
  const runs = store.runs.withModel(modelsOfTask('language')).reverse();
  const known = new Set(runs.map(({ id }) => id));
  const nextOf = Map.groupBy(runs, ({ config: { startFrom } }) =>
    typeof startFrom === 'string' && known.has(startFrom) ? startFrom : null,
  );
  const below = (from: string | null, depth: number): PipelineRun[] =>
    (nextOf.get(from) ?? []).flatMap((run) => [
      {
        id: run.id,
        name: run.name,
        model: run.model,
        stage: String(run.config.stage),
        status: run.status,
        dataset: run.dataset.name,
        from,
        parameters: run.parameters,
        asItStarted: testedAsItStarted(run),
        pretrained: pretrainedOf(store, run.config),
        sample: statedSample(run.protocol, 'test'),
        carried: carriedOn(run.config),
        depth,
        metrics: run.metrics,
        evaluated: storedEvaluations(store, run.id).length > 0,
      },
      ...below(run.id, depth + 1),
    ]);
  return below(null, 0);
}

/** Whether a run was trained and tested the parameters that it had before, because no epoch was better. */
export function testedAsItStarted({
  selectedEpoch,
  epochs,
}: Pick<OwnRun, 'selectedEpoch' | 'epochs'>): boolean {
  return selectedEpoch === 0 && epochs !== null && epochs > 0;
}

/** Keys that every stage has of its own: what it learns and for how long. Sizes come with the run that it starts from. */
const OWN_KEYS: readonly string[] = [
  ...['stage', 'startFrom', 'weights', 'tokenizer', 'epochs', 'stepsPerEpoch', 'learningRate', 'warmupSteps'],
  ...['schedule', 'patience', 'vocabulary', 'dim', 'blocks', 'heads', 'kvHeads', 'headDim', 'ffnDim'],
  ...['tiedHead', 'ropeTheta', 'normEpsilon'],
];

/** Settings that a stage after it takes over. */
export function carriedOn(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !OWN_KEYS.includes(key)));
}

/** Why a run cannot answer the questions that a language run is asked; null where it can. */
export function cannotAnswer(run: OwnRun, asked: OwnRun, likeFrom: number): string | null {
  const { protocol, dataset } = run;
  if (dataset.fingerprint !== asked.dataset.fingerprint) {
    return `is of ${dataset.name}, not of ${asked.dataset.name}`;
  }
  if (protocol === null) return `has no result (status: ${run.status})`;
  if (protocol.task === undefined) {
    if (protocol.generation) return 'generates its lists and scores no catalogue';
    const { split, validation } = readSplit(protocol.split);
    if (split !== 'leave-last-out')
      return `holds out other interactions (split=${split}) than language models do; name one of split=leave-last-out`;
    return validation
      ? null
      : 'was trained on validation items (protocol=paper); choose a run with protocol=validated';
  }
  if (protocol.task !== 'ranking') return `is of ${run.model}, which answers no such questions`;
  if (asked.protocol?.task === 'language' && !asked.protocol.labels.startsWith('rating')) {
    return 'has negatives of its own where a data set has no ratings; only runs that rank items can be asked';
  }
  if (asked.protocol === null) return `cannot be paired before ${asked.name} has a result`;
  const reason = reasonApart(protocol, asked.protocol);
  return (
    reason &&
    `was measured otherwise (${reason}); train it with split=last, labels=rating and minRating=${likeFrom}`
  );
}

/** Runs of the same data set with what they say of the questions of a language run, newest first. */
export function baselineChoices(store: Store, id: string): BaselineChoice[] {
  const asked = store.runs.own(id);
  const likeFrom = Number(asked.config.likeFrom);
  return store.runs
    .completedOn(asked.dataset.fingerprint)
    .filter((run) => run.id !== id && modelTask(run.model) !== 'tokeniser')
    .map((run) => ({
      id: run.id,
      problem: cannotAnswer(run, asked, likeFrom),
      name: run.name,
      model: run.model,
      retrieves: run.protocol?.task === undefined,
    }));
}
