import { isAbsolute, join } from 'node:path';
import { UserError } from '../../core/errors.ts';

interface Machine {
  env: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
  userFolder: string;
}

/**
 * The folder that holds everything Tessera keeps: the one asked for, else TESSERA_HOME, else the place
 * the operating system gives to an application's data.
 */
export function homeFolder(asked: string | undefined, { env, platform, userFolder }: Machine): string {
  if (asked === '') throw new UserError('--home is empty: name a folder');
  const chosen = asked ?? env.TESSERA_HOME;
  if (chosen) return chosen;
  if (platform === 'darwin') return join(userFolder, 'Library', 'Application Support', 'Tessera');
  if (platform === 'win32') return join(env.APPDATA || join(userFolder, 'AppData', 'Roaming'), 'Tessera');
  const shared = env.XDG_DATA_HOME;
  // The XDG specification has relative paths ignored.
  return shared && isAbsolute(shared)
    ? join(shared, 'tessera')
    : join(userFolder, '.local', 'share', 'tessera');
}
