import fs, { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { isPartial } from '../../../core/files/durable.ts';
import { putFiles, requireFree } from './write-plan.ts';

const TABLES = ['tables.tex', 'paper.tex', 'tables.md', 'tables.csv'];
const textsOf = (of: string, names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, `${name} ${of}`.repeat(1000)]));
const OLD = textsOf('old', [...TABLES, 'figure-1.svg', 'figure-1.pdf', 'figure-2.svg', 'figure-2.pdf']);
const NEW = textsOf('new', [...TABLES, 'figure-1.svg', 'figure-1.pdf']);
const CHANGES = ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'rmSync'] as const;

/** Does `work` in a process that ends before its change of a file with this number, and does nothing more. Returns whether it came so far. */
function killedAt(number: number, work: () => void): boolean {
  const whole = CHANGES.map((name) => [name, fs[name]] as const);
  let made = 0;
  for (const [name, change] of whole)
    Object.assign(fs, {
      [name]: (...input: unknown[]) => {
        // Half of a file is on the disk by then.
        if (made === number && name === 'writeSync')
          Reflect.apply(change, fs, [input[0], Buffer.from('half')]);
        if (made >= number) throw new Error('killed');
        made++;
        return Reflect.apply(change, fs, input);
      },
    });
  syncBuiltinESMExports();
  try {
    work();
    return false;
  } catch (error) {
    if (made < number) throw error;
    return true;
  } finally {
    for (const [name, change] of whole) Object.assign(fs, { [name]: change });
    syncBuiltinESMExports();
  }
}

it('leaves every file whole, old or new, wherever it is killed, and comes to the new ones alone', () => {
  let number = 0;
  for (; ; number++) {
    const out = join(temporaryHome(), 'paper');
    putFiles(out, OLD);
    writeFileSync(join(out, 'manuscript.tex'), 'mine');
    writeFileSync(join(out, 'figure-9.svg'), 'mine');
    const isKilled = killedAt(number, () => putFiles(out, NEW));
    for (const name of readdirSync(out).filter((one) => !isPartial(one) && one in OLD))
      expect([OLD[name], NEW[name]]).toContain(readFileSync(join(out, name), 'utf8'));
    for (const name of TABLES) expect(existsSync(join(out, name))).toBe(true);
    expect(putFiles(out, NEW).files).toEqual(Object.keys(NEW));
    const own = ['.tessera-plan.json', 'manuscript.tex', 'figure-9.svg'];
    expect(readdirSync(out).sort()).toEqual([...Object.keys(NEW), ...own].sort());
    for (const [name, text] of Object.entries(NEW)) expect(readFileSync(join(out, name), 'utf8')).toBe(text);
    if (!isKilled) break;
  }
  // Eight files, each opened, written, synced twice and renamed, at the least.
  expect(number).toBeGreaterThan(40);
});

it('takes away figures of its own in its folder alone, whatever its list says', () => {
  const home = temporaryHome();
  const out = join(home, 'paper');
  mkdirSync(out);
  const foreign = ['../figure-1.svg', 'notes.md', 'figure-1.svg/../../data.csv'];
  for (const name of ['figure-1.svg', 'data.csv']) writeFileSync(join(home, name), 'mine');
  writeFileSync(join(out, 'notes.md'), 'mine');
  writeFileSync(join(out, '.tessera-plan.json'), JSON.stringify({ files: [...foreign, 'figure-3.pdf'] }));
  putFiles(out, NEW);
  expect(readdirSync(home).sort()).toEqual(['data.csv', 'figure-1.svg', 'paper']);
  expect(readFileSync(join(out, 'notes.md'), 'utf8')).toBe('mine');
});

it('says before anything is trained that a folder cannot be written', () => {
  const home = temporaryHome();
  writeFileSync(join(home, 'notes'), 'mine');
  expect(() => requireFree(join(home, 'notes'))).toThrow('this is a file: choose a folder');
  expect(() => requireFree(join(home, 'notes/paper'))).toThrow(
    'notes is a file: choose another path (--out)',
  );
  symlinkSync(join(home, 'nowhere'), join(home, 'link'));
  expect(() => requireFree(join(home, 'link'))).toThrow('this is a link to nothing');
  expect(() => requireFree(join(home, 'new/paper'))).not.toThrow();
});
