/** A request becomes the spec of a study: a grid of sizes and shares, of bases and Larges, or of a sweep's trials. */
import { z } from 'zod';
import type { CheckedRequest } from '../../../core/api/studies.ts';
import { settingsText } from '../../../core/documents/study/words.ts';
import { UserError } from '../../../core/errors.ts';
import type { Model } from '../../../core/families/model.ts';
import { findModel, resolveConfig } from '../../../core/families/registry.ts';
import { settingText } from '../../../core/setting-value.ts';
import { isSteered, type SearchSpace, type SweepQuestion } from '../../../core/store/home/study-spec.ts';
import type { Store } from '../../../core/store/store.ts';
import { type BaseLargeChoice, baseLargeSizes } from '../../../core/studies/base-large.ts';
import { requireScalable } from '../../../core/studies/counts.ts';
import { rungsOf } from '../../../core/studies/search/asha.ts';
import { listedValues, rangeOf, refused, type Settings } from '../../../core/studies/search/space.ts';
import {
  cellOverrides,
  cellsOf,
  checkGrid,
  modelOfSize,
  type PlannedCell,
  type StudyCell,
  type StudySpec,
  shortKeys,
  sizeOfText,
  studySpecSchema,
} from '../../../core/studies/study.ts';
import { rankingMetric, requireComparable, sweepTrials } from '../../../core/studies/sweep.ts';
import { presentKey } from '../../../core/training/config.ts';
import { findHost } from '../hosts.ts';
import { threadsOf } from '../settings.ts';
import { refuseUnsuitable, settledConfig, trainingData } from './training-data.ts';

type RequestOf<Kind> = Extract<CheckedRequest, { kind: Kind }>;
/** The models and settings of the command line are checked where the sizes are made. */
type BaseLargeRequest = Omit<RequestOf<'base-large'>, keyof BaseLargeChoice> & BaseLargeChoice;

export type StudyRequest = RequestOf<'law' | 'sweep'> | BaseLargeRequest;

/** The fields of a spec that depend on the kind of the request. */
type Grid = Pick<StudySpec, 'kind' | 'model' | 'sizes' | 'shares'> & Partial<StudySpec>;

/**
 * The spec of a study. Throws UserError for an unknown data set or model, a size, setting or value that a model does not take,
 * or a grid that repeats itself. Configs of sizes are checked by `plannedCells`, those of trials here already.
 */
export async function planStudy(store: Store, request: StudyRequest): Promise<StudySpec> {
  const { id, name, fingerprint } = store.datasets.find(request.dataset);
  const grid = request.kind === 'sweep' ? await sweepGrid(store, id, request) : scalingGrid(request);
  const threads = threadsOf(store, request.threads);
  if (request.on !== undefined) findHost(store, request.on);
  const spec = studySpecSchema.parse({ ...request, ...grid, threads, dataset: { id, name, fingerprint } });
  checkGrid(spec);
  return spec;
}

/** Every cell with the model and the full config of its run. Throws UserError for a config that is not possible. */
export function plannedCells(spec: StudySpec): PlannedCell[] {
  return cellsOf(spec).map((cell) => plannedCell(spec, cell));
}

/** One cell, as `plannedCells`. */
export function plannedCell(spec: StudySpec, cell: StudyCell): PlannedCell {
  const { model, preset } = modelOfSize(spec, spec.sizes[cell.size]);
  return { cell, model, config: resolveConfig(model, { preset, overrides: cellOverrides(spec, cell) }) };
}

function scalingGrid(request: RequestOf<'law'> | BaseLargeRequest): Grid {
  if (request.kind === 'base-large') {
    const sizes = baseLargeSizes(request);
    return { kind: 'base-large', model: request.models[0], sizes, shares: [1] };
  }
  const model = findModel(request.model);
  requireScalable(model);
  const keys = shortKeys(Object.keys(model.configSchema.shape));
  const sizes = request.sizes.map((text) => sizeOfText(text, keys));
  return { kind: undefined, model: model.id, sizes, shares: request.shares };
}

/** Every trial is a size. */
async function sweepGrid(store: Store, dataset: string, asked: RequestOf<'sweep'>): Promise<Grid> {
  const { model, preset, overrides } = asked;
  const data = await trainingData(store, dataset, overrides);
  const found = findModel(model);
  refuseUnsuitable(data, { model });
  const vary = asked.vary.length > 0 ? asked.vary : usualSweep(found);
  const request = { ...asked, vary };
  requireComparable(found, request);
  const twice = vary.find(({ key }) => Object.hasOwn(overrides, key));
  if (twice) throw new UserError(`"${twice.key}" is both varied and set for all runs: leave one of them out`);
  const searcher = searcherOf(found, asked, vary);
  const settings = sweepTrials(searcher, wholeKeys(found));
  const configs = settings.map((varied) => trialConfig(model, { preset, overrides, varied }));
  requireRungs(found, searcher, configs[0]);
  for (const config of configs) refuseUnsuitable(data, { model, config });
  return {
    kind: 'sweep',
    model: found.id,
    overrides: { ...overrides, ...(await settledKeys(store, { model, dataset, config: configs[0] })) },
    sizes: settings.map((config, at) => ({ label: `trial${at + 1}`, config })),
    shares: [1],
    sweep: {
      ...searcher,
      // A grid is as long as it is.
      ...(isSteered(searcher) && searcher.search === 'grid' ? { trials: settings.length } : {}),
      metric: rankingMetric(found, configs[0]),
    },
  };
}

