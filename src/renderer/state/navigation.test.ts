import { afterAll, expect, test, vi } from 'vitest';

const location = { hash: '#/codebooks/a/pairs?at=1' };
const replaceState = vi.fn((_state: unknown, _title: string, address: string) => {
  location.hash = address;
});
vi.stubGlobal('window', { addEventListener: () => {} });
vi.stubGlobal('location', location);
vi.stubGlobal('history', { state: null, replaceState });

afterAll(() => {
  vi.unstubAllGlobals();
});

const { goTo, parseRoute, replaceQuery, routeLink, useAddress, useRoute } = await import('./navigation.ts');

test('a change of what is looked at replaces the address, and going elsewhere does not', () => {
  replaceQuery({ at: '1', order: 'use' });
  expect(location.hash).toBe('#/codebooks/a/pairs?at=1&order=use');
  expect(replaceState).toHaveBeenCalledOnce();
  expect(useRoute.getState().query.get('order')).toBe('use');
  goTo('codebooks', ['b']);
  expect(replaceState).toHaveBeenCalledOnce();
  expect(useRoute.getState().path).toEqual(['b']);
});

test('another screen is answered at once and shown after the paint, whatever changes on the last one before it', async () => {
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('requestAnimationFrame', (paint: () => void) => setTimeout(paint));
  goTo('runs', [], { search: 'a' });
  expect(useAddress.getState().screen).toBe('runs');
  expect(useRoute.getState().screen).toBe('codebooks');
  replaceQuery({ at: '2' });
  await expect.poll(() => useRoute.getState().screen).toBe('runs');
  expect(location.hash).toBe('#/runs?search=a');
  expect(useAddress.getState().screen).toBe('runs');
});

test('an address reads back as it was written', () => {
  const { screen, path, query } = parseRoute(routeLink('run', ['a/b', 'c d'], { seeds: '1:x,2:y' }));
  expect([screen, path, Object.fromEntries(query)]).toEqual(['run', ['a/b', 'c d'], { seeds: '1:x,2:y' }]);
  expect(parseRoute('#/run/%E0%A4%A').path).toEqual(['%E0%A4%A']);
});
