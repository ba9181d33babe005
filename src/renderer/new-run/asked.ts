/** What comes of a draft: runs, or where something is varied searches and studies; and what keeps them from starting. */
import { type ModelInfo, settingTitle } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import {
  BASE_LARGE_MODELS,
  baseLargeSizes,
  type CheckedRequest,
  type ShortKeys,
  type StudyPlan,
  shortKeys,
  sizeOfText,
  unscaledText,
} from '../../core/api/studies.ts';
import { type SchemaField, schemaFields, wholeProblem } from '../components/schema.ts';
import { type Config, type RunDraft, requestsOf } from './draft.ts';
import type { ModelState } from './model-states.ts';
import { ETA, type Several, searcherOf } from './searches.ts';
import { condition, ONE_VALUE, variedKeys, variedProblem, variedText } from './vary.ts';

export type Question = 'runs' | 'sweep' | 'law' | 'base-large';

/** What is varied says what it is. */
export function questionOf({ models, scaling }: Pick<RunDraft, 'models' | 'scaling'>): Question {
  if (scaling.blocks.on) return 'base-large';
  if (scaling.sizes.on || scaling.shares.on) return 'law';
  return models.some(({ vary }) => variedKeys(vary).length > 0) ? 'sweep' : 'runs';
}

/** A search or study, and the runs that it is made of but for what is varied. */
export interface AskedStudy {
  name: string;
  request: CheckedRequest;
  base: EnqueueRequest;
  /** What the sizes of a law are made of. */
  keys: ShortKeys | null;
}

export interface Asked {
  question: Question;
  runs: EnqueueRequest[];
  studies: AskedStudy[];
}

export interface Problems {
  /** Of each model's varied settings, by key. */
  vary: Record<string, string>[];
  search: { trials?: string; draw?: string; asha?: string; unimproved?: string };
  scaling: { sizes?: string; shares?: string; blocks?: string };
}

const fieldsOf = ({ info }: ModelState) => schemaFields(info.configSchema);

/** What is wrong with what is varied, before the program is asked. */
export function problemsOf(draft: RunDraft, states: readonly ModelState[]): Problems {
  const question = questionOf(draft);
  const { by, trials, draw, asha, unimproved } = draft.search;
  const isSearch = question === 'sweep';
  const draws = isSearch && by !== 'grid';
  return {
    vary: states.map((state) => (isSearch ? varyProblems(state, by === 'grid') : {})),
    search: withoutNulls({
      trials: draws ? wholeProblem(trials, 1, 1000) : null,
      draw: draws ? wholeProblem(draw, 0, 1e9) : null,
      asha: isSearch && asha !== '' ? wholeProblem(asha, 1, 1e6) : null,
      unimproved: isSearch && unimproved !== '' ? wholeProblem(unimproved, 1, 1000) : null,
    }),
    scaling: scalingProblems(draft, states, question),
  };
}

const withoutNulls = (all: Record<string, string | null>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).flatMap(([key, text]) => (text === null ? [] : [[key, text]])));

function varyProblems(state: ModelState, listed: boolean): Record<string, string> {
  const { vary } = state.draft;
  const fields = fieldsOf(state);
  const found = fields
    .filter(({ key }) => vary[key]?.on)
    .map((field) => {
      const known = condition(field, fields, vary, state.resolved ?? {});
      const unread = known && 'problem' in known ? known.problem : null;
      return [field.key, variedProblem(field, vary[field.key], listed) ?? unread];
    });
  return withoutNulls(Object.fromEntries(found));
}

/** The keys of a model that stand for its width and depth; null where it has none, or is not trained by steps. */
export const sizeKeys = ({ kind, task, groups }: ModelInfo) =>
  kind === 'trained' && task === 'next-item' && 'trainUsers' in groups
    ? shortKeys(Object.keys(groups))
    : null;

const configOf = ({ plain, draft, resolved }: ModelState): Config =>
  resolved ?? { ...plain, ...draft.overrides };

/** Of the users, where it is not varied. */
export const shareOf = (state: ModelState): number => Number(configOf(state).trainUsers ?? 1);

/** "64x2", as the model is; empty until that is known. */
export function sizeText(state: ModelState): string {
  const keys = sizeKeys(state.info);
  const config = configOf(state);
  return keys && keys.depth in config ? `${config[keys.width]}x${config[keys.depth]}` : '';
}

