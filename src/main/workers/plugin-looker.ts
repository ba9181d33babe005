/** Entry of the process that looks at a plug-in which nobody has agreed to yet. */
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { Worker } from 'node:worker_threads';
import { messageOf, UserError } from '../../core/errors.ts';
import { clip } from '../../core/names.ts';
import { loadPlugin, tryPlugin } from '../../core/plugins/load.ts';
import { LOOK_BYTES, LOOK_SECONDS, type LookedAt, type PluginSource } from '../plugins/describe.ts';
import { serveCalls } from './serve-calls.ts';

/** A thread of its own, for the plug-in may keep this one: it says why, and ends the process. */
const GUARD = `
const { writeSync } = require('node:fs');
const end = (why) => { writeSync(2, why + '\\n'); process.kill(process.pid, 'SIGKILL'); };
setTimeout(end, ${LOOK_SECONDS * 1000}, 'time');
setInterval(() => { if (process.memoryUsage.rss() > ${LOOK_BYTES}) end('memory'); }, 50);
`;

serveCalls(
  async ({ source, ...plugin }: PluginSource): Promise<LookedAt> => {
    new Worker(GUARD, { eval: true }).unref();
    registerHooks({
      resolve: (specifier, context, next) => {
        if (context.parentURL?.startsWith('data:'))
          throw new Error(`it imports "${specifier}": a plug-in imports types alone, and is given the rest`);
        return next(specifier, context);
      },
    });
    const { file } = plugin;
    const code = /js$/.test(file)
      ? source
      : within(`${file}: cannot be read as TypeScript`, () => stripTypeScriptTypes(source));
    const before = process.getActiveResourcesInfo();
    const loaded = await loadPlugin({ ...plugin, code });
    within(file, () => tryPlugin(loaded));
    const [left] = process.getActiveResourcesInfo().slice(before.length);
    // No command would end.
    if (left !== undefined) throw new UserError(`${file}: leaves something running (${left})`);
    return { code, description: loaded.description };
  },
  { once: true },
);

/** Its mistakes are its user's. */
function within<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UserError(`${file}: ${clip(messageOf(error), 300)}`);
  }
}
