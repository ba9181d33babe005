import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildBinding, findTensorFlow } from './tensorflow-binding.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tessera-tensorflow-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Writes a file with a word in it, and returns its path. */
function write(path: string, text = 'x'): string {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A TensorFlow without a line of code in it. */
function tensorflow(at: string): string {
  for (const name of [
    'libtensorflow_cc.so.2',
    'libtensorflow_framework.so.2',
    'include/tensorflow/c/c_api.h',
  ])
    write(join(at, name));
  return join(root, at);
}

it('finds TensorFlow in a virtual environment, in site-packages and in its own folder', () => {
  const found = tensorflow('venv/lib/python3.11/site-packages/tensorflow');
  for (const folder of [found, join(found, '..'), join(root, 'venv')])
    expect(findTensorFlow(folder)).toBe(found);
});

it('says what a folder lacks', () => {
  expect(() => findTensorFlow(join(root, 'nowhere'))).toThrow(
    /^there is no TensorFlow in .*nowhere: libtensorflow_framework\.so\.2 was looked for/,
  );
  const found = tensorflow('tf');
  rmSync(join(found, 'include'), { recursive: true });
  expect(() => findTensorFlow(found)).toThrow(
    /lacks include\/tensorflow\/c\/c_api\.h: it needs TensorFlow 2\.15/,
  );
});

/** A package whose binding g++ compiles with this source. */
function bindingOf(source: string): string {
  write('package/binding/tfjs_backend.cc', source);
  write('package/binding/tfjs_binding.cc', '');
  return join(root, 'package');
}

it('leaves the binding that is there where the compiler fails or is missing, and a fetched TensorFlow always', () => {
  const old = write('package/lib/napi-v8/tfjs_binding.node', 'old');
  const found = tensorflow('tf');
  const folder = bindingOf('#error no such luck');
  expect(() => buildBinding(folder, found)).toThrow(
    /^(g\+\+ could not build the binding: .*no such luck|the compiler)/,
  );
  vi.stubEnv('PATH', root);
  expect(() => buildBinding(folder, found)).toThrow(
    /^the compiler g\+\+ cannot be run .*apt-get install g\+\+$/,
  );
  expect(readFileSync(old, 'utf8')).toBe('old');
  expect(existsSync(join(folder, 'deps'))).toBe(false);
  write('package/deps/lib/libtensorflow.so.2');
  expect(() => buildBinding(folder, found)).toThrow(
    /holds a TensorFlow that was fetched: delete that folder first$/,
  );
  expect(lstatSync(join(folder, 'deps/lib')).isDirectory()).toBe(true);
});
