/** Which plug-ins this user has agreed to, for which data folders: in the user's own settings, for a data folder may be a colleague's. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../core/errors.ts';
import { unknownPlugin } from '../../core/families/load-model.ts';
import { writeDurably } from '../../core/files/durable.ts';
import { logOften } from '../../core/files/program-log.ts';
import { shellQuote } from '../../core/names.ts';
import { type PluginDescription, pluginDescription } from '../../core/plugins/description.ts';
import { type PluginCode, plainName } from '../../core/plugins/ids.ts';
import { choiceFile, currentEnvironment } from '../data-folder/choice.ts';

const agreement = z.object({
  home: z.string(),
  /** Where the file was; it may have changed since, or gone. */
  path: z.string(),
  /** SHA-256 of the file, and of the code that the data folder keeps of it. */
  hash: z.string(),
  codeHash: z.string(),
});
export type Agreement = z.output<typeof agreement>;

const agreements = z.object({ plugins: z.array(agreement) });

export const hashOf = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

const settingsFile = () => join(dirname(choiceFile(currentEnvironment())), 'plugins.json');

/** In the order in which they were agreed to. Throws UserError where the settings cannot be read. */
function all(): Agreement[] {
  const file = settingsFile();
  if (!existsSync(file)) return [];
  try {
    return agreements.parse(JSON.parse(readFileSync(file, 'utf8'))).plugins;
  } catch {
    throw new UserError(`${file}: cannot be read; delete it, and agree to your plug-ins again`);
  }
}

function write(plugins: readonly Agreement[]): void {
  const file = settingsFile();
  mkdirSync(dirname(file), { recursive: true });
  writeDurably(file, [Buffer.from(`${JSON.stringify({ plugins }, null, 2)}\n`)]);
}

const folderOf = (home: string) => join(home, 'plugins');
const fileOf = (home: string, hash: string, ending: string) => join(folderOf(home), `${hash}.${ending}`);

/** Those for a data folder, oldest first; none where the settings cannot be read, which keeps nothing else from working. */
export function agreedIn(home: string): Agreement[] {
  try {
    const found = all();
    if (found.length === 0) return [];
    const real = realpathSync(home);
    return found.filter((one) => one.home === real);
  } catch (error) {
    logOften('plug-in', `plug-ins: ${messageOf(error)}`);
    return [];
  }
}

/** Keeps a plug-in in a data folder, and that this user has agreed to it there. */
export function agree(
  home: string,
  path: string,
  { source, code, description }: { source: string; code: string; description: PluginDescription },
): void {
  const { hash } = description;
  mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
  const files = { ts: source, mjs: code, json: `${JSON.stringify(description, null, 2)}\n` };
  for (const [ending, content] of Object.entries(files))
    writeDurably(fileOf(home, hash, ending), [Buffer.from(content)]);
  const real = realpathSync(home);
  const others = all().filter((one) => one.home !== real || one.hash !== hash);
  write([...others, { home: real, path: realpathSync(path), hash, codeHash: hashOf(code) }]);
}

/** Takes the agreement back; the data folder keeps its copy. */
export function withdraw(home: string, hash: string): void {
  const real = realpathSync(home);
  write(all().filter((one) => one.home !== real || one.hash !== hash));
}

/** What the data folder says of a plug-in; null where it says nothing that can be read. */
export function descriptionOf(home: string, { hash }: Pick<Agreement, 'hash'>): PluginDescription | null {
  try {
    const said = pluginDescription.parse(JSON.parse(readFileSync(fileOf(home, hash, 'json'), 'utf8')));
    return said.hash === hash ? said : null;
  } catch {
    return null;
  }
}

/** The code as it was agreed to. Throws UserError where the copy is gone, or another one. */
export function codeOf(home: string, { hash, codeHash, path }: Agreement): PluginCode {
  const file = fileOf(home, hash, 'mjs');
  const code = existsSync(file) ? readFileSync(file, 'utf8') : null;
  if (code !== null && hashOf(code) === codeHash) {
    const said = descriptionOf(home, { hash });
    return { file: said?.file ?? `${hash.slice(0, 8)}.ts`, hash, code };
  }
  const what = code === null ? 'is missing' : 'is not what you agreed to';
  throw new UserError(`${file}: the copy of the plug-in ${what}; tessera plugins add ${shellQuote(path)}`);
}

/**
 * The plug-ins that a run is trained with: those of the versions that it names, and the newest version of each metric. Throws UserError for one that this user has
 * not agreed to.
 */
export function pluginsFor(home: string, versions: readonly string[]): PluginCode[] {
  const agreed = agreedIn(home);
  const missing = versions.find((version) => !agreed.some(({ hash }) => hash.startsWith(version)));
  if (missing !== undefined) throw unknownPlugin(missing);
  const newest = new Map(
    agreed.flatMap((one) =>
      (descriptionOf(home, one)?.metrics ?? []).map(({ name }) => [plainName(name), one.hash] as const),
    ),
  );
  const used = [...versions, ...newest.values()];
  return agreed
    .filter(({ hash }) => used.some((version) => hash.startsWith(version)))
    .map((one) => codeOf(home, one));
}

/**
 * Throws UserError where the file of a plug-in is another one than its newest version that was agreed to: who trains by its name means the
 * file. `named`: versions that the user has named.
 */
export function refuseChanged(home: string, versions: readonly string[], named: readonly string[]): void {
  for (const { path, hash } of agreedIn(home)) {
    const version = versions.find((one) => hash.startsWith(one) && !named.includes(one));
    if (version === undefined || !existsSync(path) || hashOf(readFileSync(path)) === hash) continue;
    throw new UserError(
      `${path}: has changed since you agreed to it; tessera plugins add ${shellQuote(path)}, or name the version of before: ~${version} behind the name`,
    );
  }
}
