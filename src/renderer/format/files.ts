/** Files and messages about them, as the window names them. */

/** Where the browser shell keeps dropped files, which is of no interest to who dropped them. */
const UPLOAD =
  /(^|[;,] | (?:and|of) )(?:[A-Z]:)?[\\/](?:[^;,]*?[\\/])?uploads[\\/][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[\\/]/g;

export function fileText(path: string): string {
  return path.replaceAll(UPLOAD, '$1');
}

/** Each file without its folders, but for those that tell it from another of the same name. */
export function fileNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => fileText(path).split(/[\\/]/));
  const short = (of: readonly string[], count: number) => of.slice(-count).join('/');
  return parts.map((folders, at) => {
    const others = parts.filter((_, other) => other !== at);
    let count = 1;
    while (count < folders.length && others.some((other) => short(other, count) === short(folders, count)))
      count++;
    return short(folders, count);
  });
}
