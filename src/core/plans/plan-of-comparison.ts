/** The plan that makes a comparison again: its rows become models, its data sets and splits tables. */
import { stringify } from 'yaml';
import { splitFields } from '../data/splits/index.ts';
import { type PracticalRequest, ropeText } from '../evaluation/practical/index.ts';
import { canonicalJson } from '../evaluation/protocol.ts';
import type { AskedReading } from '../foreign/results/request.ts';
import { isSimpleBaseline } from '../model-facts.ts';
import { protocolFields } from '../training/config.ts';
import { BUILT_ON } from './choices.ts';
import { PLAN_LAYOUT, splitText } from './plan-layout.ts';
import type { PlanInput } from './plan-schema.ts';
import { NO_BASELINE } from './read-plan.ts';

type Config = Readonly<Record<string, unknown>>;

/** What a model builds on. */
export type ComparedSources = Partial<Record<(typeof BUILT_ON)[number], ComparedSource>>;

export interface ComparedSource {
  model: string;
  config: Config;
  seed: number;
  sources: ComparedSources;
}

/** A row of a comparison: runs that differ in their seed alone. */
export interface ComparedModel {
  /** What its user calls it; null where it is called by its model. */
  name: string | null;
  model: string;
  dataset: string;
  seeds: readonly number[];
  /** Null of a result of another program. */
  config: Config | null;
  /** The runs that its config names and that are still there, by the key that names them. */
  sources?: ComparedSources;
  /** Of a result of another program. */
  result?: {
    file: string;
    program: string;
    model: string | null;
    split: string | null;
    /** How its file was read. */
    asked?: AskedReading;
  };
  isBaseline: boolean;
}

export interface PlanChoices {
  name: string;
  metrics?: readonly string[];
  /** What differences come to in practice. */
  practical?: PracticalRequest;
  /** Of data sets, by their names; without it the plan knows them by their names alone. */
  fingerprints?: ReadonlyMap<string, string>;
  /** The whole config that a model has by itself. */
  defaultsOf(model: string): Config;
}

/** What is not a row is not in the plan: of what another program states, nothing can be trained. */
export function planOfComparison(rows: readonly ComparedModel[], choices: PlanChoices): string {
  const own = rows.flatMap(({ config, ...row }) => (config === null ? [] : [partsOf(row, config, choices)]));
  const models = new Map<string, (typeof own)[number]>();
  for (const row of own) {
    // On another data set or split, or of a seed that is there again, a model may have other seeds: it is trained from all of them.
    const { seeds: known = [], ...first } = models.get(row.key) ?? { ...row, seeds: [] };
    models.set(row.key, { ...first, seeds: [...new Set([...known, ...row.seeds])].sort((a, b) => a - b) });
  }
  const names = uniqueNames([...models.values()]);
  const nameOf = new Map([...models.keys()].map((key, at) => [key, names[at]]));
  const seeds = [...new Set(own.flatMap((row) => row.seeds))].sort((a, b) => a - b);
  const datasets = [...new Set(own.map(({ dataset }) => dataset))];
  const plan = {
    plan: choices.name,
    tables: datasets.map((dataset) => {
      const here = own.filter((row) => row.dataset === dataset);
      const splits = new Map(here.map(({ split }) => [canonicalJson(split), splitText(split)]));
      const keys = [...models.keys()].filter((key) => here.some((row) => row.key === key));
      const all = keys.length === models.size;
      return {
        data: dataOf(dataset, choices),
        split: splits.size === 1 ? [...splits.values()][0] : [...splits.values()],
        ...(all ? {} : { models: keys.map((key) => nameOf.get(key)) }),
      };
    }),
    models: [...models].map(([key, { model, settings, builtOn, seeds: ownSeeds }]) => {
      const name = nameOf.get(key);
      const usesAll = isSimpleBaseline(model) || ownSeeds.join() === seeds.join();
      const rest = {
        ...(name === model ? {} : { name }),
        ...(Object.keys(settings).length > 0 ? { settings } : {}),
        ...builtOn,
        ...(usesAll ? {} : { seeds: ownSeeds }),
      };
      return Object.keys(rest).length === 0 ? model : { [model]: rest };
    }),
    ...resultsOf(rows),
    seeds: seeds.length > 0 ? seeds : [1],
    ...baselineOf(rows, own, nameOf),
    ...(choices.metrics ? { metrics: choices.metrics } : {}),
    ...practicalKeys(choices.practical),
  };
  const named = choices.fingerprints ? 'known by their fingerprints' : 'named as in the home';
  return `# Data sets are ${named}; files and the options of their import may take their place.\n${stringify(plan, PLAN_LAYOUT)}`;
}

/** So many digits of a fingerprint tell data sets apart. */
const DIGITS = 16;

