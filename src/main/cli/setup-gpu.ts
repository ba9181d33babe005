/**
 * `npm run setup:gpu -- tfjs|cuda`: fetches the GPU libraries that are too large for npm, by running the
 * install script of the package that uses them.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type FetchedLibrary,
  fetchedLibraries,
  manifestOf,
} from '../../core/engine/devices/fetched-libraries.ts';
import type { DeviceId } from '../../core/engine/index.ts';
import { messageOf, UserError } from '../../core/errors.ts';
import { buildBinding, findTensorFlow } from './tensorflow-binding.ts';

const USAGE = `Usage: npm run setup:gpu -- <libraries> [--dry-run]
       npm run setup:tfjs -- --tensorflow FOLDER

Fetches GPU libraries into node_modules. Libraries:
  cuda   ONNX Runtime's CUDA provider, for the device cuda (Linux x64; needs CUDA 12 and cuDNN 9)
  tfjs   TensorFlow 2.9.1 for the device tfjs-gpu (Linux and Windows x64; needs CUDA 11.2 and cuDNN 8.1)

With --tensorflow nothing is fetched: the device tfjs-gpu takes a TensorFlow that pip has installed on Linux, 2.15 or
newer, with the CUDA that it brings. FOLDER is its virtual environment, site-packages, or the folder "tensorflow" there.
"npm ci" undoes it.
  python3 -m venv tf && tf/bin/pip install 'tensorflow[and-cuda]'
  npm run setup:tfjs -- --tensorflow tf

Options:
  --tensorflow FOLDER   build the device's binding for this TensorFlow; needs g++
  --dry-run             say what would be fetched, built and run, and stop
  --help                this text

Behind a proxy, set HTTPS_PROXY.
`;

const FOUND_WITHIN_MS = 15_000;
const STDERR_KEPT = 16_384;
const CONNECTION_ADVICE = 'check the internet connection, and behind a proxy set HTTPS_PROXY';

class UsageError extends Error {}

interface Library extends FetchedLibrary {
  title: string;
  device: DeviceId;
  url(version: string): string;
  /** The package's own install script and its arguments, relative to the package. */
  script: readonly string[];
  /** Settings of the install script. */
  env: Readonly<Record<string, string>>;
}

const libraries: Readonly<Record<string, Library>> = {
  cuda: {
    title: "ONNX Runtime's CUDA provider",
    device: 'cuda',
    ...fetchedLibraries.cuda,
    url: (version) => {
      const name = 'microsoft.ml.onnxruntime.gpu.linux';
      return `https://api.nuget.org/v3-flatcontainer/${name}/${version}/${name}.${version}.nupkg`;
    },
    script: ['script/install.js'],
    // The script ignores "cuda12", and then skips installs that npm runs in the project.
    env: { ONNXRUNTIME_NODE_INSTALL: 'true' },
  },
  tfjs: {
    title: 'TensorFlow 2.9.1 for GPUs',
    device: 'tfjs-gpu',
    ...fetchedLibraries['tfjs-gpu'],
    url: () => {
      const storage = process.env.TFJS_NODE_CDN_STORAGE ?? 'https://storage.googleapis.com/';
      const base = process.env.TFJS_NODE_BASE_URI ?? `${storage}tensorflow/libtensorflow/libtensorflow-`;
      return `${base}${process.platform === 'win32' ? 'gpu-windows-x86_64-2.9.1.zip' : 'gpu-linux-x86_64-2.9.1.tar.gz'}`;
    },
    script: ['scripts/install.js', 'gpu', 'download'],
    env: {},
  },
};

interface Request {
  library: Library;
  dryRun: boolean;
  /** Folder of an installed TensorFlow to take in place of the one to fetch. */
  tensorflow?: string;
}

/** The library and flags that the arguments name. */
function parse(argv: string[]): Request | 'help' {
  let parsed: {
    values: { 'dry-run'?: boolean; help?: boolean; tensorflow?: string };
    positionals: string[];
  };
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        'dry-run': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        tensorflow: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(messageOf(error).split('. ')[0]);
  }
  if (parsed.values.help) return 'help';
  const known = Object.keys(libraries).join(' or ');
  const [name, ...more] = parsed.positionals;
  if (name === undefined) throw new UsageError(`name what to fetch: ${known}`);
  if (more.length > 0) throw new UsageError(`one at a time: ${known}`);
  if (!Object.hasOwn(libraries, name)) throw new UsageError(`unknown libraries "${name}": ${known}`);
  const { 'dry-run': dryRun = false, tensorflow } = parsed.values;
  if (tensorflow !== undefined && name !== 'tfjs') throw new UsageError('--tensorflow belongs to tfjs');
  return { library: libraries[name], dryRun, tensorflow };
}

