import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import { FolderDialog } from './FolderDialog.tsx';

vi.mock('../shell/window-shell.ts', () => ({ shell: { chooseFolder: async () => '/chosen' } }));

const field = () => screen.getByLabelText<HTMLInputElement>('Folder');
const press = (name: string) => fireEvent.click(screen.getByRole('button', { name }));

test('the folder of an export stays where the dialog is closed, until it is written into or discarded', async () => {
  const onWrite = vi.fn(async () => true);
  const open = () =>
    mount(<FolderDialog title="Export films" help="Files" onWrite={onWrite} onClose={() => {}} />);
  const first = open();
  fireEvent.change(field(), { target: { value: ' /half/a/pa' } });
  first.unmount();
  const second = open();
  expect(field().value).toBe(' /half/a/pa');
  press('Discard');
  expect(field().value).toBe('');
  press('Choose');
  await expect.poll(() => field().value).toBe('/chosen');
  press('Export');
  await vi.waitFor(() => expect(onWrite).toHaveBeenCalledWith('/chosen'));
  await expect.poll(() => field().value).toBe('');
  second.unmount();
});
