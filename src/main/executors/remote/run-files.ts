/** What a run needs on another machine, and what it has made there. */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import { isInside } from '../../../core/files/inside.ts';
import { sha256 } from '../../../core/files/sha256.ts';
import type { SourceRun, TrainSpec } from '../../../core/training/events.ts';
import { JOURNAL, type MadeFile } from '../../workers/agent/questions.ts';
import { shipDataset } from '../shipping/datasets.ts';
import { type ShipOptions, shipFolder } from '../shipping/ship.ts';
import { folderFiles, localFiles } from '../shipping/tar.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { HostLink } from './host-link.ts';

/** A run's folder on another machine. */
export interface RemoteFolder {
  /** Tessera's folder there. */
  root: string;
  /** Of the run, in "runs" of it. */
  name: string;
}

export const folderOf = ({ root, name }: RemoteFolder) => `${root}/runs/${name}`;

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
        await inputs.source(key, source, { [spec.datasetDir]: datasetDir }),
      ]),
    ),
  );
  const evaluate = spec.evaluate && {
    ...spec.evaluate,
    path: await inputs.evaluated(spec.evaluate.path),
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

  /** What a run has made besides its checkpoints. */
  async #made(key: string, dir: string): Promise<void> {
    for (const file of await readdir(dir, { withFileTypes: true, recursive: true })) {
      const local = join(file.parentPath, file.name);
      const path = relative(dir, local).replaceAll(sep, '/');
      if (file.isFile() && !/^checkpoints\/|\.jsonl(\.request)?$/.test(path))
        this.add(`${key}/${path}`, local);
    }
  }

  /** A checkpoint that is tested, in a folder as that of its run. */
  async evaluated(path: string): Promise<string> {
    await this.#made('evaluated', dirname(dirname(path)));
    return this.checkpoint('evaluated/checkpoints', path);
  }

  /** What the run has made, of its checkpoints the one that is used, and its data set where that is needed and not yet `sent`. */
  async source(key: string, source: SourceRun, sent: Readonly<Record<string, string>>): Promise<SourceRun> {
    await this.#made(key, source.dir);
    const checkpoint = source.checkpoint && this.checkpoint(`${key}/checkpoints`, source.checkpoint);
    const datasetDir =
      source.datasetDir && (sent[source.datasetDir] ?? this.#dataset(key, source.datasetDir));
    return { ...source, dir: `${this.#folder}/${key}`, checkpoint, datasetDir };
  }

  #dataset(key: string, local: string): string {
    for (const name of ['dataset.json', 'interactions.parquet', 'items.parquet', 'users.parquet'])
      this.add(`${key}-data/${name}`, join(local, name));
    return `${this.#folder}/${key}-data`;
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

/** Fetches what a run has made there into its folder here, but for what is here as it is there. Throws UserError for a name that leaves the folder. */
export async function fetchFiles(
  link: HostLink,
  name: string,
  files: readonly MadeFile[],
  runDir: string,
  signal?: AbortSignal,
): Promise<void> {
  for (const file of files) {
    const local = join(runDir, file.path);
    if (!isInside(runDir, local))
      throw new UserError(`${link.name}: names a file outside of its run, ${file.path}`);
    if (existsSync(local) && (await sha256(local)) === file.hash) continue;
    await mkdir(dirname(local), { recursive: true, mode: 0o700 });
    await link.fetch(name, file, local, { signal });
  }
}
