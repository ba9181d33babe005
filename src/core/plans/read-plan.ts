/** A plan as it is written in YAML: every mistake is told with its line and what to do. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
} from 'yaml';
import { z } from 'zod';
import { UserError } from '../errors.ts';
import { canonicalJson } from '../evaluation/protocol.ts';
import { isObject } from '../files/json.ts';
import { BUILT_ON } from './choices.ts';
import { type Plan, planSchema } from './plan-schema.ts';

type Path = readonly PropertyKey[];

/** A plan that was read, and where it says what. */
export interface WrittenPlan {
  plan: Plan;
  /** The line, from 1, of what stands at a path such as ["models", 2, "preset"], or of the nearest thing around it. */
  lineOf(path: Path): number;
}

/** Nobody writes so many lines. */
const MAX_CHARACTERS = 2 ** 20;

/** What is wrong at a line of a plan. */
export interface PlanProblem {
  line: number;
  /** The model that it is about, an index into those of the file: without it the rest of the plan stands. Null where all of it is. */
  model: number | null;
  text: string;
}

/** Throws UserError, in one line, that begins with `file`, the line and what is wrong there. */
export function readPlan(text: string, file: string): WrittenPlan {
  const { plan, lineOf, problems } = readPlanParts(text);
  const [first] = problems;
  if (first) throw new UserError(`${file}:${first.line}: ${first.text}`);
  if (plan === null) throw new Error('a plan without a problem is a plan');
  return { plan, lineOf };
}

/** A plan without the models that cannot be read. */
export interface PlanParts {
  /** Null where it is none. */
  plan: Plan | null;
  /** Of each model of the plan its index in the file. */
  entries: readonly number[];
  /** By paths of the plan. */
  lineOf(path: Path): number;
  /** In the order in which they were found. */
  problems: PlanProblem[];
}

/** As much of a plan as can be read. */
export function readPlanParts(text: string): PlanParts {
  const nothing = (line: number, problem: string): PlanParts => ({
    ...{ plan: null, entries: [], lineOf: () => line },
    problems: [{ line, model: null, text: problem }],
  });
  if (text.length > MAX_CHARACTERS) return nothing(1, 'too large for a plan');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken) return nothing(lines.linePos(broken.pos[0]).line, `is no YAML: ${broken.message}`);
  let value: unknown;
  try {
    // Aliases that multiply each other are refused.
    value = document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    return nothing(1, `is no YAML: ${error instanceof Error ? error.message : error}`);
  }
  if (isEndless(value))
    return nothing(1, 'an alias refers to the part that it stands in: write that part out');
  return withoutBadModels(written(value), (path) => lines.linePos(startOf(document, path)).line);
}

/** Whether it contains itself. */
function isEndless(value: unknown): boolean {
  try {
    JSON.stringify(value);
    return false;
  } catch {
    return true;
  }
}

/** Leaves out one model after the other until the others are a plan, or something else is wrong with it. */
function withoutBadModels(value: unknown, lineInFile: (path: Path) => number): PlanParts {
  const problems: PlanProblem[] = [];
  const all = isObject(value) && Array.isArray(value.models) ? (value.models as unknown[]) : [];
  let entries = [...all.keys()];
  const leftOut: string[] = [];
  for (;;) {
    const kept = entries;
    const inFile = (path: Path): Path =>
      path[0] === 'models' && typeof path[1] === 'number' && kept[path[1]] !== undefined
        ? ['models', kept[path[1]], ...path.slice(2)]
        : path;
    const lineOf = (path: Path) => lineInFile(inFile(path));
    const rest = all.length === 0 ? value : { ...(value as object), models: kept.map((at) => all[at]) };
    const parsed = planSchema.safeParse(rest);
    const [issue] = parsed.error?.issues ?? [];
    const wrong = parsed.success
      ? contradiction(parsed.data, leftOut)
      : placedProblem(issue, inFile(issue.path));
    if (wrong === null) return { plan: parsed.data ?? null, entries, lineOf, problems };
    const [of, at] = wrong.path;
    const model = of === 'models' && typeof at === 'number' ? kept[at] : null;
    problems.push({ line: lineOf(wrong.path), model, text: wrong.problem });
    if (model === null || kept.length === 1) return { plan: null, entries, lineOf, problems };
    leftOut.push(...namesOf(all[model]));
    entries = kept.filter((entry) => entry !== model);
  }
}

