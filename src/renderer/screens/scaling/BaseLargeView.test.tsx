import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { BaseLarge } from '../../../core/api/studies.ts';
import { BaseLargeView } from './BaseLargeView.tsx';

const step = { base: 0.2, large: 0.1, change: -0.1, percent: -50 };
const side = (blocks: number) => ({ blocks, runs: [], parameters: 10, seconds: 1 });
const column = { name: 'test/ndcg@10', label: 'NDCG@10', direction: 'higher', decimals: 4 };

const comparison = {
  columns: [column],
  models: [{ model: 'sasrec', base: side(2), large: side(8), cells: [{ ...step, significance: null }] }],
  published: [
    {
      ...{
        source: 'FuXi-α, 2025',
        dataset: 'MovieLens-1M',
        ours: true,
        where: 'Table 1',
        protocol: 'theirs',
      },
      ...{ columns: [column], footnotes: [], remarks: [] },
      steps: [
        {
          ...{ model: 'sasrec', names: ['SASRec', 'SASRec-Large'], blocks: [2, 8], marks: [] },
          cells: [{ ...step, percent: -25, marks: [] }],
        },
      ],
    },
  ],
  warnings: ['Not above Popularity: SASRec base.'],
} as unknown as BaseLarge;

test('a published change is told as that of a paper, and what to know of ours stands below the table', async () => {
  mount(<BaseLargeView comparison={comparison} dataset="films" />, {});
  const table = within(await screen.findByRole('table', { name: 'Base against Large' }));
  expect(table.getAllByRole('columnheader').map(({ textContent }) => textContent)).toEqual([
    ...['Model', 'Blocks', 'Base', 'Large', 'Change %', '95 % interval', 'p, Holm'],
    'paper of FuXi-α, MovieLens-1M, %',
  ]);
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toContain(
    'Not above Popularity: SASRec base.',
  );
});