function scalingProblems(
  draft: RunDraft,
  states: readonly ModelState[],
  question: Question,
): Problems['scaling'] {
  if (question !== 'law' && question !== 'base-large') return {};
  const [, ...others] = states;
  const key = draft.models.flatMap(({ vary }) => variedKeys(vary))[0];
  const besides = key && `A study varies nothing else: press Fix at ${settingTitle(key).toLowerCase()}`;
  if (question === 'base-large') {
    const unknown = states.find(({ info }) => !BASE_LARGE_MODELS.some((id) => id === info.id));
    const lacking = unknown && `${unknown.info.title} has no published base and Large: remove it`;
    return withoutNulls({ blocks: besides ?? lacking ?? blocksProblem(draft.scaling.blocks.values) });
  }
  const unscalable = states.find(({ info }) => sizeKeys(info) === null);
  const lacking = unscalable && unscalableText(unscalable.info);
  const many = others.length > 0 ? 'A study scales one model: remove the others' : undefined;
  const whole = besides ?? lacking ?? many;
  const { sizes, shares } = draft.scaling;
  return withoutNulls({
    sizes: sizes.on ? (whole ?? sizesProblem(sizes, states[0])) : null,
    shares: shares.on ? ((sizes.on ? undefined : whole) ?? sharesProblem(shares)) : null,
  });
}

/** Sizes alone do not make a study: it counts what a model computes. */
const unscalableText = ({ title, groups }: ModelInfo) =>
  shortKeys(Object.keys(groups)) === null ? `${title} has no width and depth to scale` : unscaledText(title);

const fewProblem = ({ values }: Several) => (values.length > 1 ? null : ONE_VALUE);

function sizesProblem(sizes: Several, state: ModelState | undefined): string | null {
  if (!state) return null;
  try {
    for (const text of sizes.values) sizeOfText(text, sizeKeys(state.info));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return fewProblem(sizes);
}

function sharesProblem(shares: Several): string | null {
  const areShares = shares.values.every((text) => Number(text) > 0 && Number(text) <= 100);
  return areShares ? fewProblem(shares) : 'Enter percentages above 0 and up to 100';
}

function blocksProblem(texts: readonly string[]): string | null {
  const [base, large, ...more] = texts.map(Number);
  const areCounts = [base, large].every((count) => Number.isSafeInteger(count) && count > 0);
  return areCounts && more.length === 0 && base < large
    ? null
    : 'Enter two whole numbers, the larger one last: 2, 8';
}

const isEmpty = (problems: object) => Object.keys(problems).length === 0;

/** Null while something cannot be taken; what only the program knows to be wrong is not told here. */
export function askedOf(
  draft: RunDraft,
  states: readonly ModelState[],
  { vary, search, scaling }: Problems,
): Asked | null {
  const infos = states.map(({ info }) => info);
  const requests = requestsOf(draft, infos);
  const isWrong = states.some((state) => state.problem !== null && !isVaried(state));
  if (!requests || isWrong || ![...vary, search, scaling].every(isEmpty)) return null;
  const question = questionOf(draft);
  if (question === 'law' && sizeText(states[0]) === '') return null;
  if (question === 'law' || question === 'base-large') {
    const [base] = requests;
    const study = question === 'law' ? lawOf(draft, states[0], base) : baseLargeOf(draft, base);
    return { question, runs: [], studies: [study] };
  }
  const isSearch = (_: EnqueueRequest, at: number) => isVaried(states[at]);
  return {
    question,
    runs: requests.filter((one, at) => !isSearch(one, at)),
    studies: requests.flatMap((base, at) =>
      isSearch(base, at) ? [sweepOf(draft, states[at], fieldsOf(states[at]), base)] : [],
    ),
  };
}

/** Its config is that of its trials, which the program checks as a whole. */
export const isVaried = ({ draft }: Pick<ModelState, 'draft'>) => variedKeys(draft.vary).length > 0;

function without(config: Config, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !keys.includes(key)));
}

const sharedOf = ({ dataset, seeds, device, threads, on, job }: EnqueueRequest) => ({
  ...{ dataset, seeds, device },
  ...(threads === undefined ? {} : { threads }),
  ...(on === undefined ? {} : { on }),
  ...(job === undefined ? {} : { job }),
});

const modelOf = ({ model, preset }: EnqueueRequest) => ({
  model,
  ...(preset === undefined ? {} : { preset }),
});

