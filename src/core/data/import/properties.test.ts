import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runs } from '../../../../test/form.ts';
import { firstRecords, RecordSplitter, splitFields } from '../formats/text.ts';
import { openInteractions, readItemIds, readUserIds } from '../read.ts';
import { leaveLastOut } from '../splits/leave-last-out.ts';
import { trainedOn } from '../splits/split.ts';
import { splitByTime } from '../splits/time.ts';
import { importDataset } from './import.ts';
import type { ImportRequestInput } from './request.ts';

interface Row {
  user: string;
  item: string;
  rating: number;
  time: number;
}

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tessera-properties-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Ids with leading zeros, spaces, quotes, separators, line ends and any script. */
const weird = fc.oneof(
  fc.constantFrom(
    '007',
    '7',
    '07',
    ' 7',
    '7 ',
    'NULL',
    'null',
    'nan',
    '1e2',
    '100',
    '1.0',
    'ü',
    '李',
    'a"b',
    "o'x",
    'a,b',
    '-',
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }).filter((id) => !id.includes('\0')),
  fc.nat({ max: 2000 }).map(String),
);
const tame = weird.filter((id) => !/["\t\n\r]/.test(id) && id.trim() !== '');
const numbers = fc.nat({ max: 30 }).map(String);

function rowsOf(id: fc.Arbitrary<string>): fc.Arbitrary<Row[]> {
  const ids = (maxLength: number) => fc.uniqueArray(id, { minLength: 2, maxLength });
  return fc.tuple(ids(6), ids(8)).chain(([users, items]) => {
    const row = fc.record({
      user: fc.constantFrom(...users),
      item: fc.constantFrom(...items),
      rating: fc.integer({ min: 1, max: 10 }).map((half) => half / 2),
      time: fc.integer({ min: 0, max: 40 }).map((step) => 1_000_000_000 + step * 86_400),
    });
    const anchor = (user: string, item: string) => ({ user, item, rating: 3, time: 1_000_000_000 });
    // Enough to be accepted: two users, two items, one user with three interactions.
    const least = [
      anchor(users[0], items[0]),
      anchor(users[0], items[1]),
      anchor(users[0], items[0]),
      anchor(users[1], items[1]),
    ];
    return fc.array(row, { minLength: 10, maxLength: 60 }).map((rows) => [...rows, ...least]);
  });
}

function naiveSequences(rows: readonly Row[]): Map<string, string[]> {
  const sequences = new Map<string, string[]>();
  for (const { user, item } of rows.toSorted((a, b) => a.time - b.time)) {
    const sequence = sequences.get(user) ?? [];
    sequence.push(item);
    sequences.set(user, sequence);
  }
  return sequences;
}

async function importedSequences(
  name: string,
  content: string | Uint8Array,
  options: Partial<ImportRequestInput> = {},
) {
  const path = join(home, name);
  writeFileSync(path, content);
  const summary = await importDataset({ paths: [path], ...options }, { home });
  const directory = join(home, 'datasets', summary.id);
  const [data, users, items] = [
    await openInteractions(directory),
    await readUserIds(directory),
    await readItemIds(directory),
  ];
  rmSync(directory, { recursive: true });
  const sequences = new Map<string, string[]>();
  users.forEach((user, u) => {
    const part = data.itemIds.subarray(data.offsets[u], data.offsets[u + 1]);
    sequences.set(
      user,
      Array.from(part, (item) => items[item]),
    );
  });
  return { sequences, fingerprint: summary.fingerprint };
}

const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;
const csv = (rows: readonly Row[]) =>
  [
    'user,item,rating,timestamp',
    ...rows.map((r) => `${quote(r.user)},${quote(r.item)},${r.rating},${r.time}`),
  ].join('\n');
const tsv = (rows: readonly Row[]) =>
  ['user\titem\trating\ttimestamp', ...rows.map((r) => `${r.user}\t${r.item}\t${r.rating}\t${r.time}`)].join(
    '\n',
  );
const jsonLines = (rows: readonly Row[]) =>
  rows
    .map((r) =>
      JSON.stringify({ reviewerID: r.user, asin: r.item, overall: r.rating, unixReviewTime: r.time }),
    )
    .join('\n');

describe('round trip', () => {
  it('ids of any kind come back, in every format, gzipped or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOf(weird),
        rowsOf(tame),
        rowsOf(numbers),
        fc.boolean(),
        async (any, plain, whole, gzip) => {
          const pack = (text: string) => (gzip ? gzipSync(text) : text);
          const first = await importedSequences('rows.csv', pack(csv(any)));
          expect(first.sequences).toEqual(naiveSequences(any));
          const second = await importedSequences('rows.jsonl', pack(jsonLines(any)));
          expect(second).toEqual(first);
          expect((await importedSequences('rows.tsv', pack(tsv(plain)))).sequences).toEqual(
            naiveSequences(plain),
          );
          const unquoted = csv(whole).replaceAll('"', '');
          expect((await importedSequences('numbers.csv', pack(unquoted))).sequences).toEqual(
            naiveSequences(whole),
          );
        },
      ),
      { numRuns: runs(15) },
    );
  });

  it('the k-core equals repeated dropping', async () => {
    await fc.assert(
      fc.asyncProperty(
        rowsOf(numbers),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, minUser, minItem) => {
          const expected = naiveSequences(naiveCore(rows, minUser, minItem));
          const usable = expected.size > 1 && new Set([...expected.values()].flat()).size > 1;
          fc.pre(usable && [...expected.values()].some((sequence) => sequence.length >= 3));
          expect((await importedSequences('core.csv', csv(rows), { minUser, minItem })).sequences).toEqual(
            expected,
          );
        },
      ),
      { numRuns: runs(15) },
    );
  });
});

