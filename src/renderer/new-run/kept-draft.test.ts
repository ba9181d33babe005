import { expect, test, vi } from 'vitest';
import { keepDraft } from '../state/drafts.ts';
import { HERE } from './place.ts';
import { firstScaling, firstSearch } from './searches.ts';

vi.mock('../state/view.ts', () => ({}));

const { keepRunDraft, keptRunDraft } = await import('./new-run.ts');

test('what an earlier version kept, which varied nothing, is read', () => {
  const model = { model: 'ease', preset: '', overrides: { l2: 3 }, problems: 0 };
  const old = { dataset: 'films', models: [model], shared: {}, problems: 0, seeds: '1', device: 'auto' };
  keepDraft('new run {}', { ...old, threads: '', where: HERE, name: '', tags: '', project: '' });
  expect(keptRunDraft({}, [{ name: 'films' }])).toMatchObject({
    models: [{ overrides: { l2: 3 }, vary: {} }],
    scaling: firstScaling,
  });
});

test('what was typed is kept for each opening of its own', () => {
  const draft = (dataset: string) => ({
    ...{
      dataset,
      models: [],
      shared: {},
      texts: {},
      problems: 1,
      seeds: '1',
      device: 'auto' as const,
      threads: '',
    },
    ...{ where: HERE, name: '', tags: '', project: '', search: firstSearch, scaling: firstScaling },
  });
  keepRunDraft({}, draft('films'));
  keepRunDraft({ model: 'ease' }, draft('books'));
  const datasets = [{ name: 'films' }, { name: 'books' }];
  expect(keptRunDraft({}, datasets)).toMatchObject({ dataset: 'films', problems: 0 });
  expect(keptRunDraft({ model: 'ease' }, datasets)).toMatchObject({ dataset: 'books' });
  expect(keptRunDraft({ model: 'sasrec' }, datasets)).toBeNull();
  expect(keptRunDraft({}, [{ name: 'books' }])).toBeNull();
  keepRunDraft({}, { ...draft('films'), texts: { protocol: 'half a pro' } });
  expect(keptRunDraft({}, datasets)).toMatchObject({ problems: 1, texts: { protocol: 'half a pro' } });
  keepRunDraft({}, null);
  expect(keptRunDraft({}, datasets)).toBeNull();
});
