import { homedir } from 'node:os';

/** A text that leaves the machine, without the folder of its user and the home of the program, also where they stand in JSON. */
export function withoutFolders(text: string, home: string): string {
  // A user without a folder has the root, which is in every path.
  const folders = [[home, '~home'] as const, ...(homedir().length > 1 ? [[homedir(), '~'] as const] : [])];
  return folders.reduce(
    (said, [folder, short]) =>
      [JSON.stringify(folder).slice(1, -1), folder].reduce((one, form) => one.replaceAll(form, short), said),
    text,
  );
}
