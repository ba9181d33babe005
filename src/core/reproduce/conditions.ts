/** What a training rests on, then and now, and whether its numbers can come out alike. */
import { isSimpleBaseline, modelTitle } from '../model-facts.ts';
import { countText, examplesText, withCommas } from '../names.ts';
import { isSameKind, type Processor, processorNames } from '../processor-kinds.ts';
import type { RecipeDataset, RecipeRun } from './recipe.ts';

/**
 * about: differs without effect. may: may change digits. cannot: other numbers for sure. missing: needed, and not here. unknown: nobody
 * noted it.
 */
export const MARKS = ['same', 'about', 'may', 'unknown', 'missing', 'cannot'] as const;
export type Mark = (typeof MARKS)[number];

export interface Condition {
  what: string;
  /** The same without the names of the runs that it is of, where it is of some. */
  kind?: string;
  earlier: string;
  mark: Mark;
  now: string;
  /** Empty where it needs no words. */
  means: string;
}

/** Where it is to be trained now. */
export interface Here {
  version: string;
  processor: Processor;
  node: string;
  platform: string;
  /** Versions of the libraries that compute; one that does not tell is left out. */
  onnxruntime?: string;
  tfjs?: string;
}

/** What of a run is asked for, where that is not what it had. */
export interface Asked {
  seed?: number;
  threads?: number;
  /** The one that it will be trained on. */
  device: string;
  /** Why its settings cannot be used here, or the keys that have been added since. */
  settings: { problem: string } | { added: readonly string[] };
  /** Files that its settings name. */
  files: readonly { path: string; isHere: boolean }[];
  /** Hashes of the plug-ins that there are. */
  plugins: readonly string[];
}

const UNKNOWN = 'not recorded';
const OTHER_SUMS = 'another version may add in another order';

/** A line for everything about a run but its data. */
export function runConditions(run: RecipeRun, here: Here, asked: Asked): Condition[] {
  return [
    settingsCondition(run, asked),
    seedCondition(run, asked),
    ...asked.files.map(fileOfSettings),
    ...pluginConditions(run, asked),
    versionCondition(run, here),
    deviceCondition(run, asked),
    processorCondition(run, here),
    threadsCondition(run, asked),
    plain('Node', run.environment?.node, here.node, 'another engine may round otherwise'),
    plain('ONNX Runtime', run.environment?.onnxruntime, here.onnxruntime, OTHER_SUMS),
    plain('TensorFlow.js', run.environment?.tfjs, here.tfjs, OTHER_SUMS),
    systemCondition(run, here),
  ];
}

function settingsCondition({ model, config }: RecipeRun, { settings }: Asked): Condition {
  const count = Object.keys(config).length;
  const earlier = `${modelTitle(model)}, ${countText(count, 'setting')}`;
  const what = 'Settings';
  if ('problem' in settings)
    return { what, earlier, mark: 'cannot', now: 'cannot be used', means: settings.problem };
  const { added } = settings;
  if (added.length === 0) return { what, earlier, mark: 'same', now: 'the same', means: '' };
  return {
    what,
    earlier,
    mark: 'about',
    now: `and ${examplesText(added)}`,
    means: 'new since, left as they are',
  };
}

function seedCondition({ model, seed }: RecipeRun, { seed: asked = seed }: Asked): Condition {
  const line = { what: 'Seed', earlier: String(seed), now: String(asked) };
  if (seed === asked) return { ...line, mark: 'same', means: '' };
  return isSimpleBaseline(model)
    ? { ...line, mark: 'about', means: `${modelTitle(model)} has no randomness` }
    : { ...line, mark: 'cannot', means: 'another draw of everything random' };
}

function fileOfSettings({ path, isHere }: Asked['files'][number]): Condition {
  const line = { what: 'File of settings', earlier: path };
  return isHere
    ? { ...line, mark: 'unknown', now: 'a file of this name', means: 'what it held is not recorded' }
    : { ...line, mark: 'missing', now: 'not here', means: '' };
}

function pluginConditions({ plugins }: RecipeRun, asked: Asked): Condition[] {
  return plugins.map((plugin) => {
    const [file, hash = ''] = plugin.split(' ');
    const isHere = asked.plugins.includes(hash);
    return {
      ...{ what: 'Plug-in', earlier: file, means: `sha256 ${shortHash(hash)}` },
      ...(isHere ? { mark: 'same', now: 'the same file' } : { mark: 'missing', now: 'not here' }),
    };
  });
}

function versionCondition({ versions }: RecipeRun, here: Here): Condition {
  const earlier = versions.join(', then ') || UNKNOWN;
  const line = { what: 'Tessera', earlier, now: here.version };
  if (versions.length === 0) return { ...line, mark: 'unknown', means: '' };
  if (!versions.every((version) => version === here.version))
    return { ...line, mark: 'may', means: 'what changed between them is not known' };
  // Such a version names a commit and not what differed from it.
  if (here.version.endsWith('-dirty'))
    return { ...line, mark: 'unknown', means: 'files differed from the commit, and how is not recorded' };
  return { ...line, mark: 'same', means: '' };
}

