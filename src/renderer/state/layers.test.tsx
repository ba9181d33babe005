import { act, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { listenToKeys } from '../actions/keys.ts';
import { registerActions } from '../actions/registry.ts';
import { Button } from '../components/Button.tsx';
import { Dialog } from '../components/Dialog.tsx';
import { Menu } from '../components/Menu.tsx';

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Menu
        trigger={<Button>Views</Button>}
        choices={[{ label: 'Save view as', perform: () => setOpen(true) }]}
      />
      {open && (
        <Dialog title="Save view" onClose={() => setOpen(false)}>
          <Menu trigger={<Button>Columns</Button>} choices={[{ label: 'Name', perform: () => {} }]} />
        </Dialog>
      )}
    </>
  );
}

const button = (name: string) => screen.getByText(name);
const press = (key: string, on: Element = document.activeElement ?? document.body) =>
  act(() => fireEvent.keyDown(on, { key }));
const openMenu = async (name: string, item: string) => {
  button(name).focus();
  press('Enter', button(name));
  return screen.findByText(item);
};

test('keys ask the top layer alone, Escape closes it alone, and the focus goes back to what opened it', async () => {
  const perform = vi.fn();
  onTestFinished(listenToKeys());
  onTestFinished(registerActions([{ id: 'queue', label: 'Queue', group: 'Go', shortcut: 'q', perform }]));
  render(<Page />);
  press('q');
  expect(perform).toHaveBeenCalledOnce();

  const save = await openMenu('Views', 'Save view as');
  press('q');
  expect(perform).toHaveBeenCalledOnce();
  act(() => save.click());
  await screen.findByRole('dialog');
  press('q');
  expect(perform).toHaveBeenCalledOnce();

  await openMenu('Columns', 'Name');
  press('Escape');
  await vi.waitFor(() => expect(screen.queryByText('Name')).toBeNull());
  expect(screen.getByRole('dialog')).toBeTruthy();
  await vi.waitFor(() => expect(document.activeElement).toBe(button('Columns')));
  press('Escape');
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await vi.waitFor(() => expect(document.activeElement).toBe(button('Views')));
  press('q');
  expect(perform).toHaveBeenCalledTimes(2);
});
