import { expect, test, vi } from 'vitest';
import { HERE } from './place.ts';

vi.mock('../state/view.ts', () => ({}));

const { keepRunDraft, keptRunDraft } = await import('./new-run.ts');

test('what was typed is kept for each opening of its own', () => {
  const draft = (dataset: string) => ({
    ...{ dataset, models: [], shared: {}, problems: 1, seeds: '1', device: 'auto' as const, threads: '' },
    ...{ where: HERE, name: '', tags: '', project: '' },
  });
  keepRunDraft({}, draft('films'));
  keepRunDraft({ model: 'ease' }, draft('books'));
  const datasets = [{ name: 'films' }, { name: 'books' }];
  expect(keptRunDraft({}, datasets)).toMatchObject({ dataset: 'films', problems: 0 });
  expect(keptRunDraft({ model: 'ease' }, datasets)).toMatchObject({ dataset: 'books' });
  expect(keptRunDraft({ model: 'sasrec' }, datasets)).toBeNull();
  expect(keptRunDraft({}, [{ name: 'books' }])).toBeNull();
  keepRunDraft({}, null);
  expect(keptRunDraft({}, datasets)).toBeNull();
});
