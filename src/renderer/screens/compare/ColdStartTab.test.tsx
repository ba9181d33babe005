import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { ComparedRow, ComparisonView, SliceComparison } from '../../../core/api/compare.ts';
import { ColdStartTab } from './ColdStartTab.tsx';

const row = (id: string, model: string, parameters: number | null) =>
  ({
    ...{ id, name: id, model, parameters, protocol: 0, seeds: [1], runs: [{ id, name: id, seed: 1 }] },
    ...{ label: { title: id, detail: '' }, cells: [], notes: [], program: null, coverage: null },
  }) as unknown as ComparedRow;

const view = {
  ...{ baseline: null, columns: [], footnotes: [] },
  rows: [
    row('words', 'brew', 194_752),
    row('pieces', 'dlrm', 2_500),
    row('shares', 'click-rates', null),
    row('own', 'dlrm', 1_250_000),
  ],
  protocols: [{ protocol: { task: 'ranking', tasks: ['click'] } }],
  configs: [{ key: 'itemRepresentation', values: [null, 'spm', null, 'id'] }],
} as unknown as ComparisonView;

const slices: SliceComparison[] = view.rows.map(({ id }) => ({
  id,
  slices: [
    ...[{ by: 'all', slice: 'all rows', description: '', users: 400 } as const],
    ...[{ by: 'item age', slice: '0', description: '', users: 24 } as const],
  ].map((slice) => ({ ...slice, metrics: { 'test/auc': 0.5 }, intervals: {} })),
}));

test('what stands for an item is said of rows that have the setting, beside numbers trained and their bytes', async () => {
  mount(<ColdStartTab view={view} />, { compare: { slices: () => slices } });
  const table = within(await screen.findByRole('table', { name: /^AUC by training rows of the item/ }));
  const heads = table.getAllByRole('columnheader').map(({ textContent }) => textContent);
  expect(heads).toEqual([
    ...['Item is', 'Run', 'Parameters', 'Size'],
    ...['all rows (400 rows)', '0 (24 rows)'],
  ]);
  const texts = table
    .getAllByRole('row')
    .slice(1)
    .map((one) => Array.from(one.querySelectorAll('th, td'), ({ textContent }) => textContent?.trim()));
  expect(texts.map((cells) => cells.slice(0, 4))).toEqual([
    ['id', 'own', '1,250,000', '5.0 MB'],
    ['spm', 'pieces', '2,500', '10.0 kB'],
    ['–', 'words', '194,752', '779.0 kB'],
    ['–', 'shares', '–', '–'],
  ]);
  expect(
    screen.getByText(
      /–: under "Item is" the model has no such setting; under "Parameters" they were not counted\.$/,
    ),
  ).toBeTruthy();
});