/** Throws UserError for a model that is not tuned over settings of its own. */
function usualSweep({ id, sweep }: Model): { key: string; values: string }[] {
  if (sweep) return [...sweep];
  throw new UserError({
    code: 'invalid',
    problem: `${id} has no settings that it is usually tuned over: name some`,
    fix: { cli: 'vary a setting with --vary KEY=VALUES' },
  });
}

/** How the trials are made: with the conditions that keys have by themselves, and the search's own seed among those of its finalists. */
function searcherOf({ configSchema }: Model, asked: RequestOf<'sweep'>, written: SearchSpace) {
  const { search, trials, draw, asha, stop, finalists, seeds } = asked;
  const steered = isSteered(asked);
  if (steered && seeds.length > 1)
    throw new UserError({
      code: 'invalid',
      problem: 'such a search trains each trial from one seed',
      fix: {
        cli: 'name the seeds of the best trials with --finalist-seeds',
        window: 'leave the others to the finalists',
      },
    });
  const vary = written.map((one) => {
    const when = one.when ?? readWith(configSchema.shape[presentKey(one.key)], written);
    return when === undefined ? one : { ...one, when };
  });
  return {
    ...{ search, trials, draw, vary },
    ...(asha && { asha }),
    ...(stop && { stop }),
    ...(finalists && { finalists: { ...finalists, seeds: [...new Set([...seeds, ...finalists.seeds])] } }),
    ...(steered && { state: 'open' as const }),
  };
}

const readWithSchema = z.object({ readWith: z.record(z.string(), z.array(z.unknown())) });

/** A key that is only read with certain values of others that are varied, too, is no part of trials without them. */
function readWith(schema: unknown, vary: SearchSpace): SearchSpace[number]['when'] {
  const meta = schema instanceof z.ZodType ? readWithSchema.safeParse(schema.meta()).data : undefined;
  const when = Object.entries(meta?.readWith ?? {}).flatMap(([key, wanted]) => {
    const other = vary.find((one) => one.key === key);
    if (!other || rangeOf(other.values)) return [];
    const listed = listedValues(key, other.values);
    const met = wanted.filter((value) => listed.includes(value));
    return [[key, met.length > 0 ? met : wanted]];
  });
  return when.length > 0 ? Object.fromEntries(when) : undefined;
}

/** Throws UserError where trials of the model have no epochs to be stopped at. */
function requireRungs(
  { id, kind }: Model,
  { asha, vary }: Pick<SweepQuestion, 'asha' | 'vary'>,
  { epochs }: Settings,
): void {
  if (!asha) return;
  if (kind === 'fitted' || typeof epochs !== 'number')
    throw new UserError(
      `${id} is not trained epoch by epoch, so that no trial can be stopped early: leave out ASHA`,
    );
  if (vary.some(({ key }) => key === 'epochs'))
    throw refused('epochs', 'ASHA chooses how long a trial trains: give all of them one value');
  if (rungsOf(asha, epochs).length < 2)
    throw new UserError(
      `trials of ${epochs} epochs have no rung from ${asha.min} epochs on, each ${asha.eta} times as long as the one before: begin sooner, or train longer`,
    );
}

/** Which keys of a model take whole numbers. */
export const wholeKeys =
  ({ configSchema }: Model) =>
  (key: string) =>
    isWhole(configSchema.shape[presentKey(key)]);

function isWhole(schema: unknown): boolean {
  return schema instanceof z.ZodType && z.toJSONSchema(schema, { io: 'input' }).type === 'integer';
}

/** The whole config of a trial. Throws UserError that names the setting and its value, or all that do not go together. */
function trialConfig(
  model: string,
  { preset, overrides, varied }: { preset?: string; overrides: Settings; varied: Settings },
): Settings {
  const resolved = (settings: Settings) => {
    try {
      return resolveConfig(model, { preset, overrides: settings });
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  };
  const error = resolved({ ...overrides, ...varied });
  if (!(error instanceof UserError)) return error;
  const { field = '', problem, code } = error.details;
  const key = field.split('.', 1)[0];
  if (Object.hasOwn(varied, key)) {
    throw new UserError({
      ...error.details,
      problem: `${settingText(varied[key])} is not possible: ${problem}`,
    });
  }
  // What is wrong without the varied settings is not the trial's.
  const without = resolved(overrides);
  if (code !== 'bad-config' || (without instanceof UserError && without.message === error.message))
    throw error;
  throw new UserError({ ...error.details, problem: `${problem} (in the trial ${settingsText(varied)})` });
}

/** What their config leaves open comes to on this data set, for all trials. */
async function settledKeys(
  store: Store,
  request: { model: string; dataset: string; config: Settings },
): Promise<Settings> {
  const { config } = await settledConfig(store, request);
  return Object.fromEntries(Object.entries(config).filter(([key, value]) => request.config[key] !== value));
}
