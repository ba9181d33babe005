import { findCodeVersion } from '../../core/code-version.ts';
import { keepProgramLog, logLine } from '../../core/files/program-log.ts';
import type { Environment } from '../data-folder/choice.ts';
import type { FoundHome } from '../data-folder/home.ts';
import type { LaunchWorker } from '../workers/launch.ts';
import type { HubOptions } from './hub.ts';
import { HubSwitch } from './hub-switch.ts';
import { updateHome } from './update-home.ts';

interface OpenOptions extends FoundHome {
  shell: HubOptions['shell'];
  launch: LaunchWorker;
  environment: Environment;
  /** A home of an earlier version is being brought up to date, which can take minutes. */
  onUpdate(): void;
}

/** Opens a home for a shell. Rejects with UserError where it cannot be used. */
export async function openHub({ onUpdate, ...options }: OpenOptions): Promise<HubSwitch> {
  // What the hub writes belongs to a home, which is its user's alone.
  process.umask(0o077);
  process.on('uncaughtExceptionMonitor', ({ stack }) => logLine('program', `uncaught: ${stack}`, 'error'));
  // Git answers while the home opens.
  const version = findCodeVersion();
  await updateHome(options.home, options.launch, onUpdate);
  const hubSwitch = new HubSwitch(options);
  keepProgramLog(hubSwitch.hub.store.home);
  await version;
  return hubSwitch;
}