function deviceCondition({ device }: RecipeRun, { device: now }: Asked): Condition {
  const line = { what: 'Device', earlier: device ?? UNKNOWN, now };
  if (device === null) return { ...line, mark: 'unknown', means: '' };
  if (device !== now) return { ...line, mark: 'may', means: 'another device adds in another order' };
  return now === 'cpu'
    ? { ...line, mark: 'same', means: '' }
    : { ...line, mark: 'may', means: 'the order of sums is not fixed on it' };
}

function processorCondition({ processors }: RecipeRun, { processor }: Here): Condition {
  const names = processorNames([...processors, processor]);
  const earlier = names.slice(0, -1).join(', then ') || UNKNOWN;
  const line = { what: 'Processor', earlier, now: names.at(-1) ?? '' };
  if (processors.length === 0) return { ...line, mark: 'unknown', means: '' };
  return processors.every((kind) => isSameKind(kind, processor))
    ? { ...line, mark: 'same', means: '' }
    : { ...line, mark: 'may', means: 'another kind adds in another order' };
}

function threadsCondition({ threads }: RecipeRun, { threads: asked = threads }: Asked): Condition {
  const line = { what: 'Threads', earlier: String(threads), now: String(asked) };
  return threads === asked
    ? { ...line, mark: 'same', means: '' }
    : { ...line, mark: 'may', means: 'sums are parted otherwise' };
}

/** "linux 6.8.0 x64": the release has no part in a number. */
function systemCondition({ environment }: RecipeRun, { platform }: Here): Condition {
  const earlier = environment?.platform;
  if (earlier === undefined) return plain('System', earlier, platform, '');
  const kind = (text: string) => [text.split(' ').at(0), text.split(' ').at(-1)].join(' ');
  const line = { what: 'System', earlier: String(earlier), now: platform };
  if (earlier === platform) return { ...line, mark: 'same', means: '' };
  return kind(String(earlier)) === kind(platform)
    ? { ...line, mark: 'about', means: 'another release' }
    : { ...line, mark: 'may', means: 'other functions of the system' };
}

function plain(
  what: string,
  earlier: string | number | undefined,
  now: string | undefined,
  differs: string,
): Condition {
  if (earlier === undefined || now === undefined)
    return { what, earlier: String(earlier ?? UNKNOWN), mark: 'unknown', now: now ?? 'not known', means: '' };
  const isSame = String(earlier) === now;
  return { what, earlier: String(earlier), mark: isSame ? 'same' : 'may', now, means: isSame ? '' : differs };
}

/** A file that was found for one that is wanted: by its content, or else by its name. */
export interface FoundFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** Where the data of a recipe is. */
export type FoundData =
  | {
      place: 'home';
      id: string;
      name: string;
      files: readonly { sha256: string }[] | null;
      /** By the options of then; null where nobody noted them. */
      isImportedAlike: boolean | null;
    }
  | { place: 'files'; files: readonly (FoundFile | null)[] }
  | { place: 'nowhere' };

/** A line a file, and one for how they are imported. */
export function dataConditions(dataset: RecipeDataset, found: FoundData): Condition[] {
  const { files, options, fingerprint } = dataset;
  return [
    ...(files ?? []).map((file, at) => fileCondition(file, at, found)),
    ...(files === null ? [{ what: 'Data', earlier: UNKNOWN, ...unnamedData(dataset, found) }] : []),
    {
      what: 'Import',
      earlier: options === null ? UNKNOWN : `${importWords(options)}${sizeWords(dataset)}`,
      means: `fingerprint ${fingerprint.slice(0, 12)}`,
      ...importState(options, found),
    },
  ];
}

function fileCondition(
  file: NonNullable<RecipeDataset['files']>[number],
  at: number,
  found: FoundData,
): Condition {
  const means = `sha256 ${shortHash(file.sha256)}`;
  const line = { what: 'Data', earlier: `${file.name}, ${withCommas(file.bytes)} bytes` };
  if (found.place === 'nowhere') return { ...line, mark: 'missing', now: 'not here', means };
  if (found.place === 'home') {
    const { files, name } = found;
    // Ratings, times and descriptions are in no fingerprint.
    if (files === null)
      return {
        ...line,
        mark: 'unknown',
        now: `the same sequences, as ${name}`,
        means: 'its files are not recorded',
      };
    return files.some(({ sha256 }) => sha256 === file.sha256)
      ? { ...line, mark: 'same', now: `the same bytes, as ${name}`, means }
      : {
          ...{ ...line, mark: 'may', now: `other bytes, the same sequences, as ${name}` },
          means: 'ratings, times and descriptions may differ',
        };
  }
  const here = found.files[at];
  if (here === null) return { ...line, mark: 'missing', now: 'not here', means };
  return here.sha256 === file.sha256
    ? { ...line, mark: 'same', now: 'the same bytes', means }
    : {
        ...{ ...line, mark: 'cannot', now: `other bytes, ${withCommas(here.bytes)} of them` },
        means: `sha256 ${shortHash(here.sha256)}, not ${shortHash(file.sha256)}`,
      };
}

