import { type } from '@orpc/contract';
import { z } from 'zod';
import { LOG_AREAS, LOG_LEVELS } from '../files/log-words.ts';
import type { ProgramLine } from '../files/program-log-lines.ts';
import { threadsSchema } from '../threads.ts';
import { asks, does } from './asking.ts';
import { anyDevice, DEVICES, device } from './models.ts';

const fields = {
  theme: z.enum(['system', 'light', 'dark']),
  /** Default device of new runs. */
  device,
  /** CPU threads of new runs; null for all. */
  threads: threadsSchema.nullable(),
  /** Runs trained at the same time, by device. */
  slots: z.partialRecord(z.enum(DEVICES), z.int().min(0).max(64)),
};

export const settingsSchema = z.object({
  theme: fields.theme.default('system'),
  device: anyDevice,
  threads: fields.threads.default(null),
  slots: fields.slots.default({}),
});

/** Some of the settings. The fields have no defaults, which would fill in what is not changed. */
export const settingsChanges = z.object(fields).partial();
export type Settings = z.output<typeof settingsSchema>;

/** What the window is connected to. */
export interface SystemInfo {
  version: string;
  shell: 'electron' | 'browser';
  platform: string;
  home: string;
  /** Which data folder it is: another one at the same place, or a copy elsewhere, has another one. */
  homeKey: string;
  /** Where the program notes what itself goes through. */
  log: string;
  /** How it was chosen: by --home, TESSERA_HOME, Settings, or by default. */
  homeSource: 'option' | 'environment' | 'chosen' | 'default';
  /** How to call the command line on this home. */
  commandLine: string;
  /** Bytes free on the disk of the home, or null. */
  freeBytes: number | null;
  threads: number;
  memoryBytes: number;
}

/** Result of checking a folder as a new data folder. */
export interface HomeCheck {
  /** The absolute path. */
  path: string;
  /** Why it cannot be opened as the data folder, or null. */
  problem: string | null;
  /** Further information. */
  notes: string[];
  /** What copies the present content there and chooses the copy, run while Tessera is closed; none where there is data. */
  moveCommands: string[];
  /** Free bytes on its disk, or null. */
  freeBytes: number | null;
}

/** What the program has noted of itself. */
export interface ProgramLog {
  /** Those that were asked for, the newest at the end. */
  lines: ProgramLine[];
  /** Whether there are more of them, all older. */
  hasMore: boolean;
  /** Of all that were looked at, whatever their level, area and words. */
  warnings: number;
  errors: number;
}

export const logQuery = z.object({
  /** Since this start of the program, or all that is stored. */
  since: z.enum(['start', 'stored']),
  /** At least. */
  level: z.enum(LOG_LEVELS).default('info'),
  area: z.enum(LOG_AREAS).nullable().default(null),
  find: z.string().max(200).default(''),
  most: z.int().min(1).max(100_000).default(2_000),
  /** With stand-ins for the names of the home, of its hosts and users, and for paths. */
  anonymous: z.boolean().default(false),
});
export type LogQuery = z.output<typeof logQuery>;

export { LOG_AREAS } from '../files/log-words.ts';

const folder = z.string().max(4_096);

const viewKey = z.string().regex(/^[a-z0-9][a-z0-9:-]{0,99}$/, 'lower-case letters, digits, ":" and "-"');

export const settings = {
  read: asks(['settings']).output(type<Settings>()),
  write: does.input(settingsChanges).output(type<Settings>()),
  system: asks(['settings']).output(type<SystemInfo>()),
  /** The end of the program's own log. It changes with every line, which no event tells of. */
  log: asks([]).input(logQuery).output(type<ProgramLog>()),
  /** Checks a folder. `obstacle` says why the current one cannot be changed now, or null. */
  checkHome: asks(['queue', 'imports'])
    .input(z.object({ path: folder }))
    .output(type<{ check: HomeCheck; obstacle: string | null }>()),
  /** Switches to another folder, for later sessions too; returns the folder. */
  changeHome: does.input(z.object({ path: folder })).output(type<{ home: string }>()),
  /** Makes every link and every open window but the one that asks worthless; returns its new link. Of windows in a browser alone. */
  renewLink: does.output(type<{ link: string }>()),
  /** What a screen stores for itself, such as columns and saved views; null if nothing is stored. */
  readView: asks(['views'])
    .input(z.object({ key: viewKey }))
    .output(type<unknown>()),
  writeView: does.input(z.object({ key: viewKey, value: z.json() })).output(type<void>()),
};
