/** The names that the user's ssh config has. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { hostName } from '../../../core/api/hosts.ts';
import { withUserFolder } from '../../../core/files/user-folder.ts';

/** A config that includes itself ends somewhere. */
const DEPTH = 8;

/** Hosts by name, in the order of the config; patterns are no names. */
export function configHosts(
  config = process.env.TESSERA_SSH_CONFIG ?? join(homedir(), '.ssh', 'config'),
): string[] {
  return [...new Set(hostsIn(config, dirname(config), DEPTH))];
}

function hostsIn(file: string, folder: string, depth: number): string[] {
  if (depth === 0 || !existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, key = '', value = ''] = /^\s*(host|include)[\s=]+(.*)$/i.exec(line) ?? [];
      const words = value.split(/\s+/).map((word) => word.replaceAll('"', ''));
      if (key.toLowerCase() === 'host') return words.filter((word) => hostName.safeParse(word).success);
      const paths = key === '' ? [] : words.map((word) => withUserFolder(word));
      return paths
        .flatMap((path) => globSync(isAbsolute(path) ? path : join(folder, path)))
        .flatMap((included) => hostsIn(included, folder, depth - 1));
    });
}
