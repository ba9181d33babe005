/** What the window knows of models before the registry is loaded; `npm run docs` writes it. */
import type { ModelTask } from './families/model.ts';
import facts from './model-facts.json' with { type: 'json' };

/** Titles of models by id, such as "SASRec" for "sasrec". */
export const MODEL_TITLES: Readonly<Record<string, string>> = facts.titles;

const TASKS: Readonly<Record<string, string>> = facts.tasks;

/** A model by its title; one that this version does not have by its id, "–" where it is not known. */
export function modelTitle(id: string | null): string {
  return id === null ? '–' : (MODEL_TITLES[id] ?? id);
}

/** The models that are trained for a task. */
export function modelsOfTask(task: ModelTask): string[] {
  return Object.keys(TASKS).filter((id) => modelTask(id) === task);
}

/** What a model is trained for; undefined for one that this version does not have. */
export function modelTask(id: string | null): ModelTask | undefined {
  return TASKS[id ?? ''] as ModelTask | undefined;
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
