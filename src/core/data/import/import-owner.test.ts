import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { ownIdentity } from '../../process-identity.ts';
import { removeAbandonedImports, STAGING_PREFIX } from './import-owner.ts';

const HOUR = 3_600;

/** Whether clearing removes the folder of an import that was last written to so many hours ago. */
function isCleared(owner: object | null, hours: { folder: number; file: number }): boolean {
  const datasets = temporaryHome();
  const folder = join(datasets, `${STAGING_PREFIX}x`);
  mkdirSync(folder);
  const file = join(folder, 'interactions.parquet');
  writeFileSync(file, '');
  if (owner) writeFileSync(join(folder, 'importer.json'), JSON.stringify(owner));
  const setAge = (path: string, age: number) => {
    const time = Date.now() / 1000 - age * HOUR;
    utimesSync(path, time, time);
  };
  if (owner) setAge(join(folder, 'importer.json'), hours.folder);
  setAge(file, hours.file);
  setAge(folder, hours.folder);
  removeAbandonedImports(datasets);
  return !existsSync(folder);
}

const alive = ownIdentity();
const elsewhere = { ...alive, pidScope: 'another container' };
const old = { folder: 25, file: 25 };

const cases: [
  name: string,
  owner: object | null,
  hours: { folder: number; file: number },
  cleared: boolean,
][] = [
  ['of a living process stays, however old', alive, old, false],
  ['of a process that has ended goes at once', { ...alive, startTime: '1' }, { folder: 0, file: 0 }, true],
  ['of a process that cannot be looked at stays for a day', elsewhere, { folder: 23, file: 23 }, false],
  ['of a process that cannot be looked at goes after a day', elsewhere, old, true],
  [
    'of a process that cannot be looked at stays while a file in it grows',
    elsewhere,
    { folder: 25, file: 1 },
    false,
  ],
  ['of nobody goes after a day', null, old, true],
  ['of nobody stays for a day', null, { folder: 23, file: 23 }, false],
];
// Elsewhere a process of this machine cannot be looked at.
const known = cases.filter(([name]) => process.platform === 'linux' || !/living|has ended/.test(name));

it.each(known)('a folder of an import %s', (_name, owner, hours, cleared) => {
  expect(isCleared(owner, hours)).toBe(cleared);
});
