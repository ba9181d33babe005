import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { StudyLaw } from '../../../core/api/studies.ts';
import { LawsTable } from './LawsTable.tsx';

const range = [0.1, 0.2] as const;
const fit = {
  ...{ law: { e: 5, x0: 1e4, alpha: 0.3 }, r2: 0.99, cautions: [] },
  intervals: { e: range, x0: range, alpha: range },
};
const law = (guess: number) =>
  ({
    ...{ axis: 'parameters', metric: 'cross-entropy', fixed: '100 % of the users', guess, fit, curve: [] },
    ...{ points: [{ x: 1, y: 7, label: '2x1x1' }], heldOut: null, problems: [] },
  }) as unknown as StudyLaw;

test('no exponent is listed where nothing was learned', () => {
  const { rerender } = render(<LawsTable laws={[law(8)]} />);
  expect(screen.getByRole('table', { name: 'Laws' }).textContent).toContain('0.3');
  rerender(<LawsTable laws={[law(6)]} />);
  expect(screen.getByRole('table', { name: 'Laws' }).textContent).not.toContain('0.3');
});
