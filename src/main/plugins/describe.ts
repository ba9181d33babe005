/** Looks at a plug-in in a process of its own, which has ten seconds and a gigabyte. */
import { messageOf, UserError } from '../../core/errors.ts';
import { clip } from '../../core/names.ts';
import type { PluginDescription } from '../../core/plugins/description.ts';
import type { PluginCode } from '../../core/plugins/ids.ts';
import { processEntry } from '../../core/process-entry.ts';
import { CallClient } from '../workers/calls.ts';
import { forkLauncher } from '../workers/launch.ts';

export const LOOK_SECONDS = 10;
export const LOOK_BYTES = 1024 ** 3;

/** A plug-in as its user wrote it. */
export interface PluginSource extends Omit<PluginCode, 'code'> {
  source: string;
}

export interface LookedAt {
  code: string;
  description: PluginDescription;
}

/** What a plug-in adds, and its code. Throws UserError, one line, for one that throws, does not end, takes too much memory, or imports. */
export async function describePlugin(plugin: PluginSource): Promise<LookedAt> {
  const entry = processEntry(import.meta.dirname, 'plugin-looker', '../workers/plugin-looker.ts');
  const flags = ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${LOOK_BYTES / 1024 ** 2}`];
  const looker = new CallClient<PluginSource, never, LookedAt>(forkLauncher(flags), entry, plugin.file);
  try {
    return await looker.call(plugin);
  } catch (error) {
    const why = messageOf(error);
    if (error instanceof UserError && !/ended before it had an answer/.test(why)) throw error;
    throw new UserError(`${plugin.file}: ${endText(why)}; nothing was kept`);
  } finally {
    looker.stop();
  }
}

/** What became of the process, by its last words. */
function endText(why: string): string {
  if (/heap out of memory|: memory;/.test(why)) return 'takes more than 1 GiB of memory to say what it adds';
  if (/: time;/.test(why)) return `had not said what it adds after ${LOOK_SECONDS} s`;
  return /ended before/.test(why) ? 'ends the process that looks at it' : clip(why, 300);
}
