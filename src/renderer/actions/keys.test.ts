import { afterEach, expect, test, vi } from 'vitest';
import type { Action } from './action.ts';
import { listenToKeys, shortcutLabel, shortcutOf } from './keys.ts';

const perform = vi.fn();
const actions: Action[] = [{ id: 'new', label: 'New run', group: 'Run', shortcut: 'n', perform }];
vi.mock('./registry.ts', () => ({ currentActions: () => [...actions] }));

const pressed = (key: string, more: object = {}) => ({
  key,
  code: '',
  metaKey: false,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

afterEach(() => vi.unstubAllGlobals());

test('a key is the one that is meant, whatever alphabet it types', () => {
  expect(shortcutOf(pressed('n', { code: 'KeyN' }))).toBe('n');
  expect(shortcutOf(pressed('т', { code: 'KeyN' }))).toBe('n');
  expect(shortcutOf(pressed('η', { code: 'KeyH' }))).toBe('h');
  expect(shortcutOf(pressed('л', { code: 'KeyK', ctrlKey: true }))).toBe('Mod+K');
  expect(shortcutOf(pressed('?', { code: 'Slash', shiftKey: true }))).toBe('?');
  // On another layout of Latin letters, what is typed counts and not where it lies.
  expect(shortcutOf(pressed('y', { code: 'KeyZ' }))).toBe('y');
  expect(shortcutLabel('g r')).toBe('G then R');
  expect(shortcutLabel('P')).toBe('Shift+P');
  expect(shortcutLabel(' ')).toBe('Space');
});

test('a key that is held, or composes a character, does nothing', () => {
  let listener: (event: object) => void = () => {};
  vi.stubGlobal('window', { addEventListener: (_: string, heard: typeof listener) => (listener = heard) });
  vi.stubGlobal('document', { querySelector: () => null });
  vi.stubGlobal('HTMLElement', class {});
  listenToKeys();
  const press = (more: object) => listener({ ...pressed('n'), preventDefault: () => {}, ...more });
  press({ repeat: true });
  press({ isComposing: true });
  expect(perform).not.toHaveBeenCalled();
  press({});
  expect(perform).toHaveBeenCalledOnce();
});
