import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { FolderDialog } from './FolderDialog.tsx';

test('an export that was stopped is not called a failure, and can be begun again', async () => {
  const signals: AbortSignal[] = [];
  const write = vi.fn(
    (_folder: string, { signal, onProgress }: Parameters<Parameters<typeof FolderDialog>[0]['onWrite']>[1]) =>
      new Promise<void>((_resolve, reject) => {
        signals.push(signal);
        onProgress('Writing');
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  render(
    <FolderDialog title="Export" help="" failure="Could not export" onWrite={write} onClose={() => {}} />,
  );
  const submit = screen.getByRole<HTMLButtonElement>('button', { name: 'Export' });
  fireEvent.click(submit);
  fireEvent.click(await screen.findByRole('button', { name: 'Stop' }));
  await vi.waitFor(() => expect(submit.disabled).toBe(false));
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.queryByText('Writing')).toBeNull();
  fireEvent.click(submit);
  await screen.findByText('Writing');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
});