function dataOf(name: string, { fingerprints }: PlanChoices) {
  const fingerprint = fingerprints?.get(name)?.slice(0, DIGITS);
  return fingerprint === undefined ? name : { name, fingerprint };
}

function partsOf(row: Omit<ComparedModel, 'config'>, config: Config, { defaultsOf }: PlanChoices) {
  const { sources = {} } = row;
  const isSplit = (key: string) => Object.hasOwn(splitFields, key) || key === 'targets';
  const entries = differing(config, defaultsOf(row.model), sources);
  const settings = Object.fromEntries(entries.filter(([key]) => !isSplit(key)));
  const builtOn = builtOnParts(sources, defaultsOf);
  const split = {
    split: config.split ?? 'leave-last-out',
    ...Object.fromEntries(entries.filter(([key]) => isSplit(key))),
  };
  return { ...row, settings, builtOn, split, key: canonicalJson([row.model, settings, builtOn]) };
}

/** What is not by default, and no run that a plan trains by itself. */
const differing = (config: Config, defaults: Config, sources: ComparedSources) =>
  Object.entries(config).filter(
    ([key, value]) =>
      key !== 'seed' &&
      !Object.hasOwn(sources, key) &&
      // Whose item vectors are taken has the content of a run by itself.
      !(key === 'content' && value === 'run' && sources.vectorsFrom) &&
      canonicalJson(value ?? null) !== canonicalJson(defaults[key] ?? null),
  );

/** What is held out of the row is held out of what it builds on, and not said again. */
function builtOnParts(
  sources: ComparedSources,
  defaultsOf: PlanChoices['defaultsOf'],
): Record<string, Record<string, unknown>> {
  const parts = BUILT_ON.flatMap((name) => {
    const source = sources[name];
    if (!source) return [];
    const { model, config, seed, sources: own } = source;
    const entries = differing(config, defaultsOf(model), own).filter(
      ([key]) => !Object.hasOwn(protocolFields, key),
    );
    const settings = entries.length > 0 ? { settings: Object.fromEntries(entries) } : {};
    return [[name, { model, ...settings, ...builtOnParts(own, defaultsOf), seed }]];
  });
  return Object.fromEntries(parts);
}

function practicalKeys({ rope, power }: PracticalRequest = {}): Pick<PlanInput, 'rope' | 'power'> {
  return {
    ...(rope ? { rope: rope.isShare ? ropeText(rope) : rope.size } : {}),
    ...(power === undefined ? {} : { power }),
  };
}

/** The model alone where the plan has it once. */
function uniqueNames(models: readonly { name: string | null; model: string }[]): string[] {
  const names: string[] = [];
  for (const { name, model } of models) {
    const isAlone = models.filter((other) => other.model === model).length === 1;
    const wanted = name ?? (isAlone ? model : `${model}-${names.length + 1}`);
    const isTaken = names.includes(wanted) || wanted === NO_BASELINE;
    names.push(isTaken ? `${wanted}-${names.length + 1}` : wanted);
  }
  return names;
}

function resultsOf(rows: readonly ComparedModel[]): Pick<PlanInput, 'results'> {
  // Several seeds are of one file that names them.
  const results = rows.flatMap(({ result, dataset, seeds: [seed, ...more], name }) =>
    result
      ? [
          {
            file: result.file,
            data: dataset,
            program: result.program,
            ...(result.model === null ? {} : { model: result.model }),
            ...(name === null ? {} : { name }),
            ...(seed === undefined || more.length > 0 ? {} : { seed }),
            ...(result.split === null ? {} : { split: result.split }),
            ...readingOf(result.asked),
          },
        ]
      : [],
  );
  return results.length > 0 ? ({ results } as Pick<PlanInput, 'results'>) : {};
}

/** As the results of a plan say it. */
function readingOf({ map, candidates, ascending, skipBadRows, stated, held = {} }: AskedReading = {}) {
  const isOfSplit = (key: string) => Object.hasOwn(splitFields, key);
  const [split, set] = [true, false].map((ofSplit) =>
    Object.fromEntries(Object.entries(held).filter(([key]) => isOfSplit(key) === ofSplit)),
  );
  const said = { map, candidates, ascending, skipBadRows, stated };
  return {
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
    ...('split' in split && { split: splitText(split) }),
    ...(Object.keys(set).length > 0 && { set }),
  };
}

function baselineOf(
  rows: readonly ComparedModel[],
  own: readonly { isBaseline: boolean; key: string }[],
  nameOf: ReadonlyMap<string, string>,
): { baseline?: string } {
  const base = own.find(({ isBaseline }) => isBaseline);
  const name = base && nameOf.get(base.key);
  if (name !== undefined) return { baseline: name };
  return rows.some(({ isBaseline }) => isBaseline) ? {} : { baseline: 'none' };
}
