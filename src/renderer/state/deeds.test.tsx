import { ORPCError } from '@orpc/client';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { answerWith } from '../../../test/window/answers.ts';
import { type Change, wantedChange } from '../../core/api/changes.ts';
import { type ApiClient, USER_ERROR } from '../../core/api/contract.ts';
import type { SystemInfo } from '../../core/api/settings.ts';

/** The names of runs, as the home has them, whose window was asked to change them by name alone. */
let names: Record<string, string> = {};
let homes: string[] = [];

function make({ home, changes }: Parameters<ApiClient['changes']['make']>[0]): Change[] {
  homes.push(home);
  return z
    .array(wantedChange)
    .parse(changes)
    .map((change) => {
      if (change.of !== 'run') throw new Error('only names');
      const [id] = change.ids;
      const expected = change.from?.name;
      if (expected !== undefined && names[id] !== expected) {
        const problem = `the run is called ${names[id]} by now`;
        throw new ORPCError(USER_ERROR, { data: { code: 'changed', problem }, message: problem });
      }
      const from = { name: names[id] };
      names[id] = change.to.name ?? '';
      return { ...change, from };
    });
}

/** A window that has just been opened, or loaded again. */
async function open(key = 'a') {
  vi.resetModules();
  const deeds = await import('./deeds.ts');
  const { enterHome } = await import('./home-store.ts');
  const { useToasts } = await import('./toasts.ts');
  enterHome(`/${key}`, key);
  const enter = async (other: string) => {
    enterHome(`/${other}`, other);
    await settled();
  };
  const rename = (id: string, to: string, title?: string) =>
    deeds.change('It failed', { label: `rename of ${to}`, title }, [
      { of: 'run', ids: [id], to: { name: to } },
    ]);
  const labels = () => {
    const { undo, redo } = deeds.useDeeds.getState();
    return [undo.map(({ label }) => label), redo.map(({ label }) => label)];
  };
  await settled();
  return { ...deeds, enter, rename, labels, messages: () => useToasts.getState().toasts };
}

/** The place of the window is known by then, and what is kept is written. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  names = { r: 'first', s: 'other' };
  homes = [];
  answerWith({ changes: { make }, settings: { system: () => ({ homeKey: 'a' }) as SystemInfo } });
});

test('takes back and does again, one after the other, also after a reload and with keys that come faster than answers', async () => {
  const before = await open();
  await before.rename('r', 'second');
  await before.rename('r', 'third');
  const { takeBack, doAgain, labels } = await open();
  expect(labels()).toEqual([['rename of second', 'rename of third'], []]);
  await Promise.all([takeBack(), takeBack(), takeBack()]);
  expect(names.r).toBe('first');
  await doAgain();
  expect([names.r, ...labels()]).toEqual(['second', ['rename of second'], ['rename of third']]);
  const last = await open();
  await last.doAgain();
  expect(names.r).toBe('third');
  await last.takeBack();
  // What is done now has nothing behind it.
  await last.rename('s', 'another');
  expect(last.labels()).toEqual([['rename of second', 'rename of another'], []]);
});

test('writes over nothing that another window has changed, says what, and goes on to what was done before', async () => {
  const { rename, takeBack, labels, messages } = await open();
  await rename('s', 'mine');
  await rename('r', 'second');
  names.r = 'theirs';
  await takeBack();
  expect(names.r).toBe('theirs');
  expect(messages().at(-1)).toMatchObject({
    title: 'Could not undo rename of second',
    text: 'the run is called theirs by now',
  });
  // They take theirs back: it can be taken back after all.
  expect(labels()[0]).toEqual(['rename of mine', 'rename of second']);
  await takeBack();
  expect([names.s, names.r]).toEqual(['other', 'theirs']);
  expect(labels()).toEqual([[], ['rename of mine']]);
});

test('is taken back once its way is free', async () => {
  const { rename, takeBack } = await open();
  await rename('r', 'second');
  names.r = 'theirs';
  await takeBack();
  names.r = 'second';
  await takeBack();
  expect(names.r).toBe('first');
});

test('its message takes back that deed alone, and goes once it was taken back', async () => {
  const { rename, takeBack, messages, labels } = await open();
  await rename('r', 'second', 'Renamed it');
  await rename('s', 'another');
  messages()[0].action?.perform();
  await vi.waitFor(() => expect(names.r).toBe('first'));
  expect(names.s).toBe('another');
  expect(labels()).toEqual([['rename of another'], ['rename of second']]);
  await vi.waitFor(() => expect(messages()).toEqual([]));
  await rename('r', 'third', 'Renamed it');
  await takeBack();
  expect(messages().map(({ title }) => title)).toEqual(['Undone: rename of third']);
});

test('what was done in a data folder reaches no other, not even one that has its place', async () => {
  const { enter, rename, takeBack, labels } = await open();
  await rename('r', 'second');
  await enter('b');
  expect(labels()).toEqual([[], []]);
  await takeBack();
  expect(names.r).toBe('second');
  await rename('s', 'another');
  await enter('a');
  await takeBack();
  expect([names, homes]).toEqual([{ r: 'first', s: 'another' }, ['a', 'b', 'a']]);
});

test('what is done before the window has heard which home it has is kept with what was done before', async () => {
  const before = await open();
  await before.rename('r', 'second');
  await settled();
  vi.resetModules();
  const { change, useDeeds } = await import('./deeds.ts');
  const { enterHome } = await import('./home-store.ts');
  await change('', { label: 'rename of third' }, [{ of: 'run', ids: ['r'], to: { name: 'third' } }]);
  enterHome('/a', 'a');
  await settled();
  expect(homes).toEqual(['a', 'a']);
  expect(useDeeds.getState().undo.map(({ label }) => label)).toEqual(['rename of second', 'rename of third']);
  expect((await open()).labels()[0]).toEqual(['rename of second', 'rename of third']);
});

test('goes by what is kept, however that is damaged', async () => {
  const before = await open();
  await before.rename('r', 'second');
  await settled();
  const [place] = Object.keys(localStorage);
  const kept = JSON.parse(localStorage.getItem(place) ?? '');
  const [whole] = kept.undo;
  const damaged = [{ label: 'x' }, { ...whole, changes: [{ of: 'moon' }] }, { ...whole, changes: [] }, null];
  localStorage.setItem(place, JSON.stringify({ undo: [...damaged, whole], redo: 3 }));
  expect((await open()).labels()).toEqual([['rename of second'], []]);
  localStorage.setItem(place, '{');
  expect((await open()).labels()).toEqual([[], []]);
});

test('keeps as many as there is room for, the newest', async () => {
  const { rename } = await open();
  for (let at = 0; at < 120; at++) await rename('r', `${at}`);
  expect((await open()).labels()[0]).toHaveLength(100);
  const { change } = await open();
  for (const name of 'abcde')
    await change('', { label: name.repeat(300_000) }, [{ of: 'run', ids: ['r'], to: { name } }]);
  const { labels } = await open();
  expect(labels()[0].map((label) => label[0])).toEqual(['c', 'd', 'e']);
  expect(Object.values(localStorage).join('').length).toBeLessThan(1_100_000);
});
