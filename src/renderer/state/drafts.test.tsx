import { act, fireEvent, render, screen } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

const schema = z.object({ text: z.string(), rows: z.number() });

const first = { text: '', rows: 1 };

interface FormProps {
  drafts: typeof import('./drafts.ts');
  name: string;
}

function Form({ drafts, name }: FormProps) {
  const { draft, isKept, change, forget } = drafts.useDraft(name, schema, first);
  return (
    <>
      <input aria-label="Text" value={draft.text} onChange={({ target }) => change({ text: target.value })} />
      {isKept && (
        <button type="button" onClick={forget}>
          Discard
        </button>
      )}
    </>
  );
}

/** A window that has just been opened on a data folder, with a form. */
async function open(home: string | null, name = 'note') {
  vi.resetModules();
  const drafts = await import('./drafts.ts');
  const { enterHome } = await import('./home-store.ts');
  if (home !== null) enterHome(home);
  const { unmount } = render(<Form drafts={drafts} name={name} />);
  return { unmount, enter: (other: string) => act(() => enterHome(other)) };
}

const field = () => screen.getByLabelText<HTMLInputElement>('Text');
const type = (text: string) => fireEvent.change(field(), { target: { value: text } });

beforeEach(() => localStorage.clear());

test('what was typed is there after a reload and where the form is opened again, until it is discarded', async () => {
  const { unmount } = await open('/a');
  type('half a sentence');
  unmount();
  const again = await open('/a');
  expect(field().value).toBe('half a sentence');
  fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
  expect(field().value).toBe('');
  again.unmount();
  await open('/a');
  expect(field().value).toBe('');
});

test('it is of its data folder: not in another one, and there again in its own', async () => {
  const { enter } = await open('/a');
  type('of a');
  enter('/b');
  expect(field().value).toBe('');
  type('of b');
  enter('/a');
  expect(field().value).toBe('of a');
  enter('/b');
  expect(field().value).toBe('of b');
});

test('what is typed before the folder is known stays, and counts more than what was kept', async () => {
  const before = await open('/a');
  type('older');
  before.unmount();
  const { enter, unmount } = await open(null);
  type('newer');
  enter('/a');
  expect(field().value).toBe('newer');
  unmount();
  await open('/a');
  expect(field().value).toBe('newer');
});

test('what another version kept, or nobody can read, is as if there were nothing', async () => {
  localStorage.setItem('tessera-draft /a\nnote', JSON.stringify({ at: 1, value: { text: 7 } }));
  localStorage.setItem('tessera-draft /a\nother', '{');
  const { unmount } = await open('/a');
  expect(field().value).toBe('');
  unmount();
  await open('/a', 'other');
  expect(field().value).toBe('');
});

test('only so many are kept of a folder', async () => {
  for (let at = 0; at < 130; at++)
    localStorage.setItem(
      `tessera-draft /a\n${at}`,
      JSON.stringify({ at, value: { text: `${at}`, rows: 1 } }),
    );
  await open('/a', '129');
  expect(field().value).toBe('129');
  expect(localStorage).toHaveLength(100);
});
