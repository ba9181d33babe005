import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { RESULT } from '../../../test/store/records.ts';
import { thisMachine } from '../machine.ts';
import type { TrainerEvent } from './events.ts';
import {
  giveUpJournal,
  isWriterAlive,
  JournalWriter,
  readJournal,
  readToEnd,
  writeRequest,
  writerOf,
} from './journal.ts';

const place = () => join(temporaryHome(), 'events-1.jsonl');

function written(path: string, events: readonly TrainerEvent[]): Buffer {
  const journal = new JournalWriter(path);
  for (const event of events) journal.append([event]);
  journal.close();
  return readFileSync(path);
}

const numbers = fc.array(fc.double({ noDefaultInfinity: false, noNaN: false }), { maxLength: 5 });
const events = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('log' as const),
      level: fc.constantFrom('info' as const, 'warn' as const, 'error' as const),
      message: fc.string({ unit: 'grapheme' }),
    }),
    numbers.map((values): TrainerEvent => {
      const steps = values.map((_, index) => index + 1);
      const points = [{ metric: 'train/loss', steps, epochs: steps, times: steps, values }];
      return { type: 'series', points };
    }),
    fc.int32Array({ maxLength: 20 }).map((ranks): TrainerEvent => {
      const lists = { split: 'test', candidates: 9, topK: 0, topItems: new Int32Array(0) } as const;
      const of = { ...lists, users: ranks, targets: ranks, ranks, historyLengths: ranks };
      return { type: 'result', result: { ...RESULT, ranks: [of] } };
    }),
  ),
  { maxLength: 8 },
);

/** JSON knows no -0. */
const plain = (told: readonly TrainerEvent[]) =>
  told.map((event) =>
    event.type === 'series'
      ? {
          ...event,
          points: event.points.map((one) => ({ ...one, values: one.values.map((value) => value + 0) })),
        }
      : event,
  );

