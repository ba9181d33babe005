import { expect, it } from 'vitest';
import { deselectRuns, selectedRows, useSelectedRuns } from './selected-runs.ts';

const keyNow = (key: string) => key;

it('knows a row again whose configuration has got a newer run', () => {
  const chosen = { rows: new Map([['c', ['c', 'b']]]), fold: true };
  const runsOf = (key: string) => (key === 'd' ? ['d', 'c', 'b'] : undefined);
  expect(selectedRows(chosen, { fold: true, keyNow: (key) => (key === 'c' ? 'd' : key), runsOf })).toEqual({
    shown: new Map([['d', ['d', 'c', 'b']]]),
    hidden: [],
  });
});

it('selects what the boxes of the rows say, whatever has joined or left them since', () => {
  const chosen = { rows: new Map([['c', ['c', 'b', 'a']]]), fold: true };
  const runsOf = (key: string) => (key === 'c' ? ['c', 'b'] : undefined);
  expect(selectedRows(chosen, { fold: true, keyNow, runsOf })).toEqual({
    shown: new Map([['c', ['c', 'b']]]),
    hidden: [],
  });
  expect(selectedRows(chosen, { fold: false, keyNow, runsOf })).toEqual({ shown: new Map(), hidden: [] });
});

it('tells what a filter hides from what is shown, each run once', () => {
  const chosen = {
    rows: new Map([
      ['c', ['c', 'b', 'a']],
      ['f/b', ['b']],
    ]),
    fold: true,
  };
  const runsOf = (key: string) => (key === 'f/b' ? ['b'] : undefined);
  expect(selectedRows(chosen, { fold: true, keyNow, runsOf })).toEqual({
    shown: new Map([['f/b', ['b']]]),
    hidden: ['c', 'a'],
  });
});

it('deselects runs that are gone, and keeps what is left of their rows', () => {
  const rows = new Map([
    ['c', ['c', 'b', 'a']],
    ['f/d', ['d']],
    ['f/e', ['e']],
  ]);
  useSelectedRuns.setState({ rows });
  deselectRuns(['c', 'd']);
  expect([...useSelectedRuns.getState().rows]).toEqual([
    ['b', ['b', 'a']],
    ['f/e', ['e']],
  ]);
});
