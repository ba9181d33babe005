/** Which rows are left and in which order, and the fingerprint of that. */
import { describe, expect, it } from 'vitest';
import { importHome } from '../../../../test/fixtures/imports.ts';

const { write, imported, sequences } = importHome();

describe('filters and ties', () => {
  const text = `user,item,rating,timestamp
u,a,5,10
u,b,1,10
u,c,5,10
u,a,5,10
u,a,2,40
v,a,5,50
v,b,5,60
v,c,5,20
`;

  it('keeps the order of the file in ties, or shuffles it by the seed', async () => {
    const path = write('ties.csv', text);
    expect(await sequences(path)).toEqual(['u: a b c a a', 'v: c a b']);
    const shuffled = await Promise.all(
      [1, 1, 2, 3, 4].map((seed) => sequences(path, { ties: 'shuffle', seed })),
    );
    expect(shuffled[0]).toEqual(shuffled[1]);
    expect(new Set(shuffled.map(String)).size).toBeGreaterThan(1);
    for (const [u, v] of shuffled) {
      expect(u.slice(3).split(' ').sort().join('')).toBe('aaabc');
      expect(v).toBe('v: c a b');
    }
  });

  it('counts repeats, and drops them when told to', async () => {
    const path = write('repeats.csv', text);
    expect((await imported(path)).summary.duplicates).toBe(1);
    expect(await sequences(path, { dedupe: 'exact' })).toEqual(['u: a b c a', 'v: c a b']);
    expect(await sequences(path, { dedupe: 'first' })).toEqual(['u: a b c', 'v: c a b']);
    expect(await sequences(path, { dedupe: 'last' })).toEqual(['u: b c a', 'v: c a b']);
  });

  it('filters by rating and by date', async () => {
    const path = write('filters.csv', text);
    expect(await sequences(path, { minRating: 3 })).toEqual(['u: a c a', 'v: c a b']);
    expect(await sequences(path, { from: 20, to: '1970-01-01T00:01:00Z' }).catch(String)).toMatch(
      /too few interactions/,
    );
    expect(await sequences(path, { to: 50 })).toEqual(['u: a b c a a', 'v: c']);
  });

  it('says how many rows each filter left out, one after the other', async () => {
    const path = write('left-out.csv', `${text}w,a,5,1\nw,c,5,2\nw,d,5,3\nx,z,5,1\n`);
    const filters = { minRating: 2, to: 60, dedupe: 'exact', minUser: 3 } as const;
    const { filtered, statistics } = (await imported(path, filters)).summary;
    const source = { users: 4, items: 5, interactions: 12 };
    expect(filtered).toEqual({ source, rating: 1, dates: 1, repeats: 1, core: 3 });
    expect(statistics.interactions).toBe(6);
    const whole = (await imported(path)).summary.filtered;
    expect(whole).toEqual({ source, rating: 0, dates: 0, repeats: 0, core: 0 });
  });
});

describe('fingerprint', () => {
  const rows = ['1,10,5,1', '1,20,5,2', '1,30,5,3', '2,20,5,2', '2,10,5,2'];
  const fingerprint = async (name: string, lines: string[]) =>
    (await imported(write(name, `user,item,rating,timestamp\n${lines.join('\n')}\n`))).summary.fingerprint;

  it('is a function of which user interacted with which item in which order', async () => {
    const first = await fingerprint('f1.csv', rows);
    expect(await fingerprint('f2.csv', rows)).toBe(first);
    expect(await fingerprint('moved.csv', [rows[3], rows[2], rows[4], rows[0], rows[1]])).toBe(first);
    expect(await fingerprint('tie.csv', [rows[0], rows[1], rows[2], rows[4], rows[3]])).not.toBe(first);
    expect(
      await fingerprint(
        'renamed.csv',
        rows.map((row) => row.replace('20', '21')),
      ),
    ).not.toBe(first);
    // The same ids as text: an e anywhere keeps the import off the way over numbers.
    expect(
      await fingerprint(
        'text.csv',
        rows.map((row) => row.replace(',5,', ',5e0,')),
      ),
    ).toBe(first);
  });
});