describe('a journal', () => {
  it('gives back what was told, whatever the numbers and words', () => {
    fc.assert(
      fc.property(events, (told) => {
        const path = place();
        written(path, told);
        expect(readJournal(path, 0).events).toEqual(plain(told));
        expect([...readToEnd(path, 0)].flatMap((part) => part.events)).toEqual(plain(told));
      }),
      { numRuns: 50 },
    );
  });

  it('that was cut anywhere gives what is whole, and the rest once it is there', () => {
    fc.assert(
      fc.property(events, fc.nat(), (told, cut) => {
        const path = place();
        const bytes = written(path, told);
        const at = cut % (bytes.length + 1);
        writeFileSync(path, bytes.subarray(0, at));
        const first = readJournal(path, 0);
        expect(first.events).toEqual(plain(told.slice(0, first.events.length)));
        expect(first.offset).toBeLessThanOrEqual(at);
        appendFileSync(path, bytes.subarray(at));
        const rest = readJournal(path, first.offset);
        expect([...first.events, ...rest.events]).toEqual(plain(told));
        expect(rest.offset).toBe(bytes.length);
      }),
      { numRuns: 50 },
    );
  });

  it('with a wrong byte never says what was not told, and says which line it passed over', () => {
    fc.assert(
      fc.property(events, fc.nat(), fc.integer({ min: 1, max: 255 }), (told, index, flip) => {
        const path = place();
        const bytes = written(path, told);
        bytes[index % bytes.length] ^= flip;
        writeFileSync(path, bytes);
        const known = plain(told);
        for (const event of readJournal(path, 0).events) {
          if (event.type === 'log' && event.message.includes('is damaged and was skipped')) continue;
          expect(known).toContainEqual(event);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('is read where its folder was carried, with the checkpoints there', () => {
    const home = temporaryHome();
    const [from, to] = [join(home, 'here'), join(home, 'there')];
    mkdirSync(from);
    const checkpoint = { path: join(from, 'checkpoints', 'last-6.safetensors'), epoch: 1, step: 6 };
    written(join(from, 'journal'), [{ type: 'checkpoint', checkpoint: { ...checkpoint, kind: 'last' } }]);
    renameSync(from, to);
    const [event] = readJournal(join(to, 'journal'), 0).events;
    expect(event).toMatchObject({ checkpoint: { path: join(to, 'checkpoints', 'last-6.safetensors') } });
  });

  it('parts the ranks of very many users, and reads them as one result from any place before it', () => {
    const users = Int32Array.from({ length: 25 }, (_, user) => user);
    const lists = { users, targets: users, ranks: users.map((user) => user + 1), historyLengths: users };
    const topItems = Int32Array.from({ length: 50 }, (_, at) => at);
    const ranks = (['valid', 'test'] as const).map((split) => ({
      ...{ split, candidates: 30, topK: 2, topItems },
      ...lists,
    }));
    const result: TrainerEvent = { type: 'result', time: 5, result: { ...RESULT, ranks } };
    const log: TrainerEvent = { type: 'log', level: 'info', message: 'tested' };
    const path = place();
    const journal = new JournalWriter(path, { mostUsers: 10 });
    const begun = journal.append([]);
    journal.append([log, result]);
    expect(
      readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"ranks"')),
    ).toHaveLength(7);
    expect(readJournal(path, 0)).toMatchObject({ events: [log, result], ending: { outcome: 'completed' } });
    // A reader that has read the ranks already comes back for the result.
    const text = readFileSync(path, 'utf8');
    const later = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1));
    expect(later).toBeGreaterThan(begun);
    expect(readJournal(path, later).events).toEqual([result]);
    const damaged = place();
    writeFileSync(damaged, text.replace('"type":"ranks"', '"type":"Ranks"'));
    expect(readJournal(damaged, 0).events.map(({ type }) => type)).toEqual(['log', 'log', 'log']);
    expect(readJournal(damaged, 0).ending).toBeNull();
  });

  it('names no file outside of its run', () => {
    const path = place();
    const checkpoint = { path: '/etc/passwd', epoch: 1, step: 6, kind: 'last' as const };
    written(path, [{ type: 'checkpoint', checkpoint }]);
    expect(readJournal(path, 0).events).toEqual([expect.objectContaining({ type: 'log', level: 'warn' })]);
  });

  it('says how its trainer ended', () => {
    const path = place();
    const journal = new JournalWriter(path);
    expect(readJournal(path, 0).ending).toBeNull();
    journal.append([{ type: 'failed', time: 7, outcome: 'out-of-memory', message: 'too large', log: null }]);
    expect(readJournal(path, 0).ending).toMatchObject({
      outcome: 'out-of-memory',
      message: 'too large',
      time: 7,
    });
    expect([writerOf(path)?.pid, isWriterAlive(path, thisMachine)]).toEqual([process.pid, true]);
    journal.close();
  });

  it('that has been given up is not begun, and one that has begun cannot be', () => {
    const path = place();
    giveUpJournal(path);
    expect(() => new JournalWriter(path)).toThrow('EEXIST');
    expect(isWriterAlive(path, thisMachine)).toBe(false);
    const other = place();
    written(other, [{ type: 'log', level: 'info', message: 'first' }]);
    giveUpJournal(other);
    expect(readJournal(other, 0).events).toHaveLength(1);
  });

  it('that its trainer was killed in the middle of is whole again where the trainer goes on', () => {
    const path = place();
    written(path, [{ type: 'log', level: 'info', message: 'first' }]);
    const whole = readFileSync(path).length;
    appendFileSync(path, '70 00000000 {"type":"log","lev');
    const again = new JournalWriter(path, { again: true });
    expect(again.append([{ type: 'log', level: 'info', message: 'second' }])).toBe(readFileSync(path).length);
    again.close();
    const { events } = readJournal(path, 0);
    expect(events.map((event) => event.type === 'log' && event.message)).toEqual(['first', 'second']);
    expect(readJournal(path, whole).events).toHaveLength(1);
  });

  it('passes on what a reader asks of its trainer, and that it is gone', async () => {
    const path = place();
    const journal = new JournalWriter(path);
    expect(journal.request()).toBeNull();
    writeRequest(path, 'stopAfterEpoch');
    expect(journal.request()).toBe('stopAfterEpoch');
    writeRequest(path, 'stop');
    expect(journal.request()).toBe('stop');
    journal.close();
  });
});
