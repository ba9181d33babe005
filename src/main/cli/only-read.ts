import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { readOnlyFrom, requireReadable } from '../../core/files/readable.ts';
import { MANIFEST } from '../../core/foreign/split/manifest-name.ts';

const NAMES_A_PATH = /^(file|folder|path)/;

/**
 * With --only-read: looks at every path that a command is given, at what lies in it, and at the manifest beside it. What
 * settings name is looked at where they are read. Throws UserError for what may not be read.
 */
export function keepWithin(command: Command): void {
  const { onlyRead } = command.optsWithGlobals<{ onlyRead?: string[] }>();
  if (onlyRead === undefined) return;
  readOnlyFrom(onlyRead.filter((folder) => folder !== ''));
  const named = [
    ...command.registeredArguments.map(
      (argument, at) => [argument.name(), command.processedArgs[at]] as const,
    ),
    ...command.options.map(
      (option) =>
        [/<(\w+)/.exec(option.flags)?.[1] ?? '', command.getOptionValue(option.attributeName())] as const,
    ),
  ];
  for (const [name, given] of named) {
    if (!NAMES_A_PATH.test(name)) continue;
    const paths = [given ?? []].flat().map(String);
    requireReadable(paths);
    for (const path of paths) requireReadable([...linksIn(path), ...beside(path)]);
  }
}

function linksIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isSymbolicLink())
    .map(({ parentPath, name }) => join(parentPath, name));
}

/** A result is read with the manifest of the split that it was made from. */
function beside(path: string): string[] {
  const manifest = join(dirname(path), MANIFEST);
  return existsSync(manifest) ? [manifest] : [];
}
