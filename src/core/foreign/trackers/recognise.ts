/** Which tracker wrote a file or a folder. */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { throwIfCancelled, UserError } from '../../errors.ts';
import { isRunTable, readRunTable } from './csv.ts';
import { isMlflowFile, readMlflow } from './mlflow.ts';
import { isNeptuneFile, readNeptune } from './neptune.ts';
import { readTensorBoard } from './tensorboard.ts';
import type { TrackerReader } from './told.ts';
import { isTrackioFile, readTrackio } from './trackio.ts';
import { readWandb } from './wandb.ts';

interface Tracker {
  title: string;
  /** Whether it wrote a file, by its name or what is in it. */
  isFile(path: string): boolean;
  /** Only a file that is named itself: in a folder such files may be anything. */
  isAlone?: boolean;
  read: TrackerReader;
}

export const TRACKER_KINDS = ['tensorboard', 'mlflow', 'wandb', 'trackio', 'neptune', 'csv'] as const;
export type TrackerKind = (typeof TRACKER_KINDS)[number];

export const TRACKERS: Record<TrackerKind, Tracker> = {
  tensorboard: {
    title: 'TensorBoard',
    isFile: (path) => basename(path).includes('tfevents'),
    read: readTensorBoard,
  },
  mlflow: { title: 'MLflow', isFile: isMlflowFile, read: readMlflow },
  wandb: { title: 'W&B', isFile: (path) => path.endsWith('.wandb'), read: readWandb },
  trackio: { title: 'trackio', isFile: isTrackioFile, read: readTrackio },
  neptune: { title: 'Neptune', isFile: isNeptuneFile, read: readNeptune },
  csv: { title: 'CSV', isFile: isRunTable, isAlone: true, read: readRunTable },
};

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
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new UserError(`${path}: no such file or folder`);
  const isFolder = found.isDirectory();
  const wanted = TRACKER_KINDS.filter((kind) => from === null || kind === from);
  const possible = wanted.filter((kind) => !(isFolder && TRACKERS[kind].isAlone));
  const files = new Map<TrackerKind, string[]>();
  for (const file of isFolder ? filesIn(path, signal) : [path]) {
    // Of a file that is named itself with its tracker, the name does not matter.
    const kind = isFolder || from === null ? possible.find((one) => TRACKERS[one].isFile(file)) : from;
    if (kind) files.set(kind, [...(files.get(kind) ?? []), file]);
  }
  const [first, second] = [...files];
  const titles = [...files.keys()].map((kind) => `${TRACKERS[kind].title} (--from ${kind})`);
  if (second)
    throw new UserError(`${path}: there are runs of ${titles.join(' and of ')}; say which to import`);
  if (first) return { kind: first[0], root: isFolder ? path : dirname(path), files: first[1].sort() };
  const names = possible.map((kind) => TRACKERS[kind].title).join(', ');
  throw new UserError(`${path}: there are no runs of ${names}`);
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
          `${folder}: there are more than ${MOST_ENTRIES.toLocaleString('en-US')} files; name a folder of runs`,
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
