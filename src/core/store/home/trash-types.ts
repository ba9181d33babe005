/** On how many days on which a home is open what was deleted can be brought back. */
export const TRASH_DAYS = 30;

/** What the trash holds. A folder is one of a run or a data set that the database does not know; nobody deleted it. */
export const TRASH_KINDS = [
  'run',
  'dataset',
  'study',
  'sweep',
  'plan',
  'project',
  'comparison',
  'folder',
] as const;
export type TrashKind = (typeof TRASH_KINDS)[number];

/** What has a row, which is hidden. */
export type RowKind = Exclude<TrashKind, 'folder'>;

export interface TrashRef {
  kind: TrashKind;
  /** Of a folder its path inside the home, such as "runs/2ndz1d54qvx". */
  id: string;
}

/** What a folder that no row knows seems to be. */
export interface StrayFacts {
  title: string;
  /** Of a run. */
  model: string | null;
  /** What of it can be read, and whether that is enough to adopt it. */
  readable: string;
  isWhole: boolean;
  /** Where it was made, and when, Unix milliseconds. */
  from: string;
  at: number | null;
  /** How it stood, in a word. */
  state: string;
  /** Whether its trainer surely runs on this machine. */
  trains: boolean;
  /** Whether it has ended with a checkpoint that may be evaluated again. */
  isMeasurable: boolean;
}

export interface TrashItem extends TrashRef {
  name: string;
  /** Of a run; null for one of another program that names none. */
  model?: string | null;
  /** Unix milliseconds; null for a folder. */
  deletedAt: number | null;
  /** The earliest that it is deleted permanently, Unix milliseconds; null for a folder, which stays. */
  purgedAt: number | null;
  /** Of its files on the disk; null for what has none. */
  bytes: number | null;
  /** What is not deleted and needs it, in words. */
  dependants?: string;
  /** Of a folder. */
  stray?: StrayFacts;
}

/** What the trash has of one kind. */
export interface TrashKept {
  count: number;
  /** The earliest that one of them is deleted permanently, Unix milliseconds; null where there is none. */
  purgedAt: number | null;
}

/** The words of a kind. */
export const TRASH_NOUNS: Record<TrashKind, string> = {
  run: 'run',
  dataset: 'data set',
  study: 'study',
  sweep: 'sweep',
  plan: 'plan',
  project: 'project',
  comparison: 'comparison',
  folder: 'stray folder',
};
