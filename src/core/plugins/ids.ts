/**
 * Names of what a plug-in adds. "my-model~3fa2b1c4" has the first digits of the SHA-256 of its file, so that whatever names it, a run, a config
 * or a metric, names the version.
 */
const VERSIONED = /^(.+)~([0-9a-f]{8})(@.*)?$/;

/** A plug-in as it is agreed to. */
export interface PluginCode {
  /** Base name of its file. */
  file: string;
  /** SHA-256 of the file, hexadecimal. */
  hash: string;
  /** JavaScript: its types are stripped. */
  code: string;
}

/** As in "my-model", "rbp" and "rbp@k", where the cut-off stays behind. */
export function versionedName(name: string, hash: string): string {
  const [plain, cutoff] = name.split('@');
  return `${plain}~${hash.slice(0, 8)}${cutoff === undefined ? '' : `@${cutoff}`}`;
}

/** The first digits of the hash of the file that adds it; null for what Tessera has itself. */
export function versionOf(name: string): string | null {
  return VERSIONED.exec(name)?.[2] ?? null;
}

/** The name without the version. */
export function plainName(name: string): string {
  return name.replace(VERSIONED, '$1$3');
}

/** The versions of the plug-ins that a run is made with: of its model and its loss, and not of a file or a column that is called alike. */
export function versionsIn({ model, config }: { model: string; config: Record<string, unknown> }): string[] {
  const named = [model, config.loss].filter((name) => typeof name === 'string');
  return [...new Set(named.flatMap((name) => versionOf(name) ?? []))];
}
