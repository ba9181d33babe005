/** What a run needs on another machine, and what it has made there. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import { isInside } from '../../../core/files/inside.ts';
import { sha256 } from '../../../core/files/sha256.ts';
import type { SourceRun, TrainSpec } from '../../../core/training/events.ts';
import { shipDataset } from '../shipping/datasets.ts';
import { type ShipOptions, shipFolder } from '../shipping/ship.ts';
import { folderFiles, localFiles } from '../shipping/tar.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { getFile, SHA } from '../ssh/transfer.ts';

/** A run's folder on another machine. */
export interface RemoteFolder {
  /** Tessera's folder there. */
  root: string;
  /** Of the run, in "runs" of it. */
  name: string;
}

export const folderOf = ({ root, name }: RemoteFolder) => `${root}/runs/${name}`;

/** Of the journal there. */
export const JOURNAL = 'events.jsonl';

/** Sends data, the runs that the config names, and what an earlier attempt has made; resolves with the spec as it is there. */
export async function shipRun(
  connection: SshConnection,
  spec: TrainSpec,
  place: RemoteFolder,
  options: ShipOptions,
): Promise<TrainSpec> {
  refuseLocalFiles(spec.config, connection.host);
  const folder = folderOf(place);
  const data = { root: place.root, run: place.name };
  const datasetDir = await shipDataset(connection, spec.datasetDir, data, options);
  const inputs = new Inputs(`${folder}/inputs`);
  const sources = Object.fromEntries(
    await Promise.all(
      Object.entries(spec.sources ?? {}).map(async ([key, source]) => [
        key,
        await inputs.source(key, source),
      ]),
    ),
  );
  const evaluate = spec.evaluate && {
    ...spec.evaluate,
    path: inputs.checkpoint('evaluated', spec.evaluate.path),
  };
  await inputs.ship(connection, 'Runs that it builds on', options);
  const { resumeFrom } = spec;
  if (resumeFrom !== null) await shipMade(connection, spec.runDir, folder, options);
  return {
    ...spec,
    datasetDir,
    sources,
    evaluate,
    resumeFrom: resumeFrom && `${folder}/checkpoints/${basename(resumeFrom)}`,
    runDir: folder,
    journal: `${folder}/${JOURNAL}`,
  };
}

/** Sends the folders of a run, such as its checkpoints and its Semantic IDs: it goes on from them. */
async function shipMade(
  connection: SshConnection,
  runDir: string,
  folder: string,
  options: ShipOptions,
): Promise<void> {
  const made = (await readdir(runDir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name } of made) {
    const files = () => folderFiles(join(runDir, name));
    await shipFolder(connection, `${folder}/${name}`, { what: `What it made: ${name}`, files, ...options });
  }
}

/** Files of this machine as one archive. */
class Inputs {
  readonly #folder: string;
  /** Local files by their paths there. */
  readonly #files = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Returns the path there. */
  add(path: string, local: string): string {
    this.#files.set(path, local);
    return `${this.#folder}/${path}`;
  }

  checkpoint(name: string, local: string): string {
    const state = local.replace(/\.safetensors$/, '.json');
    if (existsSync(state)) this.add(`${name}/${basename(state)}`, state);
    return this.add(`${name}/${basename(local)}`, local);
  }

  /** What the run has made, and of its checkpoints the one that is used. */
  async source(key: string, source: SourceRun): Promise<SourceRun> {
    const made = await readdir(source.dir, { withFileTypes: true, recursive: true });
    for (const file of made) {
      const local = join(file.parentPath, file.name);
      const path = relative(source.dir, local).replaceAll(sep, '/');
      if (file.isFile() && !/^checkpoints\/|\.jsonl(\.request)?$/.test(path))
        this.add(`${key}/${path}`, local);
    }
    const checkpoint = source.checkpoint && this.checkpoint(`${key}/checkpoints`, source.checkpoint);
    return { ...source, dir: `${this.#folder}/${key}`, checkpoint };
  }

  async ship(connection: SshConnection, what: string, options: ShipOptions): Promise<void> {
    if (this.#files.size === 0) return;
    await shipFolder(connection, this.#folder, { what, files: () => localFiles(this.#files), ...options });
  }
}

function refuseLocalFiles(config: Record<string, unknown>, host: string): void {
  for (const [field, value] of Object.entries(config)) {
    if (typeof value !== 'string' || !/[\\/]/.test(value) || !existsSync(value)) continue;
    const problem = `names a file of this machine, which is not sent to ${host}`;
    const fix = 'train it here, or name a run whose vectors it takes';
    throw new UserError({ code: 'bad-config', field, problem, fix });
  }
}

/** "$1" the folder. A SHA-256 and a name a line, of what is not there because it was sent, or is of no use here. */
const LIST = `${SHA}
cd "$1" 2>/dev/null || exit 0
{ find . -type f ! -path './inputs/*' ! -name '.*' ! -name '*.part' | grep -Ev '^\\./(spec\\.json|${JOURNAL}.*|output\\.log|slurm\\.log|job.*|exit-code|starts|pid|child|begun)$' || true; } |
while IFS= read -r file; do echo "$(sha < "$file") $file"; done`;

/** Fetches all that a run has made there into its folder here, but for what is here as it is there. Throws UserError for a name that leaves the folder. */
export async function fetchRun(
  connection: SshConnection,
  place: RemoteFolder,
  runDir: string,
  options: ShipOptions,
): Promise<void> {
  const folder = folderOf(place);
  const said = await connection.run({
    what: 'listing what was made',
    script: LIST,
    args: [folder],
    ...options,
  });
  // All of it is listed before any of it is fetched: what is not fetched would go with the folder there.
  const files = said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, hash, name] = /^([0-9a-f]{64}) \.\/(.+)$/.exec(line) ?? [];
      if (name !== undefined) return { hash, name };
      throw new UserError(`${connection.host}: what is listed of the run cannot be read: "${line}"`);
    });
  for (const { hash, name } of files) {
    const local = join(runDir, name);
    if (!isInside(runDir, local))
      throw new UserError(`${connection.host}: names a file outside of its run, ${name}`);
    if (existsSync(local) && (await sha256(local)) === hash) continue;
    await mkdir(dirname(local), { recursive: true, mode: 0o700 });
    const onProgress = (done: number, total: number) =>
      options.onProgress?.({ what: `Fetching ${name}`, done, total });
    await getFile(connection, `${folder}/${name}`, local, { signal: options.signal, onProgress });
  }
}

/** Removes a run's folder there, once all of it is here. */
export async function removeRun(connection: SshConnection, place: RemoteFolder): Promise<void> {
  await connection.run({ what: 'cleaning up', script: 'rm -rf "$1"', args: [folderOf(place)] });
}
