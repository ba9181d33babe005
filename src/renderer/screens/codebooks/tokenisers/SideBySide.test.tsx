import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { CodebookFacts } from '../../../../core/api/codebooks.ts';
import { ChosenMeasures } from './SideBySide.tsx';

const facts = (run: string, seed: number, name = `rq-vae-club-seed${seed}`) =>
  ({
    ...{ run, model: 'rq-vae', seed, name, dataset: { name: 'club' } },
    measures: [{ name: 'ids/collision-rate', label: 'Collision rate', decimals: 4, value: seed / 10 }],
  }) as unknown as CodebookFacts;

const heads = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent);

test('two tokenisers are headed by what tells them apart, however narrow the columns', () => {
  const { unmount } = render(<ChosenMeasures facts={[facts('a', 2), facts('b', 1)]} />);
  expect(heads()).toEqual(['Measure', 'seed 2', 'seed 1']);
  unmount();
  render(<ChosenMeasures facts={[facts('a', 2), facts('b', 1, 'by title')]} />);
  expect(heads()).toEqual(['Measure', 'RQ-VAE', 'by title']);
});
