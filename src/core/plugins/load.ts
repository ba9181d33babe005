/** Plug-ins in a process that runs them: a trainer, the analyst, a command. */
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { findMetric, type Metric, setAddedMetrics } from '../evaluation/metrics-table.ts';
import { modelsOf, setAddedModels } from '../families/load-model.ts';
import { MOST_ESSENTIALS, type Model } from '../families/model.ts';
import { nextItemFields } from '../families/next-item/encoder-config.ts';
import { nextItem } from '../families/next-item/family.ts';
import { type Losses, losses, setAddedLosses, withAddedLosses } from '../families/next-item/losses/index.ts';
import type { NextItemDefinition } from '../families/next-item/next-item-model.ts';
import { SequenceEncoder } from '../families/next-item/sequence-encoder.ts';
import { setAddedTrackers, type TitledTracker } from '../foreign/trackers/added.ts';
import { TRACKER_KINDS } from '../foreign/trackers/summary.ts';
import { modelFamily, setAddedModelFacts } from '../model-facts.ts';
import { clip, nameSchema } from '../names.ts';
import type { PluginDescription } from './description.ts';
import { type PluginCode, plainName, versionedName } from './ids.ts';
import { kit, type MakePlugin } from './kit.ts';

/** What a plug-in adds, by names that have its version. */
export interface LoadedPlugin {
  description: PluginDescription;
  models: readonly Model[];
  losses: Losses;
  metrics: readonly Metric[];
  trackers: Readonly<Record<string, TitledTracker>>;
}

const call = z.custom<(...given: never[]) => unknown>(
  (value) => typeof value === 'function',
  'must be a function',
);
const id = z.string().regex(/^[A-Za-z0-9][\w.-]{0,59}$/, 'must be letters, digits, "-", "_" and "."');
const line = nameSchema;

const modelParts = z.looseObject({
  kind: z.enum(['trained', 'fitted']),
  id: id.refine((name) => modelFamily(name) === undefined, 'Tessera has a model of that name'),
  title: line,
  summary: line.max(50),
  group: z.enum(['baseline', 'sequential']),
  paper: z.object({ title: line, authors: line, year: z.int(), where: line }),
  configSchema: z.custom<z.ZodObject>((value) => value instanceof z.ZodObject, 'must be a z.object'),
  essentials: z.array(z.string()).max(MOST_ESSENTIALS),
  build: call,
});

const lossParts = z.looseObject({
  phrase: line,
  summary: line,
  settings: z.record(
    z.string(),
    z.custom((value) => value instanceof z.ZodType, 'must be a schema'),
  ),
  of: call,
  conflict: call,
});

const metricParts = z
  .strictObject({
    name: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9-]{0,39}(@k)?$/,
        'must be small letters, digits and "-", with "@k" where it has a cut-off',
      )
      .refine((name) => findMetric(name.replace('@k', '')) === null, 'Tessera has a metric of that name'),
    title: line,
    direction: z.enum(['higher', 'lower', 'none']),
    decimals: z.int().min(0).max(12),
    unit: z.string().max(40),
    formula: line,
    meaning: line,
    ofRank: call.optional(),
    ofRanks: call.optional(),
    ofList: call.optional(),
  })
  .refine(({ ofRank, ofRanks, ofList }) => ofRank ?? ofRanks ?? ofList, 'has none of ofRank, ofRanks, ofList')
  .refine(({ name, ofList }) => !ofList || name.endsWith('@k'), 'ofList is for a name with "@k"');

const trackerParts = z.strictObject({
  title: line,
  isFile: call,
  isAlone: z.boolean().optional(),
  unitOf: call.optional(),
  read: call,
});

const pluginParts = z.strictObject({
  models: z.array(modelParts).default([]),
  losses: z.record(id, lossParts).default({}),
  metrics: z.array(metricParts).default([]),
  trackers: z.record(id, trackerParts).default({}),
});

/**
 * Runs a plug-in's file, and has it make its parts. Throws UserError, one line, where it throws, adds nothing, or adds something half
 * written.
 */
