import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { Button } from './Button.tsx';
import { Dialog, DialogHead } from './Dialog.tsx';
import { Tabs } from './Tabs.tsx';

test('every dialog has a button that closes it, and the focus begins with what it is about', async () => {
  const onClose = vi.fn();
  const { unmount } = render(
    <Dialog title="Columns" onClose={onClose} foot={<Button>Save</Button>}>
      <input aria-label="Name" />
    </Dialog>,
  );
  await vi.waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText('Name')));
  fireEvent.click(screen.getByRole('button', { name: 'Close' }));
  expect(onClose).toHaveBeenCalledOnce();
  unmount();
  render(
    <Dialog title="Report" onClose={onClose} bare>
      <DialogHead title="Report" onClose={onClose} />
    </Dialog>,
  );
  expect(screen.getAllByRole('button', { name: 'Close' })).toHaveLength(1);
});

function Broken(): never {
  throw new Error('no such column');
}

test('a view that is broken says so in its place, and the others work', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const tabs = [
    { id: 'curves', title: 'Curves', content: <Broken /> },
    { id: 'log', title: 'Log', content: 'Epoch 3' },
  ];
  const shown = (current: string) => <Tabs label="Views" tabs={tabs} current={current} onChange={() => {}} />;
  const { rerender } = render(shown('curves'));
  expect(screen.getByRole('alert').textContent).toContain('Something went wrong in Curves');
  rerender(shown('log'));
  expect(screen.getByRole('tab', { name: 'Log' }).getAttribute('aria-selected')).toBe('true');
  expect(screen.getByText('Epoch 3')).toBeTruthy();
});

test('an address that names no view shows the first one', () => {
  const tabs = [
    { id: 'curves', title: 'Curves', content: 'Losses' },
    { id: 'log', title: 'Log', content: 'Epoch 3' },
  ];
  render(<Tabs label="Views" tabs={tabs} current="other" onChange={() => {}} />);
  expect(screen.getByText('Losses')).toBeTruthy();
  expect(screen.getByRole('tab', { name: 'Curves', selected: true })).toBeTruthy();
});
