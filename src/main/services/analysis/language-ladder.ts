/** The stages of a language model, from what it began with to a run, in one comparison on the same users. */
import { resolve } from 'node:path';
import type { LadderQuestion, LadderRun, LanguageLadder, RunOfModel } from '../../../core/api/language.ts';
import { beginsFromScratch, stageTitle } from '../../../core/documents/language-words.ts';
import type { ComparedRun } from '../../../core/documents/types.ts';
import { LEADERBOARD_METRIC, validationOf } from '../../../core/evaluation/choice.ts';
import { metricDecimals, metricLabel } from '../../../core/evaluation/metrics-table.ts';
import { compareLadder, estimateOf } from '../../../core/evaluation/paired/ladder.ts';
import { reasonApart } from '../../../core/evaluation/protocol.ts';
import type { Protocol } from '../../../core/evaluation/types.ts';
import { modelTitle } from '../../../core/model-facts.ts';
import { nameAlone } from '../../../core/run-names.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { pretrainedOf } from '../runs/source-runs.ts';
import { bestByValidation, comparedRuns } from './compared-runs.ts';
import { nextStages } from './next-stages.ts';

/** What a stage begins from, as a config names it. */
const BEFORE = ['startFrom', 'languageFrom', 'policy'] as const;
/** Models that stand beside the stages, where there are runs of theirs. */
const BESIDE = ['popularity', 'itemknn', 'dlrm', 'sasrec', 'tiger'];

const QUESTIONS = [
  { question: 'like', metric: 'test/auc' },
  { question: 'next', metric: LEADERBOARD_METRIC },
] as const;
type Question = (typeof QUESTIONS)[number];

/** A run whose result says how it was measured. */
type Measured = OwnRun & { protocol: Protocol };
const isMeasured = (run: OwnRun): run is Measured => run.protocol !== null && run.status === 'completed';

interface Stage {
  run: OwnRun;
  from: string | null;
}

/** Throws UserError for a run that there is none of. */
export function languageLadder(store: Store, { run: id }: { run: string }): LanguageLadder {
  const last = store.runs.own(id);
  const stages = stagesTo(store, last);
  const beside = new Map<string, OwnRun>();
  const questions = QUESTIONS.flatMap((of) => {
    const found = besideOf(store, stages, of);
    const question = askedOf(store, stages, found, of);
    if (question) for (const run of found) beside.set(run.id, run);
    return question ?? [];
  });
  return {
    runs: [
      ...stages.map(({ run, from }, at) => ({
        ...ladderRun(run, from, at + 1),
        title: titleAmong(run, stages),
      })),
      ...[...beside.values()].map((run) => ladderRun(run, null, null)),
    ],
    dataset: last.dataset.name,
    questions,
    next: nextStages(stages.map(({ run }) => run)),
    pretrained: pretrainedOf(store, last.config),
  };
}

function ladderRun(run: OwnRun, from: string | null, place: number | null): LadderRun {
  const { id, model, config, epochs, seconds, status } = run;
  const isScratch = place === null && !BESIDE.includes(model);
  const title = isScratch ? `${stageTitle(model, config)}, from scratch` : stageTitle(model, config);
  return { id, name: nameAlone(run), model, title, from, place, epochs, seconds, status };
}

/** Of several that were asked without training what tells them apart: past interactions in their prompts. */
function titleAmong({ model, config }: OwnRun, stages: readonly Stage[]): string {
  const title = stageTitle(model, config);
  const isAlone = stages.filter(({ run }) => stageTitle(run.model, run.config) === title).length < 2;
  return isAlone || config.epochs !== 0 ? title : `${title}, ${String(config.shots)} shown`;
}

/** From the first to the run itself; before it the pretrained model, as runs without training have asked it. */
function stagesTo(store: Store, last: OwnRun): Stage[] {
  const chain = [last];
  for (let before = beginning(store, last); before; before = beginning(store, before)) {
    if (chain.some(({ id }) => id === before?.id)) break;
    chain.unshift(before);
  }
  const [first] = chain;
  const asItIs = first.config.epochs === 0 ? [] : untrained(store, first);
  const own = asItIs.find(({ config }) => config.shots === first.config.shots) ?? asItIs.at(-1);
  return [
    ...asItIs.map((run) => ({ run, from: null })),
    ...chain.map((run, at) => ({ run, from: at > 0 ? chain[at - 1].id : (own?.id ?? null) })),
  ];
}

/** The id of the run that a run begins from; null for none. */
function beginningOf({ config }: OwnRun): string | null {
  const named = BEFORE.map((key) => config[key]).find((id) => typeof id === 'string' && id !== '');
  return typeof named === 'string' ? named : null;
}

function beginning(store: Store, run: OwnRun): OwnRun | null {
  const id = beginningOf(run);
  return id !== null && store.runs.exists(id) ? store.runs.own(id) : null;
}

/** The newest of each number of past interactions, fewest first. */
function untrained(store: Store, { id, config: { weights }, dataset }: OwnRun): OwnRun[] {
  if (typeof weights !== 'string' || weights === '') return [];
  const data = store.datasets.keysOf([id]).get(id) ?? '';
  const runs = store.datasets
    .withData(store.runs.completed(['brew'], dataset.fingerprint), data)
    .filter(
      ({ config }) => config.weights === weights && config.epochs === 0 && (config.adapter ?? '') === '',
    );
  const newest = Map.groupBy(runs, ({ config }) => Number(config.shots));
  return [...newest].sort(([a], [b]) => a - b).map(([, [run]]) => run);
}

/** Whether a run's result is about the question. */
const isOf = ({ protocol }: Measured, { question }: Question) =>
  question === 'next'
    ? protocol.task === undefined
    : protocol.task === 'ranking' || protocol.task === 'language';

