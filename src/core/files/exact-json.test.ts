import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ExactJson, NumberText, parseExactJson } from './exact-json.ts';

const plain = (value: ExactJson | undefined): unknown =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([key, own]) => [key, plain(own)]))
    : Array.isArray(value)
      ? value.map(plain)
      : value instanceof NumberText
        ? Number(value.text)
        : value;

test('every JSON text has the value that JSON.parse gives it', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(0, 2), (text, indent) => {
      const value: unknown = JSON.parse(text);
      expect(plain(parseExactJson(JSON.stringify(value, null, indent)))).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});

test('numbers keep their digits, and objects the order of their keys', () => {
  const value = parseExactJson('{"10": 9007199254740993, "2": 1e400, "1": NaN, "0": -Infinity}') as Map<
    string,
    NumberText
  >;
  expect([...value].map(([key, { text }]) => [key, text])).toEqual([
    ['10', '9007199254740993'],
    ['2', '1e400'],
    ['1', 'NaN'],
    ['0', '-Infinity'],
  ]);
});

test('what is no JSON has no value', () => {
  const damaged = [
    '',
    '{',
    '[1,]',
    '{"a" 1}',
    '{a: 1}',
    '[1 2]',
    '1 2',
    '"\\x"',
    '01',
    '[}',
    ',',
    '[1',
    '{"a":1,}',
  ];
  for (const text of [...damaged, '['.repeat(10_000)])
    expect([text, parseExactJson(text)]).toEqual([text, undefined]);
});
