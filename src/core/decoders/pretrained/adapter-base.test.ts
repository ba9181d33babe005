/** Whether an adapter is of the model that it is worked into. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { adapterBase, baseFingerprint, baseMetadata, baseText, requireSameBase } from './adapter-base.ts';
import { openCheckpoint, readCheckpoint } from './checkpoint.ts';
import { readPeftAdapter, writePeftAdapter } from './peft-adapter.ts';

const written = join(import.meta.dirname, '../../../../test/language');
const llama = join(written, 'checkpoints/llama');
const home = mkdtempSync(join(tmpdir(), 'tessera-base-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A model's folder that is called so, whose config names it so. */
function model(called: string, stated?: unknown): string {
  const path = join(mkdtempSync(join(home, 'm-')), called);
  cpSync(llama, path, { recursive: true });
  writeFileSync(join(path, 'config.json'), JSON.stringify({ _name_or_path: stated }));
  return path;
}

function adapter(base: unknown): string {
  const path = mkdtempSync(join(home, 'a-'));
  writeFileSync(join(path, 'adapter_config.json'), JSON.stringify({ base_model_name_or_path: base }));
  return path;
}

test.each([
  ['org/Smol-135M', model('weights', 'other/smol 135m'), 'same', 'info'],
  ['org/Smol-135M', model('smol-135M'), 'same', 'info'],
  ['org/Smol-135M', model('weights', 'org/Smol-360M'), 'other', 'warn'],
  ['org/Smol-1.7B', model('weights', 'org/Smol-17B'), 'other', 'warn'],
  ['org/Smol-135M', model('weights'), 'unknown', 'warn'],
  ['org/Smol-135M', model('weights', 7), 'unknown', 'warn'],
  [null, model('weights', 'org/Smol-360M'), 'unknown', 'warn'],
  ['', model('weights', 'org/Smol-360M'), 'unknown', 'warn'],
])('an adapter of %j on %s is of %s', (base, weights, verdict, level) => {
  const found = adapterBase(adapter(base), weights);
  expect(found.verdict).toBe(verdict);
  expect(baseText(found).level).toBe(level);
});

test('a path is the model itself, whatever that is called', () => {
  const weights = model('weights', 'org/Smol-135M');
  expect(adapterBase(adapter(weights), weights).verdict).toBe('same');
});

test('an adapter that knows the weights that it changes is refused on others, and read on those of another format', () => {
  const base = readCheckpoint(openCheckpoint(llama));
  const { config } = openCheckpoint(llama);
  const read = readPeftAdapter(join(written, 'adapter'), config);
  const path = join(home, 'own');
  writePeftAdapter(path, read, config, llama, baseMetadata(baseFingerprint(base)));
  expect(readPeftAdapter(path, config)).toEqual(read);
  expect(() => requireSameBase(path, llama, base)).not.toThrow();
  const [table] = Object.keys(base);
  const other = { ...base, [table]: base[table].map((value, at) => (at === 0 ? value + 1e-6 : value)) };
  expect(() => requireSameBase(path, llama, other)).toThrow(/was trained on other weights than those of/);
  expect(() => requireSameBase(join(written, 'adapter'), llama, other)).not.toThrow();
});
