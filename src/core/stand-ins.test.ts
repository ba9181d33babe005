import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type NamedThing, standIns } from './stand-ins.ts';

const CUT = 2_000;
const of = (things: NamedThing[]) => standIns(things, CUT);
const named = (kind: string, ...names: string[]): NamedThing => ({ kind, names });

it('replaces names by their kind and a number, the longest first', () => {
  const anonymous = of([
    named('run', 'lab', '2ndz1d54qvx'),
    named('run', 'lab-gpu hstu'),
    named('data set', 'My  Books'),
    named('host', 'lab-gpu'),
    named('host', 'ada@node', 'ada', 'node'),
    named('data set', 'a'),
  ]);
  expect(anonymous('Lab-GPU HSTU on lab-gpu: lab (2ndz1d54qvx) reads my books, a b')).toBe(
    '<run 2> on <host A>: <run 1> (<run 1>) reads <data set 1>, <data set 2> b',
  );
  expect(anonymous('ssh: ada@node: node and ada')).toBe('ssh: <host B>: <host B> and <host B>');
});

it('replaces what looks like a user, a host, a file or a path, and leaves the words of the program', () => {
  const anonymous = of([]);
  expect(anonymous('connect to eve@gpu7.uni.example port 22, 10.0.0.7, fe80:0:0:1::2')).toBe(
    'connect to <user>@<name> port 22, <address>, <address>',
  );
  expect(anonymous("cannot open Data/ratings.csv or 'my ratings.csv' at https://x.example/y")).toBe(
    "cannot open <path> or 'my <name>' at <address>",
  );
  const own =
    'uncaught: Error: x is not a function at hub.close (…) at async Promise.all main.js:1:2 3/4 24.21.0';
  expect(anonymous(own)).toBe(own);
});

it('leaves no beginning of a name at the end of a line that was cut', () => {
  const line = `${'x '.repeat(CUT)}secret-project`.slice(-CUT - 5, -5);
  expect(of([named('run', 'secret-project')])(line)).not.toContain('secret');
});

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '-', ' ', '.', 'é', '7'), maxLength: 8 });

it('leaves no name of a home in a text, also where one contains another', () => {
  const given = fc.array(word, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(given, fc.array(fc.oneof(word, fc.nat({ max: 11 })), { maxLength: 20 }), (names, parts) => {
      const kinds = ['run', 'host', 'data set'];
      const things = names.map((name, at) => named(kinds[at % 3], name));
      const text = parts.map((part) => (typeof part === 'number' ? (names[part] ?? '') : part)).join('');
      const line = text.replace(/\s+/g, ' ');
      const rest = of(things)(line)
        .toLowerCase()
        .replace(/<[^<>]*>/g, '§');
      for (const name of names) {
        const one = name.replace(/\s+/g, ' ').trim().toLowerCase();
        if (one.length >= 3) expect(rest).not.toContain(one);
        else if (/[\p{L}\p{N}]/u.test(one)) expect(rest.split(/\s/)).not.toContain(one);
      }
    }),
    { numRuns: 2_000 },
  );
});
