import { eventIterator, oc, type } from '@orpc/contract';
import { z } from 'zod';
import { DEVICES, device } from './models.ts';

const fields = {
  theme: z.enum(['system', 'light', 'dark']),
  /** Default device of new runs. */
  device,
  /** Threads of the CPU for new runs; null for all. */
  threads: z.int().min(1).max(1024).nullable(),
  /** Runs trained at once, by device. */
  slots: z.partialRecord(z.enum(DEVICES), z.int().min(0).max(64)),
};

export const settingsSchema = z.object({
  theme: fields.theme.default('system'),
  device: fields.device.default('auto'),
  threads: fields.threads.default(null),
  slots: fields.slots.default({}),
});

/** Some of the settings. Made of fields without defaults, which would fill in what is not changed. */
export const settingsChanges = z.object(fields).partial();
export type Settings = z.output<typeof settingsSchema>;

/** What the window is connected to. */
export interface SystemInfo {
  version: string;
  shell: 'electron' | 'browser';
  platform: string;
  home: string;
  /** What named it: --home, TESSERA_HOME, the choice made here, or nothing. */
  homeSource: 'option' | 'environment' | 'chosen' | 'usual';
  /** How the command line is called on this home. */
  commandLine: string;
  /** Bytes free on the disk of the home, or null. */
  freeBytes: number | null;
  threads: number;
  memoryBytes: number;
}

/** What a folder would be as the data folder. */
export interface HomeCheck {
  /** The whole path. */
  path: string;
  /** Why it cannot be opened as the data folder, or null. */
  problem: string | null;
  /** What is known of it otherwise. */
  notes: string[];
  /** Why the present content cannot move there, or null. */
  moveProblem: string | null;
  /** On its disk, or null. */
  freeBytes: number | null;
}

/** Of a copy to another disk; each byte is written and read again. */
export interface HomeProgress {
  done: number;
  total: number;
}

const folder = z.string().max(4_096);

const viewKey = z.string().regex(/^[a-z0-9][a-z0-9:-]{0,99}$/, 'lower-case letters, digits, ":" and "-"');

export const settings = {
  read: oc.output(type<Settings>()),
  write: oc.input(settingsChanges).output(type<Settings>()),
  system: oc.output(type<SystemInfo>()),
  /** Looks at a folder, with what keeps the present one from being left now (or null). */
  checkHome: oc
    .input(z.object({ path: folder }))
    .output(type<{ check: HomeCheck; obstacle: string | null }>()),
  /** Works in another folder, with the present content or without; returns the folder. */
  changeHome: oc
    .input(z.object({ path: folder, move: z.boolean() }))
    .output(eventIterator(type<HomeProgress>(), type<{ home: string }>())),
  /** What a screen keeps of its own, such as columns and saved views; null where nothing is kept. */
  readView: oc.input(z.object({ key: viewKey })).output(type<unknown>()),
  writeView: oc.input(z.object({ key: viewKey, value: z.json() })).output(type<void>()),
};
