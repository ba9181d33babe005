import { afterAll, expect, test, vi } from 'vitest';

const location = { hash: '' };
const replaceState = vi.fn((_state: unknown, _title: string, address: string) => {
  location.hash = address;
});
vi.stubGlobal('window', { addEventListener: () => {} });
vi.stubGlobal('location', location);
vi.stubGlobal('document', { hidden: true });
vi.stubGlobal('history', { state: null, replaceState });

afterAll(() => {
  vi.unstubAllGlobals();
});

const { goToCodebooks, readCodebookRoute } = await import('./codebook-route.ts');
const { parseRoute } = await import('../../state/navigation.ts');

test('what is selected replaces the address of a view and keeps what the view has chosen', () => {
  location.hash = '#/codebooks/a/pairs?order=use';
  const place = readCodebookRoute(parseRoute(location.hash));
  goToCodebooks(place);
  goToCodebooks({ ...place, pattern: [12, null, 201], item: 5 });
  goToCodebooks({ ...place, pattern: [13], item: null });
  expect(replaceState).toHaveBeenCalledTimes(2);
  expect(location.hash).toBe('#/codebooks/a/pairs?order=use&at=13');
  goToCodebooks({ ...place, view: 'prefixes' });
  expect(replaceState).toHaveBeenCalledTimes(2);
  expect(location.hash).toBe('#/codebooks/a/prefixes?order=use');
});
