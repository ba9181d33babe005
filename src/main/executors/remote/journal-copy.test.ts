import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { TrainerEvent } from '../../../core/training/events.ts';
import { JournalWriter } from '../../../core/training/journal.ts';
import { JournalCopy } from './journal-copy.ts';

// A disk that is nearly full takes a part of what is written at a place.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeSync = (file: number, bytes: Buffer, at: number, length?: number, place?: number) =>
    fs.writeSync(file, bytes, at, place === undefined ? length : Math.ceil(Number(length) / 2), place);
  return { ...fs, writeSync };
});

const log = (message: string): TrainerEvent => ({ type: 'log', time: 1, level: 'info', message });

/** A journal there, and its copy here. */
function place() {
  const there = join(mkdtempSync(join(tmpdir(), 'tessera-there-')), 'events.jsonl');
  const here = join(mkdtempSync(join(tmpdir(), 'tessera-here-')), 'run', 'events-1-1.jsonl');
  const heard: string[] = [];
  const copy = new JournalCopy(here, 0, ({ events }) => {
    for (const event of events) if (event.type === 'log') heard.push(event.message);
  });
  const look = (most = Number.POSITIVE_INFINITY) => {
    const bytes = readFileSync(there);
    copy.add(bytes.subarray(copy.offset, copy.offset + most), copy.offset, bytes.length);
  };
  return { there, here, heard, copy, look };
}

it('is whole on a disk that takes a part at a time, however it comes', () => {
  const { there, here, heard, copy, look } = place();
  const writer = new JournalWriter(there);
  writer.append([log('one'), log('two')]);
  while (copy.offset < readFileSync(there).length) look(7);
  expect(heard).toEqual(['one', 'two']);
  expect(readFileSync(here)).toEqual(readFileSync(there));
});

it('takes what follows where a trainer that was started again has cut a line', () => {
  const { there, here, heard, look } = place();
  const first = new JournalWriter(there);
  first.append([log('one')]);
  appendFileSync(there, '400 0000');
  look();
  first.close();
  const second = new JournalWriter(there, { again: true });
  second.append([log('two'), log('three')]);
  // Nobody knows when it cut that.
  look();
  expect(heard).toEqual(['one', 'two', 'three']);
  expect(readFileSync(here)).toEqual(readFileSync(there));
  // Shorter than what is known, it was cut since.
  writeFileSync(there, readFileSync(there).subarray(0, -5));
  look();
  expect(heard).toHaveLength(3);
});
