import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_VIEW, mainMetrics, runsView, shownView, viewOf, viewQuery } from './runs-view.ts';

const text = fc.oneof(fc.string(), fc.json());
const field = fc.constantFrom('name', 'metric:test/ndcg@10', 'config:dim');
const view = fc.record({
  columns: fc.option(fc.array(text, { minLength: 1 })),
  search: text,
  filters: fc.array(
    fc.record({
      field,
      operator: fc.constantFrom('=' as const, 'contains' as const),
      value: fc.oneof(text, fc.integer(), fc.boolean()),
    }),
  ),
  starred: fc.boolean(),
  archived: fc.constantFrom('hide' as const, 'only' as const, 'all' as const),
  sort: fc.option(fc.array(fc.record({ field, descending: fc.boolean() }))),
  groupBy: fc.option(fc.constantFrom('dataset', 'config:dim', 'model')),
  fold: fc.boolean(),
  closed: fc.array(text),
  open: fc.array(text),
});

it('reads from an address what it has written into it', () => {
  fc.assert(
    fc.property(view, (made) => {
      const address = new URLSearchParams(viewQuery(made)).toString();
      expect(viewOf(new URLSearchParams(address))).toEqual(made);
    }),
  );
  expect(viewQuery(DEFAULT_VIEW)).toEqual({});
});

it('takes what an address says wrongly as it is by default, and views of earlier versions as they are', () => {
  expect(viewOf(new URLSearchParams('fold=perhaps&sort=%7B&search=hstu&archived=some'))).toEqual({
    ...DEFAULT_VIEW,
    search: 'hstu',
  });
  const fields =
    '[{"field":"x","descending":true},{"field":"notes","descending":true},{"field":"model","descending":true}]';
  const filters = '[{"field":"gone","operator":"=","value":1}]';
  expect(viewOf(new URLSearchParams({ sort: fields, filters, groupBy: 'nothing', fold: 'false' }))).toEqual({
    ...{ ...DEFAULT_VIEW, fold: false },
    sort: [{ field: 'model', descending: true }],
  });
  const earlier = { columns: ['name'], widths: { name: 90 }, sort: [], groupBy: null, fold: false };
  expect(runsView.parse(earlier)).toMatchObject({ columns: ['name'], sort: [], groupBy: null, fold: false });
});

it('shows the metrics that runs have', () => {
  expect(mainMetrics(['test/hr@10', 'test/mrr', 'test/ndcg@10'])).toEqual(['test/ndcg@10', 'test/hr@10']);
  expect(mainMetrics(['test/auc', 'test/logloss'])).toEqual(['test/auc', 'test/logloss']);
  // Of two kinds of models those of the one that more runs are of.
  expect(mainMetrics(['test/ndcg@10', 'test/auc', 'test/hr@10'])).toEqual(['test/ndcg@10', 'test/hr@10']);
  expect(mainMetrics(['test/auc', 'test/ndcg@10', 'test/logloss'])).toEqual(['test/auc', 'test/logloss']);
  expect(mainMetrics([])).toEqual(['test/ndcg@10', 'test/hr@10']);
  const many = ['test/ndcg@10', 'test/hr@10', 'test/mrr', 'test/hr@50', 'test/hr@100'];
  const metricsOf = (isWide: boolean) =>
    shownView(DEFAULT_VIEW, { metrics: many, decisive: [] }, isWide).columns.filter((one) =>
      one.startsWith('metric:'),
    );
  expect(metricsOf(false)).toEqual(['metric:test/ndcg@10', 'metric:test/hr@10']);
  expect(metricsOf(true)).toEqual(many.slice(0, 4).map((name) => `metric:${name}`));
  const clicks = shownView(DEFAULT_VIEW, { metrics: ['test/logloss'], decisive: [] });
  expect(clicks.columns).toContain('metric:test/logloss');
  expect(clicks.sort).toEqual([{ field: 'metric:test/logloss', descending: false }]);
});
