import { beforeEach, expect, test, vi } from 'vitest';

const setMenu = vi.hoisted(() => vi.fn());
vi.mock('../shell/window-shell.ts', () => ({ shell: { setMenu } }));

const { registerActions } = await import('./registry.ts');

beforeEach(() => setMenu.mockClear());

test('the menu bar is told once of all that changes in one turn', async () => {
  const remove = registerActions([{ id: 'a', label: 'A', group: 'File', perform: () => {} }]);
  registerActions([{ id: 'b', label: 'B', group: 'File', perform: () => {} }]);
  remove();
  await Promise.resolve();
  expect(setMenu.mock.calls).toEqual([[[expect.objectContaining({ id: 'b' })]]]);
});
