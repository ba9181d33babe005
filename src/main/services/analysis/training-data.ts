/** What models require of a data set before they can be trained on it. */
import { isDeepStrictEqual } from 'node:util';
import type { ConfigColumns, SourceChoice } from '../../../core/api/models.ts';
import { describesItems, itemColumnNames } from '../../../core/content/columns.ts';
import { featureNames, labelsObstacle } from '../../../core/data/clicks/index.ts';
import { obstacleText } from '../../../core/data/obstacle.ts';
import { readSideColumnNames, unknownColumn } from '../../../core/data/side/read.ts';
import { sideNames } from '../../../core/data/side/types.ts';
import type { DatasetSummary } from '../../../core/data/types.ts';
import { UserError } from '../../../core/errors.ts';
import { dataKey } from '../../../core/evaluation/same-data.ts';
import { clickDataFields } from '../../../core/families/clicks/click-config.ts';
import type { TrainingData } from '../../../core/families/model.ts';
import { allModels, findModel } from '../../../core/families/registry.ts';
import { COLLISION_RATE } from '../../../core/families/tokenisers/tokeniser-config.ts';
import { withAbsolutePaths } from '../../../core/files/absolute-paths.ts';
import { nameAlone } from '../../../core/run-names.ts';
import { isOwn } from '../../../core/store/runs/run-kinds.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import type { Config } from '../../../core/training/config.ts';
import { exposureOf, leakReason } from '../../../core/training/provenance.ts';
import { crossesData, SOURCES, type SourceKey } from '../../../core/training/sources.ts';
import { sourceChoices } from '../runs/source-runs.ts';

interface ModelRequest {
  model: string;
  /** Name or id. */
  dataset: string;
  config: Config;
}

/** With `content=auto` settled. */
interface SettledConfig {
  config: Config;
  /** What to know before it is trained, a line each: whose vectors the items have, and what the data lack for the model to be worth it. */
  notes: string[];
}

/** By id of a data set, which never changes. */
const described = new Map<string, boolean>();

/** A tokeniser that the settings name counts, whether it is there or still to be trained. Throws UserError for an unknown data set. */
export async function trainingData(
  store: Store,
  reference: string,
  { tokeniser }: Config = {},
): Promise<TrainingData> {
  const summary = store.datasets.find(reference);
  const tokenisers = tokeniser ? 1 : sourceChoices(store, 'tokeniser', summary).length;
  return { summary, describesItems: await itemsDescribed(store, summary), tokenisers };
}

async function itemsDescribed(store: Store, { id, clicks, statistics }: DatasetSummary): Promise<boolean> {
  if (clicks) return false;
  if (statistics.hasTitles) return true;
  const known = described.get(id) ?? (await describesItems(store.datasets.folder(id)));
  described.set(id, known);
  return known;
}

/** Throws UserError, in one line, if a model cannot be trained on a data set, or not with this config; `named`: what of it is known so far. */
export async function requireTrainable(
  store: Store,
  { dataset, named, ...request }: Omit<ModelRequest, 'config'> & { config?: Config; named?: Config },
): Promise<void> {
  refuseUnsuitable(await trainingData(store, dataset, request.config ?? named), request);
}

/** The same on data that are known. */
export function refuseUnsuitable(
  data: TrainingData,
  { model, config }: { model: string; config?: Config },
): void {
  const obstacle = findModel(model).obstacle(data, config);
  if (obstacle === null) return;
  throw new UserError({
    code: 'unsuitable-dataset',
    problem: `${model} cannot be trained on ${data.summary.name}: it ${obstacleText(obstacle)}`,
    fix: obstacle.fix,
  });
}

/**
 * The config with what it leaves open settled: where files are, the sizes that come with what it starts from, and `content=auto`. Throws
 * UserError where it asks for other sizes than it can have, for side features that the data set has not, or for files that cannot be used.
 */
export async function settledConfig(store: Store, request: ModelRequest): Promise<SettledConfig> {
  await requireSideColumns(store, request);
  const { configSchema, requireFiles, caution } = findModel(request.model);
  // It is trained later, and elsewhere.
  const config = withAbsolutePaths(configSchema, request.config);
  requireFiles?.(config);
  const settled = resolvedContent(store, request.dataset, withSizes(store, { ...request, config }));
  const { config: whole, notes } = await settled;
  const known = caution?.(store.datasets.find(request.dataset), whole) ?? null;
  return { config: whole, notes: known === null ? notes : [...notes, `${known}.`] };
}

async function requireSideColumns(store: Store, { model, dataset, config }: ModelRequest): Promise<void> {
  const names = sideNames(config.sideFeatures);
  if (names.length === 0) return;
  const { id, name, clicks } = store.datasets.find(dataset);
  if (clicks) return;
  const there = await readSideColumnNames(store.datasets.folder(id));
  const missing = names.find((one) => !there.includes(one));
  if (missing !== undefined) throw unknownColumn(name, missing, there, model);
}

