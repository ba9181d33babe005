/** What the window knows of models before the registry is loaded; `npm run docs` writes it. */
import facts from './model-facts.json' with { type: 'json' };
import { plainName, versionOf } from './plugins/ids.ts';

const titles: Record<string, string> = facts.titles;

/** Titles of models by id, such as "SASRec" for "sasrec". */
export const MODEL_TITLES: Readonly<Record<string, string>> = titles;

/** What the registry says once it is loaded: a model may be newer than what has been written here. */
export function learnTitles(models: Iterable<{ id: string; title: string }>): void {
  for (const { id, title } of models) titles[id] = title;
}

const FAMILIES: Readonly<Record<string, string>> = facts.families;

/** What a plug-in says of a model, where the model itself is not loaded. */
export interface AddedModelFacts {
  id: string;
  title: string;
  family: FamilyId;
}

let added: readonly AddedModelFacts[] = [];

/** Those of plug-ins, oldest first, in place of the ones that were added before. Of several of one title, the older ones have their version behind it. */
export function setAddedModelFacts(facts: readonly AddedModelFacts[]): void {
  const isOlder = ({ title }: AddedModelFacts, at: number) =>
    facts.some((one, after) => after > at && one.title === title);
  added = facts.map((one, at) =>
    isOlder(one, at) ? { ...one, title: `${one.title} (${versionOf(one.id)})` } : one,
  );
}

/** What the runs of a family are measured by, as stored protocols name it. */
export type ModelTask = 'next-item' | 'tokeniser' | 'ranking' | 'language';

/** The program does not compile where one of them is not loaded by the registry and by `load-model.ts`. */
export type FamilyId = 'next-item' | 'tokenisers' | 'clicks' | 'language' | 'generative';

/** What the models of a family are trained for. */
export const FAMILY_TASKS: Readonly<Record<FamilyId, ModelTask>> = {
  'next-item': 'next-item',
  tokenisers: 'tokeniser',
  clicks: 'ranking',
  language: 'language',
  generative: 'next-item',
};

/** A model by its title; one that this version does not have by its id, "–" where it is not known. */
export function modelTitle(id: string | null): string {
  return id === null ? '–' : (MODEL_TITLES[id] ?? added.find((one) => one.id === id)?.title ?? plainName(id));
}

/** The models that are trained for a task. */
export function modelsOfTask(task: ModelTask): string[] {
  return [...Object.keys(FAMILIES), ...added.map(({ id }) => id)].filter((id) => modelTask(id) === task);
}

/** The family of a model; undefined for one that this version does not have. */
export function modelFamily(id: string): FamilyId | undefined {
  return (FAMILIES[id] as FamilyId | undefined) ?? added.find((one) => one.id === id)?.family;
}

/** What a model is trained for; undefined for one that this version does not have. */
export function modelTask(id: string | null): ModelTask | undefined {
  const family = modelFamily(id ?? '');
  return family && FAMILY_TASKS[family];
}

/** Why a model cannot be written as ONNX; null where it can, at least with some settings. */
export function noGraph(id: string): string | null {
  return Object.hasOwn(facts.graphs, id)
    ? null
    : `${modelTitle(id)} cannot be written as ONNX: it is no graph that scores items or rows`;
}

/** Baselines that are fitted in one go. */
export const SIMPLE_BASELINES: readonly string[] = Object.keys(facts.simple);

/** Whether a model is a baseline that is fitted in one go, such as Popularity, ItemKNN and EASE. */
export function isSimpleBaseline(id: string | null): boolean {
  return id !== null && Object.hasOwn(facts.simple, id);
}

/** What a loss function is in a line of settings, by the name that configs have for it. */
export const LOSS_PHRASES: Readonly<Record<string, string>> = facts.losses;
