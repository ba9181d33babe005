import { render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ComparedRow, ComparisonView } from '../../../core/api/compare.ts';
import { meaningOf } from '../../../core/api/metrics.ts';
import { explainWith } from '../../components/meaning.ts';
import { MetricNotes } from './MetricNotes.tsx';
import { RowName } from './MetricRow.tsx';

explainWith(meaningOf);

test('the simple baseline that every other model must beat says what it is, and is not called the baseline', () => {
  const row = {
    label: { title: 'EASE', detail: '' },
    notes: [],
    program: null,
    isBaseline: false,
    coverage: null,
  };
  render(<RowName row={row as unknown as ComparedRow} tile={undefined} isSimple />);
  expect(screen.getByText('Best simple').title).toContain('not worth its training');
  expect(screen.queryByText(/Baseline/i)).toBeNull();
});

test('a name is isolated from the numbers beside it, and what tells it apart stands beside it', () => {
  const label = { title: '\u062a\u062c 3', detail: 'dim 64' };
  const row = { label, notes: [], program: null, isBaseline: false, coverage: null };
  const { container } = render(<RowName row={row as unknown as ComparedRow} tile={undefined} />);
  const isolated = [...container.querySelectorAll('bdi')].map(({ textContent }) => textContent);
  expect(isolated).toEqual(['\u062a\u062c 3', ' dim 64']);
});

test('the marks of a row stand raised behind its name, and the share of users that it has lists of', () => {
  const row = {
    label: { title: 'SASRec', detail: '' },
    notes: [0, 2],
    program: 'RecBole',
    isBaseline: false,
    coverage: 0.989,
  };
  const { container } = render(<RowName row={row as unknown as ComparedRow} tile={undefined} />);
  expect(container.querySelector('sup')?.textContent).toBe('a c');
  expect(screen.getByText('98 %').title).toContain('Users with a list');
});

test('budgets of tuning that differ are said beneath the table', () => {
  const view = { rows: [], tuningNote: 'Tuned with different budgets: SASRec: 40 trials.' };
  render(<MetricNotes view={view as unknown as ComparisonView} shown={[]} hasPublished={false} />);
  expect(screen.getByText(/^Tuned with different budgets: SASRec: 40 trials/)).toBeTruthy();
});
