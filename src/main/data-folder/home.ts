import { isAbsolute, join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { withUserFolder } from '../../core/files/user-folder.ts';
import { orphanedData } from '../../core/store/db/damage.ts';
import { isHome } from '../../core/store/home/home-paths.ts';
import { choiceFile, type Environment, readChoice } from './choice.ts';
import { finishInterrupted } from './interrupted-move.ts';

/** How a home was chosen: by --home, TESSERA_HOME, Settings, or by default. */
export type HomeSource = 'option' | 'environment' | 'chosen' | 'default';

export interface FoundHome {
  home: string;
  source: HomeSource;
}

/**
 * Finds the folder that holds everything Tessera keeps: the requested one, else TESSERA_HOME, else the one chosen in
 * Settings, else the operating system's folder for application data. Finishes a move of the home that was
 * interrupted. Throws UserError if the chosen one does not exist.
 */
export function findHome(requested: string | undefined, environment: Environment): FoundHome {
  if (requested === '') throw new UserError('--home is empty: name a folder');
  const file = choiceFile(environment);
  finishInterrupted(file);
  const found = requestedHome(requested, environment);
  // A database that is missing beside its data is for whoever opens it to name.
  if (found.source === 'chosen' && !isHome(found.home) && orphanedData(found.home) === null) {
    throw new UserError(
      `the data folder ${found.home}, chosen in Settings, is missing: connect its disk, or delete ${file} to use the ` +
        'default folder',
    );
  }
  return found;
}

/** As `findHome`, whether the folder is there or not; changes nothing. */
export function requestedHome(requested: string | undefined, environment: Environment): FoundHome {
  const { TESSERA_HOME } = environment.env;
  // A shell leaves the "~" of "--home=~/data" as it is, and so does whatever sets a variable.
  if (requested !== undefined)
    return { home: withUserFolder(requested, environment.userFolder), source: 'option' };
  if (TESSERA_HOME)
    return { home: withUserFolder(TESSERA_HOME, environment.userFolder), source: 'environment' };
  const { home: chosen } = readChoice(choiceFile(environment));
  if (chosen === null) return { home: defaultHome(environment), source: 'default' };
  return { home: chosen, source: 'chosen' };
}

/**
 * Local, because Windows copies what is in Roaming to every computer of a domain; homes of earlier versions stay where
 * they are.
 */
function windowsHome(env: Environment['env'], userFolder: string): string {
  const roaming = join(env.APPDATA || join(userFolder, 'AppData', 'Roaming'), 'Tessera');
  if (isHome(roaming)) return roaming;
  return join(env.LOCALAPPDATA || join(userFolder, 'AppData', 'Local'), 'Tessera', 'Data');
}

/** Apart from what the window's browser keeps in the program's folder; homes of earlier versions stay where they are. */
const macHome = (folder: string) => (isHome(folder) ? folder : join(folder, 'Data'));

/** The operating system's folder for application data. */
export function defaultHome({ env, platform, userFolder }: Environment): string {
  if (platform === 'darwin') return macHome(join(userFolder, 'Library', 'Application Support', 'Tessera'));
  if (platform === 'win32') return windowsHome(env, userFolder);
  const shared = env.XDG_DATA_HOME;
  // The XDG specification says to ignore relative paths.
  return shared && isAbsolute(shared)
    ? join(shared, 'tessera')
    : join(userFolder, '.local', 'share', 'tessera');
}
