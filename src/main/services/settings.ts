/** What the user has chosen in Settings, and what follows from it. */
import os from 'node:os';
import { type Settings, settingsSchema } from '../../core/api/settings.ts';
import type { Store } from '../../core/store/store.ts';

const KEY = 'settings';

export function readSettings(store: Store): Settings {
  return store.settings.read(KEY, settingsSchema.prefault({}));
}

/** Returns all settings as they are then. Throws a ZodError for a value that is not allowed. */
export function writeSettings(store: Store, changes: Partial<Settings>): Settings {
  const changed = settingsSchema.parse({ ...readSettings(store), ...changes });
  store.settings.write(KEY, changed);
  return changed;
}

/** CPU threads of a training or a question: as requested, else as in Settings, else all. */
export function threadsOf(store: Store, requested?: number): number {
  return requested ?? readSettings(store).threads ?? os.availableParallelism();
}