function sweepOf(
  { search }: RunDraft,
  { draft: { vary } }: ModelState,
  fields: readonly SchemaField[],
  base: EnqueueRequest,
): AskedStudy {
  const keys = variedKeys(vary);
  const overrides = without(base.overrides, keys);
  const listed = search.by === 'grid';
  const varied = keys.flatMap((key) => fields.find((field) => field.key === key) ?? []);
  return {
    name: base.name ?? `${base.model}-${base.dataset}-sweep`,
    keys: null,
    base: { ...base, overrides },
    request: {
      ...{ kind: 'sweep', ...modelOf(base), ...sharedOf(base), overrides, ...searcherOf(search, base.seeds) },
      vary: varied.map((field) => ({ key: field.key, values: variedText(field, vary[field.key], listed) })),
    },
  };
}

function lawOf({ scaling }: RunDraft, state: ModelState, base: EnqueueRequest): AskedStudy {
  const { sizes, shares } = scaling;
  const keys = sizeKeys(state.info);
  const overrides = without(base.overrides, ['trainUsers', ...(keys ? [keys.width, keys.depth] : [])]);
  return {
    name: base.name ?? `${base.model}-${base.dataset}-scaling`,
    keys,
    base: { ...base, overrides },
    request: {
      ...{ kind: 'law', ...modelOf(base), ...sharedOf(base), overrides },
      sizes: sizes.on ? [...sizes.values] : [sizeText(state)],
      shares: shares.on
        ? shares.values.map((text) => Number(text) / 100).sort((a, b) => a - b)
        : [shareOf(state)],
    },
  };
}

/** The settings of every run are those that all models share. */
function baseLargeOf({ scaling, shared, models }: RunDraft, base: EnqueueRequest): AskedStudy {
  const [least, most] = scaling.blocks.values.map(Number);
  return {
    name: base.name ?? `base-large-${base.dataset}`,
    keys: null,
    base: { ...base, overrides: { ...shared } },
    request: {
      ...{ kind: 'base-large', ...sharedOf(base), overrides: { ...shared }, settings: scaling.published },
      models: BASE_LARGE_MODELS.filter((id) => models.some(({ model }) => model === id)),
      blocks: [least, most],
    },
  };
}

/** Runs that take the same time: one of them, and how many there are. */
export interface RunsAlike {
  request: EnqueueRequest;
  count: number;
}

/** Of as many trials or sizes of a search the time is asked; those between them count as the ones beside them. */
const MOST_ASKED = 12;

function someOf<T>(all: readonly T[]): { one: T; count: number }[] {
  const number = Math.min(MOST_ASKED, all.length);
  const from = (at: number) => Math.round((at * all.length) / number);
  return Array.from({ length: number }, (_, at) => ({
    one: all[Math.floor((from(at) + from(at + 1) - 1) / 2)],
    count: from(at + 1) - from(at),
  }));
}

/** All runs of a study once its plan is known, by those that take the same time. */
export function runsAlike({ request, base, keys }: AskedStudy, plan: StudyPlan | undefined): RunsAlike[] {
  if (!plan || plan.problem !== null) return [];
  const alike = (all: readonly Partial<EnqueueRequest>[]) =>
    someOf(all).map(({ one, count }) => ({
      request: { ...base, ...one, overrides: { ...base.overrides, ...one.overrides } },
      count: count * request.seeds.length,
    }));
  if (request.kind === 'law') {
    const sizes = request.sizes.map((text) => sizeOfText(text, keys).config);
    return alike(
      sizes.flatMap((size) => request.shares.map((trainUsers) => ({ overrides: { ...size, trainUsers } }))),
    );
  }
  if (request.kind === 'base-large')
    return alike(baseLargeSizes(request).map(({ config, variant }) => ({ ...variant, overrides: config })));
  if (!('trials' in plan)) return [];
  // A trial that may be stopped counts as one of as many epochs as such trials train on average.
  const epochs = plan.rungs.reduce(
    (sum, rung, at) => sum + (rung - (plan.rungs[at - 1] ?? 0)) / ETA ** at,
    0,
  );
  const stopped = plan.rungs.length > 0 ? { epochs: Math.max(1, Math.round(epochs)) } : {};
  return alike(plan.trials.map((settings) => ({ overrides: { ...settings, ...stopped } })));
}
