import { expect, test, vi } from 'vitest';
import { type Action, withFreeKeys } from './action.ts';

const action = (id: string, shortcut?: string): Action => ({
  id,
  label: id,
  group: 'Run',
  shortcut,
  perform: () => {},
});
const keysOf = (actions: readonly Action[]) => actions.map(({ shortcut }) => shortcut);

test('a key that leads elsewhere is refused', () => {
  const refused = vi.fn();
  const present = [action('run.new', 'n'), action('go.runs', 'g r')];
  const added = [action('a', 'n'), action('b', 'g'), action('c', 'x'), action('d', 'x'), action('e')];
  expect(keysOf(withFreeKeys(added, present, refused))).toEqual([
    undefined,
    undefined,
    'x',
    undefined,
    undefined,
  ]);
  expect(refused.mock.calls.map(([one, other]) => [one.id, other.id])).toEqual([
    ['a', 'run.new'],
    ['b', 'go.runs'],
    ['d', 'c'],
  ]);
});

test('a later action with the same id keeps its key', () => {
  expect(keysOf(withFreeKeys([action('run.new', 'n')], [action('run.new', 'n')], vi.fn()))).toEqual(['n']);
});
