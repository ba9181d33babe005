import { afterAll, describe, expect, it, vi } from 'vitest';
import type { RunPage } from '../../../core/api/runs.ts';

vi.stubGlobal('window', { addEventListener: () => {} });
vi.stubGlobal('matchMedia', () => ({ addEventListener: () => {} }));
vi.stubGlobal('document', { hidden: true, fonts: { addEventListener: () => {} } });
vi.stubGlobal('location', { hash: '' });
vi.mock('../../state/connection.ts', () => ({ currentLink: () => new Promise(() => {}) }));

afterAll(() => {
  vi.unstubAllGlobals();
});

const { tabsOf } = await import('./run-tabs.tsx');

const away = { phase: 'pending' } as RunPage['live'];

/** Ids of the tabs of a run; those with nothing in them with why. */
function tabs(run: object, page: Partial<RunPage> = {}): string[] {
  const all = { live: null, series: [], checkpoints: [], ...page, run: { id: 'a', metrics: {}, ...run } };
  return tabsOf(all as unknown as RunPage).map(({ id, nothing }) => (nothing ? `${id}: ${nothing}` : id));
}

describe('the tabs of a run', () => {
  const own = { kind: 'own', place: null, status: 'completed', config: {} };

  it('of this program follow from its model, and where it trains', () => {
    const after = ['slices', 'config', 'system', 'log', 'checkpoints'];
    const recommender = ['curves', 'results', 'recommendations', ...after];
    expect(tabs({ ...own, model: 'sasrec' })).toEqual(recommender);
    expect(tabs({ ...own, model: 'sasrec', place: 'h' })).toEqual([...recommender, 'timeline']);
    expect(tabs({ ...own, model: 'rq-vae' })).toEqual(['curves', 'results', ...after.slice(1)]);
    const clicks = { ...own, model: 'dlrm', protocol: { task: 'ranking', tasks: ['click'] } };
    expect(tabs(clicks)).toEqual(['curves', 'results', 'calibration', ...after]);
    const nothing = 'Nothing has been trained yet';
    expect(tabs({ ...own, model: 'sasrec', place: 'h', status: 'running' }, { live: away })).toEqual([
      ...['timeline', `curves: ${nothing}`, `results: ${nothing}`, 'recommendations'],
      ...after,
    ]);
  });

  it('say what a file of results and another program do not have', () => {
    const none = (what: string) => `${what}: Its file of recommendations has no ${what}`;
    expect(tabs({ kind: 'external', status: 'completed', program: 'x', config: null })).toEqual([
      ...[none('curves'), 'results', 'recommendations', 'slices', none('config'), none('checkpoints')],
    ]);
    const unmeasured = 'Nothing of it was measured here: x trained it';
    expect(tabs({ kind: 'imported', status: 'completed', program: 'x', config: null })).toEqual([
      ...['curves', 'results', `recommendations: ${unmeasured}`, `slices: ${unmeasured}`],
      ...['config: x did not tell its config', 'log', 'checkpoints: x did not tell its checkpoints'],
    ]);
  });
});
