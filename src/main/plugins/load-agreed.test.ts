import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { trackerKinds } from '../../core/foreign/trackers/recognise.ts';
import { agree, hashOf } from './agreements.ts';
import { loadAgreed } from './load-agreed.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tessera-plugins-'));
  for (const name of ['XDG_CONFIG_HOME', 'LOCALAPPDATA', 'HOME']) vi.stubEnv(name, join(folder, 'config'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

it('tries a plug-in again whose copy could not be loaded, in a process that lives on', async () => {
  const home = join(folder, 'home');
  const path = join(folder, 'log.ts');
  const source = `export default () => ({ trackers: { 'lab-log': { title: 'Log', isFile: () => false, read: () => {} } } })`;
  mkdirSync(home);
  writeFileSync(path, source);
  const hash = hashOf(source);
  const trackers = [{ kind: 'lab-log', title: 'Log' }];
  const description = { file: 'log.ts', hash, models: [], losses: [], metrics: [], trackers };
  const consent = () => agree(home, path, { source, code: source, description });
  consent();
  rmSync(join(home, 'plugins', `${hash}.mjs`));
  const warned = vi.fn();
  await loadAgreed(home, warned);
  expect(warned).toHaveBeenCalledExactlyOnceWith(
    expect.stringContaining('the copy of the plug-in is missing'),
  );
  consent();
  await loadAgreed(home, warned);
  expect(trackerKinds()).toContain('lab-log');
  await loadAgreed(join(folder, 'another'), warned);
  expect(trackerKinds()).not.toContain('lab-log');
});