/** Models, and what they build on, may be written as "sasrec", or as { sasrec: { preset: … } }. */
function written(value: unknown): unknown {
  if (!isObject(value) || !Array.isArray(value.models)) return value;
  return { ...value, models: value.models.map(writtenModel) };
}

function writtenModel(given: unknown): unknown {
  const whole = wholeModel(given);
  if (!isObject(whole)) return whole;
  const builtOn = BUILT_ON.filter((key) => Object.hasOwn(whole, key));
  return { ...whole, ...Object.fromEntries(builtOn.map((key) => [key, writtenModel(whole[key])])) };
}

function wholeModel(given: unknown): unknown {
  if (typeof given === 'string') return { model: given };
  if (!isObject(given) || 'model' in given) return given;
  const entries = Object.entries(given);
  if (entries.length !== 1) return given;
  const [[model, rest]] = entries;
  return isObject(rest) || rest === null ? { ...rest, model } : given;
}

/** Offset of the node at a path, or of the deepest one around it. */
function startOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let start = 0;
  const stepInto = (next: unknown) => {
    node = next;
    if (isNode(node) && node.range) [start] = node.range;
    if (isAlias(node)) node = node.resolve(document);
  };
  stepInto(node);
  for (const step of path) {
    const found = childOf(node, step) ?? childOf(onlyValue(node), step);
    if (!found) return start;
    stepInto(found.value);
    start = found.start ?? start;
  }
  return start;
}

interface Child {
  value: unknown;
  /** Where its key stands. */
  start: number | null;
}

