/** What runs are called: the name that one gets where its user gives none, and the short label of one among others. */
import { modelTitle } from './model-facts.ts';
import { keyWords } from './names.ts';

/** The short name of a run, or of a row of runs, among others. */
export interface RunLabel {
  /** The model, or the whole name that the user gave. */
  title: string;
  /** What tells it from others of its title, such as "dim 64, dropout 0.2"; empty where nothing has to. */
  detail: string;
}

const GENERATED = /^(?:-(?:sweep|scaling)(?:-\d+)?-(.+))?-seed\d+(-\d+)?(-evaluation(-\d+)?)*$/;

/** "trial 3", or "16x2, 50 % of the users", of a run of a sweep or a study; empty for any other. */
function partOfStudy({ name, model, dataset }: NamedRun): string {
  const start = dataset && model !== null ? ownStart(model, dataset.name) : name;
  return partInWords(GENERATED.exec(name.slice(start.length))?.[1] ?? '');
}

function partInWords(part: string): string {
  return part.replace(/^trial(?=\d+$)/, 'trial ').replace(/-([\d.]+)pct$/, ', $1 % of the users');
}

/** Of a run of a sweep or a study that its user has named: "sizes-trial3-seed1". */
const OF_NAMED = /^(.+)-(trial\d+|\d+(?:x\d+)+-[\d.]+pct)-seed(\d+)$/;

/** The name that the user gave: of a run of a study that has one, that of the study, and which of its runs it is. */
function givenName({ name, seed }: Pick<ToldRun, 'name' | 'seed'>): { given: string; part: string } {
  const [, study, ofStudy, number] = OF_NAMED.exec(name) ?? [];
  const isPart = number !== undefined && Number(number) === seed;
  return isPart ? { given: study, part: partInWords(ofStudy) } : { given: name, part: '' };
}

/** Which run of a study it is that its user has named: "trial 3"; empty for any other. */
export const partOfNamed = (run: NamedRun & Pick<ToldRun, 'seed'>): string =>
  isGenerated(run) ? '' : givenName(run).part;

/** Behind the name of a result of another program, where that is taken. */
const NUMBERED = /^(?:-(\d+))?$/;

interface NamedRun {
  name: string;
  model: string | null;
  /** What made it, where that was another program. */
  program?: string | null;
  dataset?: { name: string } | null;
}

/** Settings that are named before the rest is left to the config. */
const MAX_SETTINGS = 3;

/** What the name of a run begins with that gets one by itself; its seed follows, and a number where that is taken. */
const ownStart = (model: string, dataset: string) => `${model}-${dataset}`;

export function generatedName(model: string, dataset: string, seed: number): string {
  return `${ownStart(model, dataset)}-seed${seed}`;
}

/** Of a result of another program. */
export function generatedResultName(model: string | null, program: string, dataset: string): string {
  return ownStart(model ?? program, dataset);
}

/** Whether a run has the name that it got by itself, also as one of a sweep or a study, or as the evaluation of one. */
export function isGenerated({ name, model, program, dataset }: NamedRun): boolean {
  if (program != null) return dataset != null && resultNumber({ name, model, program, dataset }) !== null;
  if (model === null) return false;
  const start = dataset ? ownStart(model, dataset.name) : name;
  return name.startsWith(start) && GENERATED.test(name.slice(start.length));
}

/** 2 of a second result of a model, 1 of the first; null where its user has named it. */
export function resultNumber({ name, model, program, dataset }: NamedRun): number | null {
  const start = generatedResultName(model, program ?? '', dataset?.name ?? '');
  const found = name.startsWith(start) ? NUMBERED.exec(name.slice(start.length)) : null;
  return found && Number(found[1] ?? 1);
}

/** The model where the program named the run, else the name that its user gave it or its study. */
export function runTitle(run: Pick<ToldRun, keyof NamedRun | 'seed'>): string {
  return isGenerated(run) ? modelTitle(run.model ?? run.program ?? null) : givenName(run).given;
}

/** What a run is called where nothing else is shown: "SASRec on club, seed 2", or the name that its user gave. */
export function nameAlone(run: Omit<ToldRun, 'id'>): string {
  if (!isGenerated(run)) {
    const { given, part } = givenName(run);
    return part === '' ? given : `${given}, ${part}, seed ${run.seed}`;
  }
  const on = run.dataset ? ` on ${run.dataset.name}` : '';
  const part = partOfStudy(run);
  const details = [
    ...(part === '' ? [] : [part]),
    ...(run.evaluates ? [`${run.evaluates.kind} checkpoint`] : []),
    ...(run.seed == null ? [] : [`seed ${run.seed}`]),
  ];
  return [runTitle(run) + on, ...details].join(', ');
}