function unnamedData({ fingerprint }: RecipeDataset, found: FoundData): Omit<Condition, 'what' | 'earlier'> {
  const means = `fingerprint ${fingerprint.slice(0, 12)}`;
  if (found.place === 'home') return { mark: 'unknown', now: `the same sequences, as ${found.name}`, means };
  return { mark: 'missing', now: 'not here', means };
}

function importState(
  options: RecipeDataset['options'],
  found: FoundData,
): Pick<Condition, 'mark' | 'now'> & { means?: string } {
  if (found.place === 'home')
    return found.isImportedAlike === false
      ? {
          ...{ mark: 'may', now: `by other options, as ${found.name}` },
          means: 'ratings, times and descriptions may differ',
        }
      : { mark: 'same', now: 'done' };
  if (options === null) return { mark: 'unknown', now: 'has to be done by hand' };
  return { mark: 'same', now: found.place === 'files' ? 'by the same options' : 'to come' };
}

const sizeWords = ({ counts }: RecipeDataset) =>
  counts === null ? '' : `, ${countText(counts.users, 'user')}, ${countText(counts.items, 'item')}`;

/** The filters that leave rows out or order them. */
function importWords(options: Readonly<Record<string, unknown>>): string {
  const { minUser, minItem, minRating, from, to, dedupe, ties, seed, preset } = options;
  const words = [
    preset === undefined || preset === null ? '' : String(preset),
    Number(minUser) > 1 ? `${minUser} per user` : '',
    Number(minItem) > 1 ? `${minItem} per item` : '',
    typeof minRating === 'number' ? `rating from ${minRating}` : '',
    typeof from === 'number' || typeof to === 'number' ? 'dates' : '',
    dedupe === undefined || dedupe === 'none' ? '' : `without repeats (${dedupe})`,
    ties === 'shuffle' ? `ties shuffled by ${seed}` : '',
  ].filter((word) => word !== '');
  return words.join(', ') || 'no filter, file order';
}

export const shortHash = (hash: string) =>
  hash.length > 12 ? `${hash.slice(0, 4)}…${hash.slice(-4)}` : hash;

/** Lines that say the same of several runs become one; where runs differ, a line says which it is of. */
export function mergedConditions(
  runs: readonly { name: string; conditions: readonly Condition[] }[],
): Condition[] {
  const lines = new Map<string, { condition: Condition; names: string[] }>();
  for (const { name, conditions } of runs)
    for (const condition of conditions) {
      const key = JSON.stringify(condition);
      const known = lines.get(key);
      if (known) known.names.push(name);
      else lines.set(key, { condition, names: [name] });
    }
  return [...lines.values()]
    .map(({ condition, names }) =>
      names.length === runs.length
        ? condition
        : { ...condition, kind: condition.what, what: `${condition.what} of ${examplesText(names)}` },
    )
    .sort((a, b) => placeOf(runs, a) - placeOf(runs, b));
}

/** Lines about one thing stand together. */
function placeOf(runs: readonly { conditions: readonly Condition[] }[], { what }: Condition): number {
  const kinds = [...new Set(runs.flatMap(({ conditions }) => conditions.map((one) => one.what)))];
  return kinds.findIndex((kind) => what === kind || what.startsWith(`${kind} of `));
}

export type Degree = 'exact' | 'unknown' | 'close' | 'missing' | 'cannot';

/** What to expect, in a sentence: the worst condition decides. */
export function expectedOf(conditions: readonly Condition[]): { degree: Degree; text: string } {
  const of = (mark: Mark) => conditions.filter((one) => one.mark === mark);
  const named = (lines: readonly Condition[]) =>
    examplesText([
      ...new Set(lines.map(({ what, kind = what, means }) => (means === '' ? kind : `${kind} (${means})`))),
    ]);
  const [cannot, missing, may, unknown] = [of('cannot'), of('missing'), of('may'), of('unknown')];
  if (cannot.length > 0) return { degree: 'cannot', text: `Cannot agree: ${named(cannot)}` };
  if (missing.length > 0) {
    const what = examplesText(missing.map((one) => one.earlier));
    return { degree: 'missing', text: `Missing here: ${what}` };
  }
  if (may.length > 0) return { degree: 'close', text: `Close, not bit for bit: ${named(may)}` };
  if (unknown.length > 0)
    return { degree: 'unknown', text: `Bit for bit if what is not recorded is the same: ${named(unknown)}` };
  return { degree: 'exact', text: 'Bit for bit' };
}