function childOf(node: unknown, step: PropertyKey): Child | null {
  if (isSeq(node)) {
    const value = typeof step === 'number' ? node.items[step] : undefined;
    return value === undefined ? null : { value, start: null };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  if (!pair || !isPair(pair)) return null;
  return { value: pair.value, start: isNode(pair.key) && pair.key.range ? pair.key.range[0] : null };
}

/** Of { sasrec: { … } } what its one key has. */
function onlyValue(node: unknown): unknown {
  return isMap(node) && node.items.length === 1 ? node.items[0].value : null;
}

/** What a model that cannot be read may be called elsewhere. */
const namesOf = (given: unknown): string[] =>
  isObject(given) ? [given.name, given.model].filter((name) => typeof name === 'string') : [];

/** What an issue says; `shown`: its path as the file has it. */
function placedProblem(issue: z.core.$ZodIssue, shown: Path): { path: Path; problem: string } {
  const where = issue.path.length === 0 ? '' : `${pathText(shown)}: `;
  if (issue.code !== 'unrecognized_keys') return { path: issue.path, problem: where + issue.message };
  const [key] = issue.keys;
  const known = keysAt(issue.path);
  const hint = known.length > 0 ? `; there are ${known.join(', ')}` : '';
  return { path: [...issue.path, key], problem: `${where}there is no "${key}" here${hint}` };
}

/** "models 3, preset" */
const pathText = (path: Path) =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text} ${step + 1}`;
    return text === '' ? String(step) : `${text}, ${String(step)}`;
  }, '');

/** The keys of the object at a path of the schema. */
function keysAt(path: Path): string[] {
  let schema: z.core.$ZodType = planSchema;
  for (const step of path) {
    const inner = insideOf(schema);
    if (inner instanceof z.ZodArray && typeof step === 'number') schema = inner.element;
    else if (inner instanceof z.ZodObject && typeof step === 'string' && Object.hasOwn(inner.shape, step))
      schema = inner.shape[step];
    else return [];
  }
  const inner = insideOf(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Without what says that it may be left out. */
function insideOf(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return insideOf(schema.unwrap());
  if (!(schema instanceof z.ZodPipe)) return schema;
  return insideOf(schema.out instanceof z.ZodTransform ? schema.in : schema.out);
}

/** What goes together in no plan: names that are there twice, or of nothing. `leftOut`: names of models that cannot be read. */
function contradiction(plan: Plan, leftOut: readonly string[]): { path: Path; problem: string } | null {
  const { models, tables, results, baseline } = plan;
  const names = models.map(nameOfModel);
  const reserved = names.indexOf(NO_BASELINE);
  if (reserved >= 0)
    return {
      path: ['models', reserved, 'name'],
      problem: `a model cannot be called "${NO_BASELINE}": "baseline: ${NO_BASELINE}" means that there is none`,
    };
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at);
  if (twice >= 0)
    return {
      path: ['models', twice],
      problem: `two models are called "${names[twice]}"; give one of them another name, such as name: ${names[twice]}-2`,
    };
  const alike = models.map(({ name: _, seeds: __, ...model }) => canonicalJson(model));
  const same = alike.findIndex((model, at) => alike.indexOf(model) !== at);
  if (same >= 0)
    return {
      path: ['models', same],
      problem: `"${names[same]}" has the settings of "${names[alike.indexOf(alike[same])]}": leave one of them out`,
    };
  const both = builtOnTwice(models);
  if (both !== null) return both;
  const unknown = (name: string) =>
    names.includes(name) || leftOut.includes(name)
      ? null
      : `there is no model "${name}" in this plan; there are ${names.join(', ')}`;
  for (const [at, { models: some = [] }] of tables.entries())
    for (const [place, name] of some.entries()) {
      const problem = unknown(name);
      if (problem !== null) return { path: ['tables', at, 'models', place], problem };
    }
  const repeated = namedTwice(plan);
  if (repeated !== null) return repeated;
  const none = baseline === undefined || baseline === NO_BASELINE ? null : unknown(baseline);
  if (none !== null) return { path: ['baseline'], problem: none };
  const data = tables.map((table) => dataName(table));
  const stray = results.findIndex((result) => result.data !== undefined && !data.includes(result.data));
  return stray < 0
    ? null
    : {
        path: ['results', stray, 'data'],
        problem: `no table is of "${results[stray].data}"; there are ${[...new Set(data)].join(', ')}`,
      };
}

/** What would stand in the tables twice. */
function namedTwice({ tables, metrics }: Plan): { path: Path; problem: string } | null {
  const lists: [path: Path, what: string, all: readonly string[]][] = [
    [['metrics'], 'metric', metrics.map((name) => name.toLowerCase().replace(/^test\//, ''))],
    ...tables.flatMap(({ slices, models = [], split }, at): typeof lists => [
      [['tables', at, 'slices'], 'slice', slices],
      [['tables', at, 'models'], 'model', models],
      [['tables', at, 'split'], 'split', split.map(({ settings }) => canonicalJson(settings))],
    ]),
    [['tables'], 'table', tables.map((table) => canonicalJson(table))],
  ];
  for (const [path, what, all] of lists) {
    const again = all.findIndex((one, at) => all.indexOf(one) !== at);
    if (again < 0) continue;
    const named = what === 'split' || what === 'table' ? what : `${what} ${all[again]}`;
    return { path: [...path, again], problem: `the ${named} is there twice: leave it out once` };
  }
  return null;
}

/** A model that is given a run of the home and one that is trained, for the same purpose. */
function builtOnTwice(models: Plan['models']): { path: Path; problem: string } | null {
  for (const [at, model] of models.entries()) {
    const key = BUILT_ON.find((one) => model[one] && Object.hasOwn(model.settings, one));
    if (key !== undefined)
      return {
        path: ['models', at, 'settings', key],
        problem: `"${nameOfModel(model)}" names a run as its ${key}, and has one trained: leave one of them out`,
      };
  }
  return null;
}

/** Stands for no baseline. */
export const NO_BASELINE = 'none';

/** What tables, the baseline and messages call a model of the plan. */
export const nameOfModel = ({ model, name }: Plan['models'][number]): string => name ?? model;

/** The data set of a table, as its runs will name it. */
export const dataName = ({ data }: Plan['tables'][number]): string =>
  typeof data === 'string' ? data : data.name;