/** The first of the two. A size that is the default is none that was asked for. */
export function withSizes(store: Store, { model, config }: Omit<ModelRequest, 'dataset'>): Config {
  const { givenSizes, configSchema } = findModel(model);
  const given = givenSizes?.(config, (reference) => {
    const { id, model: of, config: its } = store.runs.findOwn(reference);
    return { model: of, config: its, folder: store.runs.folder(id) };
  });
  if (!given) return config;
  const defaults = configSchema.parse({});
  const { of, sizes } = given;
  const isSame = (key: string) =>
    config[key] === sizes[key] || (isSourceKey(key) && runNamed(store, config[key]) === sizes[key]);
  const asked = Object.keys(sizes).find((key) => config[key] !== defaults[key] && !isSame(key));
  if (asked === undefined) return { ...config, ...sizes };
  throw new UserError({
    code: 'bad-config',
    model,
    field: asked,
    problem: `it is ${sizes[asked]} in ${of}, which training starts from, and cannot be ${config[asked]}`,
    fix: { cli: 'leave it out' },
  });
}

const isSourceKey = (key: string): key is SourceKey => Object.hasOwn(SOURCES, key);

/** The id of the run that a config means by a name. Throws UserError where there is none. */
const runNamed = (store: Store, name: unknown) =>
  typeof name === 'string' && name !== '' ? store.runs.find(name).id : name;

/**
 * The config with `content=auto` settled: text where the data set describes its items, else the item embeddings of
 * the newest SASRec run that was chosen on its validation items and hid the items that this config hides. Left as it is
 * without one.
 */
async function resolvedContent(store: Store, reference: string, config: Config): Promise<SettledConfig> {
  if (config.content !== 'auto') return { config, notes: [] };
  const summary = store.datasets.find(reference);
  if (await itemsDescribed(store, summary)) {
    return { config: { ...config, content: config.sentenceModel === '' ? 'text' : 'sentence' }, notes: [] };
  }
  const exposure = exposureOf(config);
  // Nobody has named it: one of other data of the same sequences is no choice.
  const known = store.datasets.withData(sourceChoices(store, 'vectorsFrom', summary), dataKey(summary));
  const run = known.find((one) => {
    const other = exposureOf(one.config);
    return (
      one.model === 'sasrec' &&
      String(one.config.selection).startsWith('valid/') &&
      isDeepStrictEqual(other.hidden, exposure.hidden) &&
      leakReason(other, exposure) === null
    );
  });
  if (!run) return { config, notes: [] };
  return {
    config: { ...config, content: 'run', vectorsFrom: run.id },
    notes: [
      `${summary.name} has no columns that describe items: their vectors are the item embeddings of run ${run.name} (${run.id}), a validated SASRec.`,
    ],
  };
}

/** For every model what a data set lacks to train it, whatever its config, or null. */
export async function trainingObstacles(
  store: Store,
  { dataset }: { dataset: string },
): Promise<Record<string, string | null>> {
  const data = await trainingData(store, dataset);
  return Object.fromEntries(allModels().map((model) => [model.id, model.obstacle(data)?.missing ?? null]));
}

/** The runs that fit a config key of a model; those of other data sets say so. */
export function suitableSources(
  store: Store,
  { key, model, dataset }: { key: SourceKey; model: string; dataset: string },
): SourceChoice[] {
  const summary = store.datasets.find(dataset);
  const source = SOURCES[key];
  const of = 'of' in source ? source.of : null;
  const anywhere = crossesData(key, findModel(model).configSchema.shape);
  const found = sourceChoices(store, key, anywhere ? { model } : summary)
    .filter((run) => (of === 'same' ? run.model === model : of === null || findModel(run.model).kind === of))
    .map(({ id }) => id);
  const runs = store.runs.named(found, { metrics: [COLLISION_RATE] }).filter(isOwn);
  const here = new Set(store.datasets.withData(runs, dataKey(summary)));
  return runs.map((run) => ({
    id: run.id,
    name: nameAlone(run),
    model: run.model,
    createdAt: run.createdAt,
    about: here.has(run) ? aboutIds(run) : `on ${run.dataset.name}`,
  }));
}

/** "3 × 256, 1.7 % collide" of a tokeniser; else empty. */
function aboutIds({ config, metrics }: OwnRun): string {
  const collide = metrics[COLLISION_RATE];
  const { levels, codes } = config;
  const size = levels === undefined ? [] : [`${levels} × ${codes}`];
  return [...size, ...(collide === undefined ? [] : [`${(100 * collide).toFixed(1)} % collide`])].join(', ');
}

/** The columns that config keys can name. */
export async function configColumns(store: Store, { dataset }: { dataset: string }): Promise<ConfigColumns> {
  const summary = store.datasets.find(dataset);
  const folder = store.datasets.folder(summary.id);
  const { actions } = summary.options;
  const labels = clickDataFields.labels.unwrap().options;
  return {
    features: await featureNames(folder),
    items: summary.clicks ? [] : await itemColumnNames(folder),
    side: summary.clicks ? [] : await readSideColumnNames(folder),
    actions: Array.isArray(actions) ? actions.map(String) : [],
    labels: labels.map((value) => ({ value, obstacle: labelsObstacle(summary, value)?.missing ?? null })),
  };
}