function naiveCore(rows: readonly Row[], minUser: number, minItem: number): Row[] {
  const times = (list: readonly Row[], key: 'user' | 'item', value: string) =>
    list.filter((row) => row[key] === value).length;
  const kept = rows.filter(
    (row) => times(rows, 'user', row.user) >= minUser && times(rows, 'item', row.item) >= minItem,
  );
  return kept.length === rows.length ? kept : naiveCore(kept, minUser, minItem);
}

describe('bad rows', () => {
  const good = fc.constantFrom('1,a,3,7', '2,"b,\n\nc",4,8', '"2","d",1,9', '3,"e""\r\nf",5,9');
  const bad = fc.constantFrom(
    '1,a,NaN,7',
    '1,a,3,noon',
    ',a,3,7',
    '1,"",3,7',
    '1,a,3',
    '1,a,3,7,8',
    '  ',
    '2,"x\ny",3',
  );
  const record = fc.oneof(
    { weight: 6, arbitrary: good.map((text) => ({ text, bad: false })) },
    { weight: 1, arbitrary: bad.map((text) => ({ text, bad: true })) },
    { weight: 1, arbitrary: fc.constant({ text: '', bad: false }) },
  );

  it('are counted, and shown with the lines they stand in', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 40 }),
        fc.boolean(),
        async (records, gzip) => {
          let line = 2;
          const lines: number[] = [];
          for (const { text, bad: isBad } of records) {
            if (isBad) lines.push(line);
            line += text.split(/\r\n|\n/).length;
          }
          fc.pre(lines.length > 0);
          const base = ['1,a,3,7', '1,d,3,7', '1,a,3,8', '2,a,3,7'];
          const text = [
            'user,item,rating,timestamp',
            ...records.map((entry) => entry.text),
            ...base,
            '',
          ].join('\n');
          const path = join(home, 'bad.csv');
          writeFileSync(path, gzip ? gzipSync(text) : text);
          const summary = await importDataset({ paths: [path], skipBadRows: true }, { home });
          rmSync(join(home, 'datasets', summary.id), { recursive: true });
          expect(summary.badRows).toBe(lines.length);
          const shown = summary.badRowExamples?.map((example) =>
            Number(example.slice(path.length).split(':')[1]),
          );
          expect(shown).toEqual(lines.slice(0, 5));
          const kept = records.filter((entry) => !entry.bad && entry.text !== '').length + base.length;
          expect(summary.statistics.interactions).toBe(kept);
        },
      ),
      { numRuns: runs(40) },
    );
  });
});

describe('records', () => {
  it('splitting in pieces gives the same records as splitting at once, with right lines and offsets', () => {
    const field = fc.oneof(
      fc.constantFrom('', 'a', '"x,y"', '"l\nm"', '"r\r\ns"', '"q""q"'),
      fc.nat().map(String),
    );
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), fc.integer({ min: 1, max: 9 }), (rows, end, size) => {
        const text = rows.map((row) => row.join(',') + end).join('');
        const dialect = { separator: ',', quoted: true };
        const records: { line: number; text: string }[] = [];
        const splitter = new RecordSplitter(dialect, ({ bytes, start, end: stop, line, flaw }) => {
          expect(flaw).toBeNull();
          records.push({ line, text: bytes.toString('utf8', start, stop) });
        });
        for (let at = 0; at < text.length; at += size) splitter.push(Buffer.from(text.slice(at, at + size)));
        splitter.end();
        let line = 1;
        const expected = rows.flatMap((row) => {
          const record = { line, text: row.join(',') };
          line += `${record.text}${end}`.split(/\r\n|\n/).length - 1;
          return record.text === '' ? [] : [record];
        });
        expect(records).toEqual(expected);
        const unquote = (value: string) =>
          value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value;
        expect(records.map((record) => splitFields(record.text, dialect))).toEqual(
          rows.map((row) => row.map(unquote)),
        );
        expect(firstRecords(text, dialect, 100, false)).toEqual(records.map((record) => record.text));
      }),
    );
  });
});