export async function loadPlugin({ file, hash, code }: PluginCode): Promise<LoadedPlugin> {
  const refuse = (problem: string) =>
    new UserError({
      code: 'invalid',
      problem: `${file}: ${clip(problem, 300)}`,
      fix: 'docs/plugins.md says what a plug-in states',
    });
  const made = await inTurn(() => partsOf(code)).catch((error: unknown) => {
    throw refuse(messageOf(error));
  });
  const parsed = pluginParts.safeParse(made);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw refuse(path.length === 0 ? message : `${path.join('.')}: ${message}`);
  }
  const {
    models,
    losses: ownLosses,
    metrics,
    trackers,
  } = parsed.data as unknown as Required<ReturnType<MakePlugin>>;
  if (models.length + metrics.length + Object.keys(ownLosses).length + Object.keys(trackers).length === 0)
    throw refuse('adds no model, loss, metric or tracker');
  const taken = [
    ...Object.keys(ownLosses).filter((name) => Object.hasOwn(losses, name)),
    ...Object.keys(trackers).filter((name) => TRACKER_KINDS.some((kind) => kind === name)),
  ];
  if (taken.length > 0) throw refuse(`Tessera has "${taken[0]}" already: choose another name`);
  return versioned({ models, losses: ownLosses, metrics, trackers }, { file, hash });
}

let last: Promise<unknown> = Promise.resolve();

/** The console is everybody's: a plug-in has it to itself while it is loaded. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.catch(() => {}).then(work);
  last = done;
  return done;
}

/** It has no folder: what it imports but types cannot be found. */
async function partsOf(code: string): Promise<unknown> {
  const { log, info } = console;
  // What a command prints is its own answer.
  console.log = console.info = console.error;
  try {
    const module = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
    if (typeof module.default !== 'function') throw new Error('exports no function as its default');
    return await module.default(kit);
  } finally {
    Object.assign(console, { log, info });
  }
}

function versioned(
  { models, losses, metrics, trackers }: Required<ReturnType<MakePlugin>>,
  { file, hash }: Pick<PluginCode, 'file' | 'hash'>,
): LoadedPlugin {
  const own = Object.fromEntries(
    Object.entries(losses).map(([name, loss]) => [versionedName(name, hash), loss]),
  );
  const definitions = models.map(
    (model): NextItemDefinition => ({ ...model, id: versionedName(model.id, hash) }),
  );
  const rows = metrics.map((metric) => ({ ...metric, name: versionedName(metric.name, hash) }));
  return {
    models: modelsOf({ models: definitions.map(nextItem.modelOf), withAdded: nextItem.withAdded }),
    losses: own,
    metrics: rows,
    trackers,
    description: {
      file,
      hash,
      models: definitions.map(({ id, title }) => ({ id, title, family: 'next-item' as const })),
      losses: Object.entries(own).map(([id, { phrase }]) => ({ id, phrase })),
      metrics: rows.map(({ ofRank: _, ofRanks: __, ofList: ___, ...said }) => said),
      trackers: Object.entries(trackers).map(([kind, { title }]) => ({ kind, title })),
    },
  };
}

/** What this process has of plug-ins from now on, oldest first: these and no others. */
export function setPlugins(plugins: readonly LoadedPlugin[]): void {
  setAddedModelFacts(plugins.flatMap(({ description }) => description.models));
  setAddedModels(plugins.flatMap(({ models }) => models));
  setAddedLosses(Object.assign({}, ...plugins.map(({ losses }) => losses)));
  setAddedMetrics(plugins.flatMap(({ metrics }) => metrics));
  setAddedTrackers(Object.assign({}, ...plugins.map(({ trackers }) => trackers)));
}

/** Uses the plug-in, and builds what it adds at a size of nothing. Throws what goes wrong. */
export function tryPlugin(plugin: LoadedPlugin): void {
  setPlugins([plugin]);
  const { models, losses, metrics } = plugin;
  const sizes = { users: 3, items: 5 };
  for (const { id, essentials, configSchema, parameterCount } of models) {
    const missing = essentials.find((key) => !(key in configSchema.shape));
    if (missing !== undefined)
      throw new Error(`${plainName(id)}: essentials name "${missing}", which its configSchema has not`);
    parameterCount(configSchema.parse({}), sizes);
  }
  const schema = withAddedLosses(z.object(nextItemFields)) as z.ZodObject<typeof nextItemFields>;
  for (const loss of Object.keys(losses)) {
    const encoder = new SequenceEncoder(schema.parse({ loss }), sizes, {
      blocks: [],
      context: () => undefined,
    });
    encoder.randomInputs({ rows: 2, length: 4 });
  }
  for (const { name, ofRank, ofRanks } of metrics) {
    const value = ofRank?.(2, 10) ?? ofRanks?.([2, 5], 10) ?? 0;
    if (typeof value !== 'number')
      throw new Error(`metric ${plainName(name)}: gives ${typeof value}, no number`);
  }
}
