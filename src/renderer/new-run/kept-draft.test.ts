import { expect, test, vi } from 'vitest';
import type { RunDraft } from './draft.ts';

vi.mock('../state/view.ts', () => ({}));

const { keepDraft, keptDraft } = await import('./new-run.ts');

test('what was typed is kept for each opening of its own', () => {
  const draft = (dataset: string) => ({ dataset, models: [], problems: 1 }) as unknown as RunDraft;
  keepDraft({}, draft('films'));
  keepDraft({ model: 'ease' }, draft('books'));
  const datasets = [{ name: 'films' }, { name: 'books' }];
  expect(keptDraft({}, datasets)).toMatchObject({ dataset: 'films', problems: 0 });
  expect(keptDraft({ model: 'ease' }, datasets)).toMatchObject({ dataset: 'books' });
  expect(keptDraft({ model: 'sasrec' }, datasets)).toBeNull();
  expect(keptDraft({}, [{ name: 'books' }])).toBeNull();
  keepDraft({}, null);
  expect(keptDraft({}, datasets)).toBeNull();
});
