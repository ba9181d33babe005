import { expect, test } from 'vitest';
import { checkMetricNames } from '../../core/evaluation/metrics-table.ts';
import { MAIN_METRICS, MAIN_RESULTS } from './main-metrics.ts';

test('the main metrics are names that runs can have', () => {
  checkMetricNames([...MAIN_RESULTS, ...MAIN_METRICS.map((name) => `valid/${name}`)]);
  expect(() => checkMetricNames(['test/log-loss'])).toThrow('test/log-loss');
});
