/** What reads the runs of another program, and the readers of plug-ins. It loads no reader: trainers know of plug-ins, too. */
import type { TrackerReader } from './told.ts';

export interface Tracker {
  /** Whether it wrote a file, by its name or what is in it. */
  isFile(path: string): boolean;
  /** Only a file that is named itself: in a folder such files may be anything. */
  isAlone?: boolean;
  /** Files that it is the same of go together. Default: each is alone. */
  unitOf?(path: string): string;
  read: TrackerReader;
}

export interface TitledTracker extends Tracker {
  title: string;
}

let added: Readonly<Record<string, TitledTracker>> = {};

/** Those of plug-ins by their kinds, in place of the ones that were added before. */
export function setAddedTrackers(those: Readonly<Record<string, TitledTracker>>): void {
  added = those;
}

export const addedTrackers = () => added;
