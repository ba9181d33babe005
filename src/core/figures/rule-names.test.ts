import { expect, test } from 'vitest';
import { ruleNames } from './rule-names.ts';
import { textWidth } from './text.ts';

const rule = (at: number, label?: string) => ({ axis: 'x' as const, at, label });
const scale = { place: (at: number) => 100 + at };

test('names keep apart in as few lines as that takes, centred as far as the drawing reaches', () => {
  const rules = [
    rule(300, 'Popularity 0.0053'),
    rule(0, 'ItemKNN 0.0353'),
    rule(10, 'TIGER 0.0348'),
    rule(5),
  ];
  const names = ruleNames({ rules: [...rules, { ...rule(8, 'y'), axis: 'y' }] }, scale, 410);
  expect(names.map(({ at, line }) => [at, line])).toEqual([
    [0, 0],
    [10, 1],
    [300, 0],
  ]);
  expect(names[0].shift).toBe(0);
  // The last one would end beyond the drawing.
  expect(400 + names[2].shift + textWidth('Popularity 0.0053', 11) / 2).toBeLessThanOrEqual(410 + 1);
  expect(names[2].shift).toBeLessThan(0);
});

test('in a line no two names touch', () => {
  const rules = Array.from({ length: 40 }, (_, at) => rule((at * 37) % 300, `Model ${at} 0.0${at}`));
  const boxes = ruleNames({ rules }, scale, 500).map(({ at, label, line, shift }) => {
    const half = textWidth(label, 11) / 2;
    return { line, from: 100 + at + shift - half, to: 100 + at + shift + half };
  });
  for (const [one, a] of boxes.entries())
    for (const b of boxes.slice(one + 1))
      expect(a.line !== b.line || a.to < b.from || b.to < a.from).toBe(true);
  expect(Math.min(...boxes.map(({ from }) => from))).toBeGreaterThanOrEqual(0);
});
