import { afterAll, expect, test, vi } from 'vitest';

vi.stubGlobal('window', { addEventListener: () => {} });
vi.stubGlobal('document', { hidden: false });
vi.mock('./api.ts', () => ({ client: {}, problemText: String }));
vi.mock('./navigation.ts', () => ({ goTo: () => {} }));
vi.mock('../new-run/new-run.ts', () => ({ openNewRun: () => {}, useNewRun: {} }));
vi.mock('../shell/window-shell.ts', () => ({ shell: {} }));

afterAll(() => {
  vi.unstubAllGlobals();
});

const { takeFiles, useDrops } = await import('./drops.ts');

test('transfers stay in the order in which they began, whichever goes on', async () => {
  const begin = () => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    let show = (_sent: number, _total: number) => {};
    const done = takeFiles(
      ({ onProgress }) => {
        show = onProgress;
        return promise;
      },
      () => {},
    );
    return { done, resolve, show: (sent: number) => show(sent, 100) };
  };
  const [first, second] = [begin(), begin()];
  const sent = () => useDrops.getState().transfers.map((one) => one.sent);
  second.show(20);
  first.show(10);
  expect(sent()).toEqual([10, 20]);
  first.resolve([]);
  await first.done;
  expect(sent()).toEqual([20]);
  second.resolve([]);
  await second.done;
  expect(sent()).toEqual([]);
});
