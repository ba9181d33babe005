import { oc, type } from '@orpc/contract';
import { z } from 'zod';
import { DEVICES, device } from './models.ts';

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  /** Where new runs compute unless told otherwise. */
  device: device.default('auto'),
  /** Threads of the CPU for new runs; null for all. */
  threads: z.int().min(1).max(1024).nullable().default(null),
  /** Runs trained at once, by device. */
  slots: z.partialRecord(z.enum(DEVICES), z.int().min(0).max(64)).default({}),
});
export type Settings = z.output<typeof settingsSchema>;

/** What the window is connected to. */
export interface SystemInfo {
  version: string;
  shell: 'electron' | 'browser';
  platform: string;
  home: string;
  /** How the command line is called on this home. */
  commandLine: string;
  /** Bytes free on the disk of the home, or null. */
  freeBytes: number | null;
  threads: number;
  memoryBytes: number;
}

const viewKey = z.string().regex(/^[a-z0-9][a-z0-9:-]{0,99}$/, 'lower-case letters, digits, ":" and "-"');

export const settings = {
  read: oc.output(type<Settings>()),
  write: oc.input(settingsSchema.partial()).output(type<Settings>()),
  system: oc.output(type<SystemInfo>()),
  /** What a screen keeps of its own, such as columns and saved views; null where nothing is kept. */
  readView: oc.input(z.object({ key: viewKey })).output(type<unknown>()),
  writeView: oc.input(z.object({ key: viewKey, value: z.json() })).output(type<void>()),
};
