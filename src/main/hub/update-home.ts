import { isOutdated } from '../../core/store/db/migrations.ts';
import { databaseOf } from '../../core/store/home/home-paths.ts';
import type { LaunchWorker } from '../workers/launch.ts';
import { AnalystLink } from './analyst-link.ts';

/**
 * Brings the database of an earlier version up to date before a hub opens it: with its backup that can take minutes, so
 * it is done in another process, and a shell can say so. `onBegin` is called if there is anything to do.
 * Throws UserError where the database cannot be used.
 */
export async function updateHome(home: string, launch: LaunchWorker, onBegin: () => void): Promise<void> {
  if (!isOutdated(databaseOf(home))) return;
  onBegin();
  const analyst = new AnalystLink(launch, () => ({ home, threads: 1 }));
  try {
    await analyst.call(['internal', 'openHome'], undefined, {});
  } finally {
    analyst.stop();
  }
}
