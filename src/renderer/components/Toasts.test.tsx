import { fireEvent, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { notify, useToasts } from '../state/toasts.ts';
import { Toasts } from './Toasts.tsx';

test('a key leads to the first message', async () => {
  useToasts.setState({ toasts: [] });
  render(<Toasts />);
  fireEvent.keyDown(window, { key: 'F8' });
  expect(document.activeElement).toBe(document.body);
  notify({ level: 'error', title: 'Could not save' });
  const close = await screen.findByRole('button', { name: 'Close: Could not save' });
  fireEvent.keyDown(window, { key: 'F8' });
  expect(document.activeElement).toBe(close);
});
