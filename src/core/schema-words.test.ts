import { expect, it } from 'vitest';
import { z } from 'zod';
// What sets the words.
import './errors.ts';

const CASES: [schema: z.ZodType, value: unknown, words: string][] = [
  [z.string(), 2024, 'must be text, not a number: put it in quotes'],
  [z.string(), false, 'must be text, not false: put it in quotes'],
  [z.string(), null, 'must be text, not empty'],
  [z.string(), undefined, 'is missing'],
  [z.string(), ['a'], 'must be text, not a list'],
  [z.int(), 2.5, 'must be a whole number, not 2.5'],
  [z.number(), '7', 'must be a number, not text'],
  [z.number(), Number.POSITIVE_INFINITY, 'must be a number, not Infinity'],
  [z.number().min(1), 0, 'must be at least 1'],
  [z.number().positive(), 0, 'must be more than 0'],
  [z.number().lt(3), 3, 'must be less than 3'],
  [z.string().min(1), '', 'must not be empty'],
  [z.string().max(3), 'word', 'must have at most 3 characters'],
  [z.array(z.int()).min(1), [], 'must have at least 1 item'],
  [z.tuple([z.number(), z.number()]), [1], 'must have at least 2 items'],
  [z.enum(['acm', 'ieee']), 'html', 'must be one of acm, ieee'],
  [z.literal('none'), 'some', 'must be none'],
  [z.strictObject({ a: z.int() }), { a: 1, b: 2 }, 'there is no "b" here'],
  [z.record(z.string(), z.int()), [], 'must be keys with values, not a list'],
  [z.string().regex(/^a+$/), 'b', 'must have the form /^a+$/'],
  [z.int().multipleOf(8), 12, 'must be a multiple of 8'],
  [z.union([z.string(), z.number()]), true, 'must be text or a number'],
  [z.union([z.string(), z.number()]), undefined, 'is missing'],
  [
    z.union([z.string(), z.object({ a: z.object({ b: z.int() }) })]),
    { a: { b: 'x' } },
    'a.b: must be a number, not text',
  ],
  [z.union([z.enum(['a']), z.array(z.string())]), 5, 'must be a or a list'],
];

it('says what is wrong with a value in words of nobody who writes schemas', () => {
  const told = CASES.map(([schema, value]) => {
    const [{ path, message }] = schema.safeParse(value).error?.issues ?? [];
    return [...path, message].join(': ');
  });
  expect(told).toEqual(CASES.map(([, , words]) => words));
});
