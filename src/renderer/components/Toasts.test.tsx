import { act, fireEvent, render, screen, within } from '@testing-library/react';
import { beforeEach, expect, test, vi } from 'vitest';
import { announce, notify, useToasts } from '../state/toasts.ts';
import { Button } from './Button.tsx';
import { Dialog } from './Dialog.tsx';
import { Toasts } from './Toasts.tsx';

beforeEach(() => useToasts.setState({ toasts: [] }));

test('a key leads to the first message', async () => {
  render(<Toasts />);
  fireEvent.keyDown(window, { key: 'F8' });
  expect(document.activeElement).toBe(document.body);
  act(() => void notify({ level: 'error', title: 'Could not save' }));
  const close = await screen.findByRole('button', { name: 'Close: Could not save' });
  fireEvent.keyDown(window, { key: 'F8' });
  expect(document.activeElement).toBe(close);
});

const titles = (list: HTMLElement) =>
  [...list.querySelectorAll('.toast strong')].map(({ textContent }) => textContent);

test('what a dialog does is told in its foot, what happens elsewhere on the page, where what is unread goes after it', async () => {
  const page = render(<Toasts />).container;
  const onClose = vi.fn();
  const dialog = render(
    <Dialog title="Report" onClose={onClose} foot={<Button>Save</Button>}>
      Preview
    </Dialog>,
  );
  const shown = await screen.findByRole('dialog');
  act(() => {
    notify({ level: 'info', title: 'Copied the report' });
    announce({ level: 'info', title: 'sasrec has completed' });
  });
  expect([titles(shown), titles(page)]).toEqual([['Copied the report'], ['sasrec has completed']]);
  act(() => void notify({ level: 'error', title: 'Could not save' }));
  act(() => void notify({ level: 'info', title: 'Copied the table' }));
  expect(titles(shown)).toEqual(['Copied the table']);
  fireEvent.click(within(shown).getByRole('button', { name: 'Close: Copied the table' }));
  expect(titles(shown)).toEqual(['Could not save']);
  dialog.unmount();
  expect(titles(page)).toContain('Could not save');
});

test('a dialog without a foot has one while there is something to tell', async () => {
  render(
    <Dialog title="Picture" onClose={() => {}}>
      Map
    </Dialog>,
  );
  const shown = await screen.findByRole('dialog');
  expect(shown.querySelector('.dialog-foot')).toBeNull();
  act(() => void notify({ level: 'info', title: 'Saved map.png' }));
  expect(titles(shown)).toEqual(['Saved map.png']);
});