/** The last stage that has answered a question. */
function targetOf(stages: readonly Stage[], of: Question): Measured | undefined {
  return stages
    .map(({ run }) => run)
    .filter(isMeasured)
    .findLast((run) => isOf(run, of) && of.metric in run.metrics);
}

/** Of each other model, and of the target's from scratch, the best by validation among what may be compared with it. */
function besideOf(store: Store, stages: readonly Stage[], of: Question): OwnRun[] {
  const target = targetOf(stages, of);
  if (!target) return [];
  const own = of.question === 'like' ? 'brew' : 'lc-rec';
  const known = store.runs
    .completed([...BESIDE, own], target.dataset.fingerprint)
    .filter(isMeasured)
    .filter(
      (run) =>
        !stages.some((stage) => stage.run.id === run.id) &&
        of.metric in run.metrics &&
        reasonApart(run.protocol, target.protocol) === null &&
        (run.model !== own || isScratch(run, target)),
    );
  return [...BESIDE, own].flatMap((model) => {
    const runs = known.filter((run) => run.model === model);
    // A language run is chosen by its held-out loss, which is of the same texts where the stage is the same.
    const valid = model === 'brew' ? 'valid/loss' : validationOf(of.metric);
    return bestByValidation(store, runs, valid) ?? [];
  });
}

/** Of a language model the same stage; of IDs as words any. */
const isScratch = ({ config }: OwnRun, target: OwnRun) =>
  beginsFromScratch(config) &&
  config.epochs !== 0 &&
  (target.model !== 'brew' || config.stage === target.config.stage);

/** The question's comparison; null where no stage has answered it, or nothing stands beside the one that has. */
function askedOf(
  store: Store,
  stages: readonly Stage[],
  beside: readonly OwnRun[],
  of: Question,
): LadderQuestion | null {
  const target = targetOf(stages, of);
  if (!target) return null;
  const reasons = stages.map(({ run }) => [run.id, reasonAbsent(run, target, of)] as const);
  const reasonOf = new Map(reasons);
  const rows = [
    ...stages.filter(({ run }) => reasonOf.get(run.id) === null),
    ...beside.map((run) => ({ run, from: null })),
  ];
  if (rows.length < 2) return null;
  const placeOf = (id: string | null) => rows.findIndex(({ run }) => run.id === id);
  const before = rows.map(({ from }) => measuredBefore(stages, from, reasonOf));
  const read = comparedRuns(
    store,
    rows.map(({ run }) => run.id),
  );
  const runOf = (id: string) => read.find((run) => run.id === id) as ComparedRun;
  const compared = compareLadder(
    rows.map(({ run }, at) => ({
      run: runOf(run.id),
      before: before[at] === null ? null : placeOf(before[at]),
    })),
    placeOf(target.id),
    of.metric,
  );
  if (compared === null) return null;
  const { lines, ...shared } = compared;
  return {
    ...of,
    ...shared,
    ...{ label: metricLabel(of.metric), decimals: metricDecimals(of.metric), target: target.id },
    rows: lines.map((line, at) => ({ ...line, run: rows[at].run.id, before: before[at] })),
    absent: reasons.flatMap(([run, reason]) => (reason === null ? [] : [{ run, reason }])),
  };
}

/** The nearest stage before that is a row. */
function measuredBefore(
  stages: readonly Stage[],
  from: string | null,
  reasonOf: ReadonlyMap<string, string | null>,
): string | null {
  if (from === null || reasonOf.get(from) === null) return from;
  return measuredBefore(stages, stages.find(({ run }) => run.id === from)?.from ?? null, reasonOf);
}

/** Why a stage is no row beside the target; null where it is one. */
function reasonAbsent(run: OwnRun, target: Measured, of: Question): string | null {
  if (!isMeasured(run)) return `no result (${run.status})`;
  if (!isOf(run, of)) return of.question === 'next' ? 'has no IDs' : 'not asked';
  if (!(of.metric in run.metrics)) return `no ${metricLabel(of.metric)}`;
  if (run.dataset.fingerprint !== target.dataset.fingerprint) return `measured on ${run.dataset.name}`;
  const reason = reasonApart(run.protocol, target.protocol);
  return reason && `measured otherwise than ${modelTitle(target.model)}: ${reason}`;
}

/** Runs that begin with the model at a path, and those that begin with one of these. */
export function runsOfModel(store: Store, { path }: { path: string }): RunOfModel[] {
  const runs = store.runs.withModel(['brew', 'lc-rec', 'rewarded']);
  const isOfModel = (run: OwnRun, seen: readonly string[] = []): boolean => {
    const { weights } = run.config;
    if (typeof weights === 'string' && weights !== '' && resolve(weights) === resolve(path)) return true;
    const before = runs.find(({ id }) => id === beginningOf(run));
    return before !== undefined && !seen.includes(before.id) && isOfModel(before, [...seen, run.id]);
  };
  return runs
    .filter((run) => isOfModel(run))
    .map((run) => {
      const { id, model, config, status, seconds, dataset, createdAt } = run;
      return {
        ...{ id, name: nameAlone(run), model, title: stageTitle(model, config), status, seconds, createdAt },
        ...{ dataset: dataset.name, result: resultOf(store, run) },
      };
    });
}

function resultOf(store: Store, run: OwnRun): RunOfModel['result'] {
  const found = isMeasured(run) && QUESTIONS.find((one) => isOf(run, one) && one.metric in run.metrics);
  if (!found) return null;
  const [read] = comparedRuns(store, [run.id]);
  return {
    ...{ label: metricLabel(found.metric), decimals: metricDecimals(found.metric) },
    ...(estimateOf(read, found.metric) ?? { value: run.metrics[found.metric], interval: null }),
  };
}
