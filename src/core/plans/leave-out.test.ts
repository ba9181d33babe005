import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { leaveOut, partsLeftOut } from './leave-out.ts';

const HEAD = '# Films\nplan: Films   # a question\ntables: [{ data: films }]\nmodels: [ease]\n';
const PAPERS: Record<string, string> = {
  'no line of it': '',
  'an empty line': 'paper:   # later\n',
  'a style': 'paper: { style: ieee }   # two columns\nseeds: 1-3\n',
  lines: 'paper:\n  # two columns\n  style: ieee   # as they want it\n  label: tab:films\n',
};

test('what is left out is written, and taken away again without a trace and without a comment less', () => {
  for (const [what, paper] of Object.entries(PAPERS)) {
    const text = HEAD + paper;
    const left = leaveOut(text, ['zero', 'second']);
    expect(partsLeftOut(text), what).toEqual([]);
    expect(partsLeftOut(left), what).toEqual(['zero', 'second']);
    expect(parse(leaveOut(left, ['zero'])).paper, what).toEqual({
      ...(parse(text).paper ?? {}),
      without: ['zero'],
    });
    const again = leaveOut(left, []);
    if (what === 'an empty line') expect(again, what).toBe(`${HEAD}paper: { without: [] }   # later\n`);
    else expect(again, what).toBe(text);
    for (const line of text.match(/#.*/g) ?? []) expect(again, what).toContain(line);
  }
});

test('a comment beside what is left out stays where nothing is left out any more', () => {
  const text = `${HEAD}paper:\n  without: [zero]   # our style\n`;
  expect(leaveOut(text, [])).toBe(`${HEAD}paper:\n  without: []   # our style\n`);
});

test('a text that does not tell stays as it is', () => {
  for (const text of [
    'models: [',
    '',
    'paper: { without: zero }\n',
    'paper: { without: [dagger] }\n',
    '[]',
  ]) {
    expect(partsLeftOut(text), text).toBe(null);
    expect(leaveOut(text, ['zero']), text).toBe(text);
  }
});