/** The installed package's folder and version. */
function locate({ packageName }: Library): { folder: string; version: string } {
  try {
    const manifest = manifestOf(packageName);
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
    return { folder: dirname(manifest), version };
  } catch {
    throw new UserError(`the package ${packageName} is not installed: run npm ci first`);
  }
}

const proxy = (): string | undefined => process.env.HTTPS_PROXY || process.env.https_proxy;

/** Megabytes to fetch, or null if unknown. Checked first, since a failed script may break a working installation. */
async function sizeOf(url: string): Promise<number | null> {
  const { host } = new URL(url);
  try {
    const answer = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(FOUND_WITHIN_MS) });
    if (!answer.ok) throw new UserError(`${host} answers ${answer.status} for ${url}; try again later`);
    return Number(answer.headers.get('content-length')) / 1e6 || null;
  } catch (error) {
    if (error instanceof UserError) throw error;
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new UserError(`cannot fetch from ${host}: ${messageOf(cause)}; ${CONNECTION_ADVICE}`);
  }
}

/** Runs the package's install script. Its progress goes to stdout; its stack traces are not shown. */
function runScript(library: Library, folder: string): Promise<{ code: number | null; stderr: string }> {
  // npm puts a dependency's tools beside the package or, more often, at the top; a scoped package is one level deeper.
  const places = ['node_modules/.bin', '../.bin', '../../.bin'].map((place) => join(folder, place));
  const through = proxy();
  const child = spawn(process.execPath, [...library.script], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: [dirname(process.execPath), ...places, process.env.PATH].join(delimiter),
      ...(through && { GLOBAL_AGENT_HTTP_PROXY: through, GLOBAL_AGENT_HTTPS_PROXY: through }),
      ...library.env,
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

/** The line of a stack trace that describes the error. */
function errorLine(stderr: string, code: number | null): string {
  const found = /^\s*(?:\w*Error|npm ERR!|node-pre-gyp ERR!)[^:\n]*: *(.+)$/m.exec(stderr);
  return found ? found[1].trim() : `it ended with ${code === null ? 'a signal' : `code ${code}`}`;
}

/** Takes the TensorFlow in `tensorflow` for the device. */
async function link(library: Library, { dryRun, tensorflow = '' }: Request): Promise<void> {
  if (process.platform !== 'linux') {
    throw new UserError(
      `an installed TensorFlow can be taken on Linux only, and this is ${process.platform}`,
    );
  }
  const { folder } = locate(library);
  const found = findTensorFlow(tensorflow);
  console.log(`TensorFlow in ${found}, for the device ${library.device}`);
  console.log(`  into  ${join(folder, library.proof)}, built by g++`);
  if (dryRun) return;
  buildBinding(folder, found);
  await checkInstalled(library);
}

/** Prints whether the device can be used now. */
async function checkInstalled({ device }: Library): Promise<void> {
  const { deviceChecks } = await import('../../core/engine/devices/checks.ts');
  const { usable, detail } = await deviceChecks.check(device);
  console.log(usable ? `${device}: ${detail}` : `Installed, but ${device} cannot be used yet: ${detail}`);
}

async function install(library: Library, dryRun: boolean): Promise<void> {
  const { title, platforms, packageName, script } = library;
  const platform = `${process.platform}/${process.arch}`;
  if (!platforms.includes(platform)) {
    throw new UserError(`${title} exists for ${platforms.join(' and ')} only, and this is ${platform}`);
  }
  const { folder, version } = locate(library);
  const url = library.url(version);
  console.log(`${title}, for the device ${library.device}`);
  console.log(`  from  ${url}`);
  console.log(`  into  ${folder}`);
  console.log(`  by    ${packageName}'s own script: node ${script.join(' ')}`);
  if (dryRun) return;
  const size = proxy() ? null : await sizeOf(url);
  console.log(size ? `Fetching ${size.toFixed(0)} MB ...` : 'Fetching several hundred MB ...');
  const { code, stderr } = await runScript(library, folder);
  if (code !== 0) {
    const line = errorLine(stderr, code);
    throw new UserError(`${packageName}'s install script failed: ${line}; ${CONNECTION_ADVICE}`);
  }
  if (!existsSync(join(folder, library.proof))) {
    throw new UserError(
      `${packageName}'s script ended without an error, but ${library.proof} is not in ${folder}`,
    );
  }
  await checkInstalled(library);
}

try {
  const request = parse(process.argv.slice(2));
  if (request === 'help') process.stdout.write(USAGE);
  else if (request.tensorflow !== undefined) await link(request.library, request);
  else await install(request.library, request.dryRun);
} catch (error) {
  const line = messageOf(error).replace(/\s*[\r\n]+\s*/g, ' ');
  process.stderr.write(`setup:gpu: ${line}${error instanceof UsageError ? ' (--help shows how)' : ''}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
