/** The agreed plug-ins of a data folder in a process that runs them. */
import { messageOf } from '../../core/errors.ts';
import type { LoadedPlugin } from '../../core/plugins/load.ts';
import { type Agreement, agreedIn, codeOf } from './agreements.ts';

const loaded = new Map<string, LoadedPlugin>();
/** The hashes of those that are used now. */
let used = '';
let last: Promise<void> = Promise.resolve();

/** Call before anything that asks for models, losses, metrics or trackers: costs nothing where nothing has changed. */
export function loadAgreed(home: string, warn: (line: string) => void): Promise<void> {
  last = last.catch(() => {}).then(() => use(home, warn));
  return last;
}

async function use(home: string, warn: (line: string) => void): Promise<void> {
  const agreed = agreedIn(home);
  const hashes = agreed.map(({ hash }) => hash).join(' ');
  if (hashes === used) return;
  const { loadPlugin, setPlugins } = await import('../../core/plugins/load.ts');
  const load = async (one: Agreement): Promise<LoadedPlugin[]> => {
    try {
      const plugin = loaded.get(one.hash) ?? (await loadPlugin(codeOf(home, one)));
      loaded.set(one.hash, plugin);
      return [plugin];
    } catch (error) {
      warn(messageOf(error));
      return [];
    }
  };
  const plugins = (await Promise.all(agreed.map(load))).flat();
  setPlugins(plugins);
  // One that could not be loaded is tried again: its copy may be back.
  used = plugins.map(({ description }) => description.hash).join(' ');
}
