/** What a training needs on another machine, as archives that are sent once: Node, packages, and the program itself. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cudaLibraries } from './cuda.ts';
import { fetchPackage } from './registry.ts';
import { type ArchiveFile, filesBelow, folderFiles, localFiles } from './tar.ts';
import { NODE_VERSION, nodePackage, type Target } from './target.ts';

/** `key` names the content, without reading all of it. */
export interface Archive {
  kind: 'node' | 'packages' | 'program';
  key: string;
  files(): Promise<ArchiveFile[]>;
}

const packageSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** Packages that a trainer loads; sentences are encoded here, where models can be fetched. */
const ROOTS = [
  '@duckdb/node-api',
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  '@tensorflow/tfjs',
  'fflate',
  'ml-matrix',
  'onnxruntime-node',
  'protobufjs',
  'zod',
];

/** Of packages: what no program loads. */
const UNUSED = [
  /\.(map|d\.[cm]?ts|ts|tsx|flow|md|markdown)$/,
  /(^|\/)(test|tests|__tests__|examples?|docs|\.github)\//,
  /^@types\//,
  /^@tensorflow\/[^/]+\/(src|tools|scripts)\//,
  // Each package of TensorFlow.js loads one bundle of many.
  /^@tensorflow\/[^/]+\/dist\/(?!.*\.node\.js$)/,
  /^onnxruntime-node\/script\//,
  // Hundreds of MB, for hosts with a GPU.
  /onnxruntime_providers_/,
];

/** Where the program lies: a clone, or a package of the desktop app. */
const ROOT = rootFolder();
const MODULES = join(ROOT, 'node_modules');
const IS_CLONE = existsSync(join(ROOT, 'src'));

function rootFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** @param cache a folder of this machine for what is fetched from the registry. `cuda`: with the libraries of that device. */
export async function archivesFor(target: Target, cache: string, cuda = false): Promise<Archive[]> {
  const packages = await packagesArchive(target, cache, cuda);
  return [await nodeArchive(target, cache), packages, await programArchive(packages.key)];
}

/** Path of a worker's entry within the program's folder. */
export function workerEntry(name: 'remote-trainer' | 'host-agent' | 'machine'): string {
  return IS_CLONE ? `src/main/workers/${name}.ts` : `out/main/${name}.js`;
}

async function nodeArchive(target: Target, cache: string): Promise<Archive> {
  const { name, version } = nodePackage(target);
  const here = await ownNode(target);
  const files = async () => {
    if (here !== null) return localFiles([['bin/node', here]]);
    const all = existsSync(join(MODULES, name, 'bin'))
      ? await folderFiles(join(MODULES, name))
      : await fetchPackage(name, version, cache);
    return all.filter(({ path }) => path === 'bin/node');
  };
  return { kind: 'node', key: keyOf([name, here === null ? version : NODE_VERSION]), files };
}

/** A Node of this machine that a host of its kind can have as well: the one of the packaged program, or the one that runs. */
export async function ownNode({ os, arch }: Target, version = NODE_VERSION): Promise<string | null> {
  if (os !== process.platform || arch !== process.arch) return null;
  const packed = join(dirname(ROOT), 'node');
  if (!IS_CLONE && existsSync(packed)) {
    const { stdout } = await promisify(execFile)(packed, ['--version']);
    return stdout.trim() === `v${version}` ? packed : null;
  }
  // One of a distribution needs libraries of that.
  const isWhole = !Object.entries(process.config.variables).some(
    ([variable, value]) => variable.startsWith('node_shared') && value === true,
  );
  return isWhole && process.versions.node === version ? process.execPath : null;
}

async function packagesArchive(target: Target, cache: string, cuda: boolean): Promise<Archive> {
  const names = await closure(ROOTS);
  const versions = await Promise.all(
    names.map(async (name) => `${name}@${(await manifestOf(name)).version}`),
  );
  const ort = 'onnxruntime-node';
  const libraries = cuda
    ? await cudaLibraries(join(MODULES, ort), (await manifestOf(ort)).version, cache)
    : [];
  const bindings = `@duckdb/node-bindings-${target.os}-${target.arch}`;
  const files = async () => {
    const parts = await Promise.all(names.map((name) => packageFiles(name, target, cache)));
    const { optionalDependencies } = await manifestOf('@duckdb/node-bindings');
    const missing = existsSync(join(MODULES, bindings)) ? null : optionalDependencies[bindings];
    const added = filesBelow(`node_modules/${ort}`, libraries);
    return [...parts.flat(), ...(await filesOf(bindings, missing, cache)), ...added];
  };
  return { kind: 'packages', key: keyOf([bindings, ...versions, ...(cuda ? ['cuda'] : [])]), files };
}

/** Without binaries for other systems. */
async function packageFiles(name: string, { os, arch }: Target, cache: string): Promise<ArchiveFile[]> {
  const ours = `node_modules/onnxruntime-node/bin/napi-v6/${os}/${arch}/`;
  // The packaged program has those of its own system alone.
  const isHere = name !== 'onnxruntime-node' || existsSync(join(ROOT, ours));
  const files = await filesOf(name, isHere ? null : (await manifestOf(name)).version, cache);
  return files.filter(
    ({ path }) => !path.startsWith('node_modules/onnxruntime-node/bin/') || path.startsWith(ours),
  );
}

/** Of a package as it is installed here, or of a version in the registry. */
async function filesOf(name: string, version: string | null, cache: string): Promise<ArchiveFile[]> {
  const files = await (version === null
    ? folderFiles(join(MODULES, name))
    : fetchPackage(name, version, cache));
  const used = filesBelow(name, files).filter(({ path }) => !UNUSED.some((pattern) => pattern.test(path)));
  return filesBelow('node_modules', used);
}

async function closure(roots: readonly string[]): Promise<string[]> {
  const names = new Set(roots);
  for (const name of names) {
    const { dependencies } = await manifestOf(name);
    for (const needed of Object.keys(dependencies)) if (existsSync(join(MODULES, needed))) names.add(needed);
  }
  return [...names].filter((name) => !name.startsWith('@types/')).sort();
}

/** Its packages are those of one archive. */
async function programArchive(packages: string): Promise<Archive> {
  const folders = [...(IS_CLONE ? ['src/core', 'src/main/workers'] : ['out/main']), 'resources'];
  const found = await Promise.all(
    folders.map(async (folder) => filesBelow(folder, await folderFiles(join(ROOT, folder)))),
  );
  const files = [...found.flat(), ...(await folderFiles(ROOT, ['package.json']))].filter(
    ({ path }) => !/\.(test|map)\b|^resources\/(?!migrations|presets|published)/.test(path),
  );
  const hash = createHash('sha256').update(packages);
  for (const file of files) {
    hash.update(`${file.path}\0`);
    for await (const chunk of file.content()) hash.update(chunk);
  }
  return { kind: 'program', key: hash.digest('hex').slice(0, 16), files: async () => files };
}

async function manifestOf(name: string): Promise<z.output<typeof packageSchema>> {
  return packageSchema.parse(JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8')));
}

function keyOf(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
