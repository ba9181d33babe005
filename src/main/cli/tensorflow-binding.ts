/** Builds tfjs-node-gpu's binding against a TensorFlow that is installed already, in place of fetching TensorFlow 2.9.1. */
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../../core/errors.ts';

const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const HEADER = 'include/tensorflow/c/c_api.h';
const SOURCES = ['tfjs_backend.cc', 'tfjs_binding.cc'];
/** Where the package looks for its binding, and that for TensorFlow. */
const BINDING = 'lib/napi-v8/tfjs_binding.node';
const TENSORFLOW = 'deps/lib';

/**
 * The folder with TensorFlow's libraries and headers: `folder` itself, or the one of a virtual environment or of
 * site-packages. Throws UserError where it lacks something.
 */
export function findTensorFlow(folder: string): string {
  const root = resolve(folder);
  const environments = ['lib', 'lib64'].flatMap((lib) =>
    (existsSync(join(root, lib)) ? readdirSync(join(root, lib)) : [])
      .filter((name) => name.startsWith('python3'))
      .map((name) => join(root, lib, name, 'site-packages/tensorflow')),
  );
  const found = [root, join(root, 'tensorflow'), ...environments].find((place) =>
    existsSync(join(place, LIBRARIES[1])),
  );
  if (!found) {
    throw new UserError(
      `there is no TensorFlow in ${root}: ${LIBRARIES[1]} was looked for there, in tensorflow/ and in ` +
        'lib/python3*/site-packages/tensorflow; install it with: python3 -m venv tf && tf/bin/pip install tensorflow',
    );
  }
  const missing = [...LIBRARIES, HEADER].filter((name) => !existsSync(join(found, name)));
  if (missing.length > 0) {
    throw new UserError(
      `${found} lacks ${missing.join(', ')}: it needs TensorFlow 2.15 or newer for Linux, as pip installs it`,
    );
  }
  return found;
}

/** The folder of Node's own headers. Throws UserError where there is none. */
function nodeHeaders(): string {
  const places = [join(dirname(process.execPath), '../include/node'), '/usr/include/node'];
  const found = places.find((place) => existsSync(join(place, 'node_api.h')));
  if (found) return found;
  throw new UserError(`Node's headers are missing: node_api.h is neither in ${places.join(' nor in ')}`);
}

/**
 * Compiles the binding in `folder`, the package tfjs-node-gpu, and links it to the TensorFlow of a `findTensorFlow`. The
 * binding that was there is replaced once the new one is complete.
 * Throws UserError where the compiler is missing or fails.
 */
export function buildBinding(folder: string, tensorflow: string): void {
  const libraries = join(folder, TENSORFLOW);
  const present = lstatSync(libraries, { throwIfNoEntry: false });
  if (present && !present.isSymbolicLink()) {
    throw new UserError(`${libraries} holds a TensorFlow that was fetched: delete that folder first`);
  }
  const binding = join(folder, BINDING);
  const partial = `${binding}.partial`;
  mkdirSync(dirname(binding), { recursive: true });
  try {
    compile(folder, tensorflow, partial);
    mkdirSync(dirname(libraries), { recursive: true });
    // A link to the folder itself: its libraries find those of CUDA by their place beside it.
    rmSync(`${libraries}.partial`, { force: true });
    symlinkSync(tensorflow, `${libraries}.partial`);
    renameSync(`${libraries}.partial`, libraries);
    renameSync(partial, binding);
  } finally {
    rmSync(partial, { force: true });
  }
}

function compile(folder: string, tensorflow: string, output: string): void {
  const args = [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
    ...['-I', nodeHeaders(), '-I', join(tensorflow, 'include')],
    ...SOURCES.map((name) => join(folder, 'binding', name)),
    ...['-L', tensorflow, ...LIBRARIES.map((name) => `-l:${name}`)],
    ...['-Wl,-rpath,$ORIGIN/../../deps/lib', '-o', output],
  ];
  const { error, status, stderr } = spawnSync('g++', args, { encoding: 'utf8' });
  if (error) {
    throw new UserError(
      `the compiler g++ cannot be run (${messageOf(error)}): install it, on Debian with: apt-get install g++`,
    );
  }
  if (status === 0) return;
  const line = stderr.split('\n').find((text) => text.includes('error')) ?? stderr.split('\n')[0];
  throw new UserError(`g++ could not build the binding: ${line.trim()}`);
}