/** "learning rate 0.003, dropout 0.2"; what is none or does not fit into a word is left out. */
export function settingsInWords(settings: readonly (readonly [key: string, value: unknown])[]): string {
  return settings
    .filter(([, value]) => value != null && typeof value !== 'object')
    .slice(0, MAX_SETTINGS)
    .map(([key, value]) => `${keyWords(key)} ${value}`)
    .join(', ');
}

type Settings = Readonly<Record<string, unknown>>;

/** The keys whose values differ between configs, in the order in which they occur; null is as good as none. */
export function differingSettings(configs: readonly (Settings | null | undefined)[]): string[] {
  const found = new Map<string, { text: string; times: number }>();
  for (const config of configs) {
    for (const [key, value] of Object.entries(config ?? {})) {
      if (value == null) continue;
      const text = JSON.stringify(value);
      const known = found.get(key) ?? { text, times: 0 };
      if (known.text === text) known.times++;
      found.set(key, known);
    }
  }
  return [...found].flatMap(([key, { times }]) => (times < configs.length ? [key] : []));
}

/** "TIGER, dim 64" */
export function labelText({ title, detail }: RunLabel): string {
  return detail === '' ? title : `${title}, ${detail}`;
}

/** What tells one of several runs from the others. */
interface ToldRun extends NamedRun {
  id: string;
  seed?: number | null;
  config?: Record<string, unknown> | null;
  evaluates?: { kind: string } | null;
}

const labelled = new WeakMap<readonly ToldRun[], ReadonlyMap<string, RunLabel>>();

/**
 * What a run is called among those it is shown with: its title, then what differs between runs of this title, its seed
 * last. No two have the same name. Keep the list, for it is named once.
 */
export function nameOf(run: ToldRun, among: readonly ToldRun[]): RunLabel {
  const labels = labelled.get(among) ?? labelsOf(among);
  labelled.set(among, labels);
  return labels.get(run.id) ?? { title: runTitle(run), detail: '' };
}

function labelsOf(runs: readonly ToldRun[]): Map<string, RunLabel> {
  const labels = new Map<string, RunLabel>();
  for (const [title, alike] of Map.groupBy(runs, runTitle)) {
    const settings = differingSettings(alike.map(({ config }) => config));
    const differs = (of: (run: ToldRun) => unknown) =>
      new Set(alike.map((run) => JSON.stringify(of(run)))).size > 1;
    const parts: ((run: ToldRun) => string)[] = [
      ...(differs(({ dataset }) => dataset?.name) ? [({ dataset }: ToldRun) => dataset?.name ?? ''] : []),
      partOfNamed,
      ({ evaluates }) => (evaluates ? `${evaluates.kind} checkpoint` : ''),
      ({ config }) => settingsInWords(settings.map((key) => [key, config?.[key]] as const)),
      ...(differs(({ seed }) => seed) ? [({ seed }: ToldRun) => (seed == null ? '' : `seed ${seed}`)] : []),
    ];
    const details = alike.map((run) =>
      parts
        .map((part) => part(run))
        .filter((part) => part !== '')
        .join(', '),
    );
    for (const [at, run] of alike.entries()) {
      const isTwice = details.indexOf(details[at]) !== details.lastIndexOf(details[at]);
      const apart = isTwice ? [details[at], run.id].filter((part) => part !== '').join(', ') : details[at];
      labels.set(run.id, { title, detail: apart });
    }
  }
  return labels;
}

/** What the names of several runs have in common, without what numbers them: "sasrec s1", "sasrec s2" → "sasrec"; else empty. */
export function sharedName([first, ...others]: readonly string[]): string {
  if (others.every((name) => name === first)) return first;
  let length = first.length;
  for (const name of others) {
    while (!name.startsWith(first.slice(0, length))) length--;
  }
  const common = first.slice(0, length).replace(/[\s\-_.,:#(]*(?:seed|run|s)?[\s\-_.,:#(=]*\d*$/i, '');
  return common.length >= 2 ? common : '';
}
