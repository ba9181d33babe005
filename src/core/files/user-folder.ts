/** Node's, which the window does not have: what is typed there is read where files are. */
const { process } = globalThis as { process?: { getBuiltinModule?(name: 'node:os'): { homedir(): string } } };

/**
 * A path that may begin with "~" for the user's own folder: shells leave it as it is behind an equals sign, other programs
 * pass it on, and no shell has seen what is typed in the window or written in a file.
 */
export function withUserFolder(
  path: string,
  userFolder = process?.getBuiltinModule?.('node:os').homedir(),
): string {
  return userFolder === undefined ? path : path.replace(/^~(?=$|[\\/])/, () => userFolder);
}
