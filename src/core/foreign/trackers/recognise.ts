/** Which tracker wrote a file or a folder. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf, throwIfCancelled, UserError } from '../../errors.ts';
import { withCommas } from '../../names.ts';
import { addedTrackers, type TitledTracker, type Tracker } from './added.ts';
import { isBundleFile, readBundles } from './bundle.ts';
import { isCurveTable, isRunTable, readRunTable } from './csv.ts';
import { isTrainerState, readTrainerStates, trainerFolder } from './huggingface.ts';
import { isMlflowFile, readMlflow } from './mlflow.ts';
import { isNeptuneFile, readNeptune, withoutPart } from './neptune.ts';
import { isOptunaFile, readOptuna } from './optuna.ts';
import { isRecBoleLog, readRecBole } from './recbole.ts';
import { isSacredFile, readSacred } from './sacred.ts';
import { type OwnTracker, TRACKER_KINDS, TRACKER_TITLES, type TrackerKind } from './summary.ts';
import { isEventFile, readTensorBoard } from './tensorboard.ts';
import type { TrackerListener } from './told.ts';
import { isTrackioFile, readTrackio } from './trackio.ts';
import { isWandbFile, readWandb } from './wandb.ts';

const TRACKERS: Record<OwnTracker, Tracker> = {
  tensorboard: { isFile: isEventFile, unitOf: dirname, read: readTensorBoard },
  mlflow: { isFile: isMlflowFile, read: readMlflow },
  wandb: { isFile: isWandbFile, read: readWandb },
  trackio: { isFile: isTrackioFile, read: readTrackio },
  neptune: { isFile: isNeptuneFile, unitOf: withoutPart, read: readNeptune },
  optuna: { isFile: isOptunaFile, read: readOptuna },
  huggingface: { isFile: isTrainerState, unitOf: trainerFolder, read: readTrainerStates },
  sacred: { isFile: isSacredFile, read: readSacred },
  recbole: { isFile: isRecBoleLog, read: readRecBole },
  bundle: { isFile: isBundleFile, read: readBundles },
  csv: { isFile: isRunTable, isAlone: true, read: readRunTable },
};

/** Every kind, those of plug-ins last. */
export const trackerKinds = (): TrackerKind[] => [...TRACKER_KINDS, ...Object.keys(addedTrackers())];

const isOwn = (kind: string): kind is OwnTracker => Object.hasOwn(TRACKERS, kind);

/** Throws UserError where there is none of that kind. */
function trackerOf(kind: TrackerKind): TitledTracker {
  if (isOwn(kind)) return { ...TRACKERS[kind], title: TRACKER_TITLES[kind] };
  if (Object.hasOwn(addedTrackers(), kind)) return addedTrackers()[kind];
  throw new UserError(`there is no tracker "${kind}"; choose one of: ${trackerKinds().join(', ')}`);
}

export const trackerTitle = (kind: TrackerKind): string => trackerOf(kind).title;

export interface Recognised {
  kind: TrackerKind;
  /** What names of runs are relative to. */
  root: string;
  /** Sorted. */
  files: string[];
}

/** More than any folder of runs has; a whole disk has more. */
const MOST_ENTRIES = 2_000_000;

/** The tracker whose runs are at a path. Throws UserError where there are none, or those of several. */
export function recogniseTracker(path: string, from: TrackerKind | null, signal?: AbortSignal): Recognised {
  const found = trackersAt(path, from, signal);
  if (found.length === 1) return found[0];
  if (found.length === 0) {
    const titles = (from ? [from] : trackerKinds()).map(trackerTitle);
    throw new UserError({
      code: 'invalid',
      problem: `${path}: there are no runs of ${titles.join(', ')}`,
      fix: 'write a CSV with one row per run or per step; docs/other-frameworks.md says how',
    });
  }
  const titles = found.map(({ kind }) => `${trackerTitle(kind)} (--from ${kind})`);
  throw new UserError(`${path}: there are runs of ${titles.join(' and of ')}; say which to import`);
}

/** Every tracker that has files at a path. Throws UserError where there is nothing. */
export function trackersAt(
  path: string,
  from: TrackerKind | null = null,
  signal?: AbortSignal,
): Recognised[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UserError(`${path}: no such file or folder`);
  const isFolder = found.isDirectory();
  const root = isFolder ? path : dirname(path);
  // Of a file that is named with its tracker, the name does not matter.
  if (from !== null) trackerOf(from);
  if (!isFolder && from !== null) return [{ kind: from, root, files: [path] }];
  const possible = trackerKinds().filter(
    (kind) => (from === null || kind === from) && !(isFolder && trackerOf(kind).isAlone),
  );
  const files = new Map<TrackerKind, string[]>();
  for (const file of isFolder ? filesIn(path, signal) : [path]) {
    const kind = possible.find((one) => trackerOf(one).isFile(file));
    if (kind && !files.get(kind)?.push(file)) files.set(kind, [file]);
  }
  // Loggers of PyTorch Lightning, Fabric and Keras write them without any tracker.
  if (isFolder && files.size === 0 && (from ?? 'csv') === 'csv') {
    const tables = [...filesIn(path, signal)].filter(isCurveTable);
    if (tables.length > 0) files.set('csv', tables);
  }
  return [...files].map(([kind, own]) => ({ kind, root, files: own.sort() }));
}

/** Tells everything that the files do, and how much of them has been read, 0..1. One that cannot be read is told, and does not keep the others away. */
export async function readTracker(
  { kind, files }: Recognised,
  to: TrackerListener,
  progress: (fraction: number) => Promise<void>,
): Promise<void> {
  const { read, unitOf = (path) => path } = trackerOf(kind);
  const units = [...Map.groupBy(files, unitOf).values()];
  for (const [at, own] of units.entries()) {
    try {
      await read(own, to, (fraction) => progress((at + fraction) / units.length));
    } catch (error) {
      to.lost(brokenText(own[0], error), null);
    }
    await progress((at + 1) / units.length);
  }
}

/** What is wrong with a file. Throws what is no error of a file. */
export function brokenText(path: string, error: unknown): string {
  if (error instanceof UserError) return error.message;
  const isOfFile =
    error instanceof Error && 'code' in error && /^(E[A-Z]+|SQLITE_\w+)$/.test(String(error.code));
  if (!isOfFile) throw error;
  return `${path}: cannot be read (${messageOf(error)})`;
}

/** All files below a folder. Links are not followed. */
function* filesIn(folder: string, signal?: AbortSignal): Generator<string> {
  const waiting = [folder];
  let entries = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    throwIfCancelled(signal);
    for (const entry of entriesOf(next, next === folder)) {
      if (entry.isDirectory()) waiting.push(join(next, entry.name));
      else if (entry.isFile()) yield join(next, entry.name);
      if (++entries > MOST_ENTRIES)
        throw new UserError(
          `${folder}: there are more than ${withCommas(MOST_ENTRIES)} files; name a folder of runs`,
        );
    }
  }
}

/** A folder inside that cannot be read has nothing for us. */
function entriesOf(folder: string, isNamed: boolean): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isNamed) throw error;
    return [];
  }
}
