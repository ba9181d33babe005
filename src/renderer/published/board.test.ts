import { expect, it } from 'vitest';
import type { BoardRow, PublishedBoard } from '../../core/api/published.ts';
import { notesOf, statementOf, usualSources } from './board.ts';

const source = (id: string) => ({
  ...{ id, name: id.toUpperCase(), venue: 'KDD', link: 'https://example.org', title: id },
  ...{ where: `The paper of ${id}`, protocol: 'full ranking', notes: [] as string[] },
});

function row(title: string, ours: number | null, values: (number | null)[], names = [title]): BoardRow {
  const printed = values.map((value) => (value === null ? null : { value, own: value > 0.5, names }));
  const best = printed.filter((value) => value !== null).sort((a, b) => b.value - a.value)[0] ?? null;
  const difference = (ours ?? 0) - (best?.value ?? 0);
  const percent = (100 * difference) / (best?.value ?? 1);
  return {
    ...{ key: title, model: title.toLowerCase(), title, printed, best },
    ours:
      ours === null
        ? null
        : {
            id: title,
            runs: [title],
            name: title,
            model: title,
            blocks: null,
            mean: ours,
            std: null,
            split: 'leave-last-out',
            seeds: 1,
          },
    lead: ours === null || !best ? null : { difference, percent, gain: percent },
  };
}

const board = (rows: BoardRow[]): PublishedBoard => ({
  rows,
  sources: rows[0].printed.map((_, at) => source(`s${at}`)),
  differences: [],
});

it('says how many of ours are near the published best or above it, and which one is farthest below', () => {
  const rows = [
    row('A', 0.11, [0.1, null]),
    row('B', 0.099, [0.1, 0.09]),
    row('C', 0.54, [0.6, 0.5]),
    row('D', null, [0.4, null]),
    row('E', 0.1, [null, null]),
  ];
  expect(statementOf(board(rows), 'ndcg@10')).toEqual({
    fact: 'Two of three models are within 2 % of the published best or better',
    limit: '; C is 10 % worse than its paper',
  });
  expect(statementOf(board(rows.slice(0, 2)), 'ndcg@10')).toEqual({
    fact: 'Both models are within 2 % of the published best or better',
    limit: undefined,
  });
  const far = [rows[2], row('F', 0.3, [0.6, 0.5]), row('G', 0.2, [0.6, 0.5])];
  expect(statementOf(board(far), 'ndcg@10').fact).toMatch(/^None of three models is within 2 %/);
  expect(statementOf(board(far.slice(1)), 'ndcg@10').fact).toMatch(/^Neither of the two models is within/);
  expect(statementOf(board([rows[0]]), 'ndcg@10').fact).toBe('A is 10 % better than the published best');
  expect(statementOf(board([rows[1]]), 'ndcg@10').fact).toBe('B is within 2 % of the published best');
  expect(statementOf(board([rows[3]]), 'ndcg@10')).toEqual({
    fact: 'No run of ours yet',
    limit: '; 2 sources report NDCG@10 of 1 model',
  });
});

it('shows the sources that have most of our models first, in their own order', () => {
  const rows = [
    row('A', 0.1, [null, 0.1, 0.1]),
    row('B', null, [0.1, 0.1, null]),
    row('C', null, [0.1, null, null]),
  ];
  expect(usualSources(board(rows), 2)).toEqual(['s1', 's2']);
  expect(usualSources(board(rows), 9)).toEqual(['s0', 's1', 's2']);
});

it('names the results that a value is the best of', () => {
  const [note] = notesOf(board([row('A', 0.1, [0.1], ['A, tuned', 'A, plain'])]));
  expect(note).toEqual({
    name: 'S0',
    text: 'Full ranking. A: the best of A, tuned; A, plain.',
  });
});