describe('leave-last-out', () => {
  it('parts every sequence into train, validation and test; short ones only train', () => {
    const lengths = fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lengths, (counts) => {
        const offsets = new Int32Array(counts.length + 1);
        counts.forEach((count, user) => {
          offsets[user + 1] = offsets[user] + count;
        });
        const itemIds = Int32Array.from({ length: offsets[counts.length] }, (_, index) => index);
        const split = leaveLastOut({
          users: counts.length,
          items: 1,
          catalogueItems: 1,
          offsets,
          itemIds,
          times: null,
          ratings: null,
        });
        const evaluated = counts.flatMap((count, user) => (count >= 3 ? [user] : []));
        expect(Array.from(split.usersWithTargets())).toEqual(evaluated);
        expect(split.evaluatedUsers).toBe(evaluated.length);
        counts.forEach((count, user) => {
          const held = count >= 3 ? 2 : 0;
          expect(split.trainEnd(user) - split.start(user)).toBe(count - held);
          if (held > 0)
            expect([split.validIndex(user), split.testIndex(user)]).toEqual([
              split.trainEnd(user),
              offsets[user + 1] - 1,
            ]);
        });
      }),
    );
  });

  it('by a share of the users trains on their whole training part and nothing of the others', () => {
    const users = 40;
    const offsets = Int32Array.from({ length: users + 1 }, (_, user) => 5 * user);
    const itemIds = new Int32Array(5 * users);
    const data = { users, items: 1, catalogueItems: 1, offsets, itemIds, times: null, ratings: null };
    const split = leaveLastOut(data);
    const trained = (share: number) => {
      const lengths = Array.from(trainedOn(split, share), (end, user) => end - offsets[user]);
      expect([...new Set(lengths)].every((length) => length === 0 || length === 3)).toBe(true);
      return lengths.flatMap((length, user) => (length > 0 ? [user] : []));
    };
    const [one, few, half, all] = [0.001, 0.25, 0.5, 1].map(trained);
    expect([one, few, half, all].map((list) => list.length)).toEqual([1, 10, 20, users]);
    expect(half).toEqual(expect.arrayContaining(few));
    expect(few).toEqual(expect.arrayContaining(one));
  });
});

describe('a split by time', () => {
  /** Times of each user in order, with many equal ones. */
  const users = fc.array(
    fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 8 }).map((times) => times.sort((a, b) => a - b)),
    { minLength: 1, maxLength: 20 },
  );
  const shares = fc.record({
    valid: fc.double({ min: 0.01, max: 0.4, noNaN: true }),
    test: fc.double({ min: 0.01, max: 0.4, noNaN: true }),
    validation: fc.boolean(),
  });
  const dataOf = (all: number[][]) => {
    const offsets = new Int32Array(all.length + 1);
    all.forEach(({ length }, user) => {
      offsets[user + 1] = offsets[user] + length;
    });
    const times = Float64Array.from(all.flat());
    const itemIds = Int32Array.from(times, (_, index) => index);
    return { users: all.length, items: 1, catalogueItems: 1, offsets, itemIds, times, ratings: null };
  };

  it('trains on nothing that happened at or after the cut, whatever the data', () => {
    fc.assert(
      fc.property(
        users.filter((all) => all.flat().length > 0),
        shares,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (all, share, trained) => {
          const split = splitByTime(dataOf(all), share);
          const { times, offsets } = split.interactions as ReturnType<typeof dataOf>;
          const ends = trainedOn(split, trained);
          const trainedTimes = all.flatMap((own, user) => own.slice(0, ends[user] - offsets[user]));
          const last = Math.max(...trainedTimes, Number.NEGATIVE_INFINITY);
          const indices = (which: 'valid' | 'test') =>
            Array.from(split.usersWithTargets(which), (user) =>
              which === 'valid' ? split.validIndex(user) : split.testIndex(user),
            );
          const [tests, valids] = [indices('test'), share.validation ? indices('valid') : []];
          for (const index of [...tests, ...valids]) expect(times[index]).toBeGreaterThan(last);
          const earliestTest = Math.min(...tests.map((index) => times[index]));
          for (const index of valids) expect(times[index]).toBeLessThan(earliestTest);
          expect(split.evaluatedUsers).toBe(tests.length);
        },
      ),
    );
  });

  it('asks every user with a history for the first interaction after the cut', () => {
    fc.assert(
      fc.property(
        users.filter((all) => all.flat().length > 0),
        shares,
        (all, share) => {
          const split = splitByTime(dataOf(all), share);
          const { offsets } = split.interactions;
          const sorted = all.flat().sort((a, b) => a - b);
          const cut = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * (1 - share.test)))];
          const expected = all.flatMap((own, user) => {
            const place = own.findIndex((time) => time >= cut);
            return place > 0 ? [[user, offsets[user] + place]] : [];
          });
          const found = Array.from(split.usersWithTargets('test'), (user) => [user, split.testIndex(user)]);
          expect(found).toEqual(expected);
          expect(split.newUsers).toBe(all.filter(([first]) => first >= cut).length);
          expect(all.map((_, user) => split.hasTargets(user))).toEqual(
            all.map((_, user) => expected.some(([one]) => one === user)),
          );
        },
      ),
    );
  });

  it('needs times', () => {
    const data = { ...dataOf([[1, 2, 3]]), times: null };
    expect(() => splitByTime(data, { valid: 0.1, test: 0.1, validation: true })).toThrow(/no times/);
  });
});
