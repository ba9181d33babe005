import { screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { Coloured } from '../../../core/api/colours.ts';
import type { ReliabilityCurve } from '../../../core/api/compare.ts';
import { Reliability } from './Reliability.tsx';

test('bins of as many rows each are numbered, and said to be no stretches of probability', async () => {
  const bins = [0.34, 0.36].map((meanProbability, index) => ({
    ...{ index, meanProbability, count: 50, meanLabel: 0.2 },
  }));
  const curve = { id: 'a', bins, expected: 0.1, maximum: 0.2, task: 'click' } as unknown as ReliabilityCurve;
  const rows = [{ id: 'a', name: 'DLRM', model: 'dlrm' } as unknown as Coloured & { name: string }];
  mount(<Reliability rows={rows} />, { compare: { reliability: () => [curve] } });
  const table = await screen.findByRole('table', { name: 'Bins' });
  expect([...table.querySelectorAll('tbody th')].map(({ textContent }) => textContent)).toEqual(['1', '2']);
  expect(screen.getByRole('heading', { name: /^Bins/ }).textContent).toContain('as many rows each');
});
