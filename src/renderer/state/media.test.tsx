import { act, render } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { useMedia } from './media.ts';

const Wide = () => (useMedia('(min-width: 2200px)') ? 'wide' : 'narrow');

test('what fits into the window is told anew once its size has changed', () => {
  const list = Object.assign(new EventTarget(), { matches: false });
  vi.stubGlobal('matchMedia', () => list);
  const { container } = render(<Wide />);
  expect(container.textContent).toBe('narrow');
  act(() => {
    list.matches = true;
    list.dispatchEvent(new Event('change'));
  });
  expect(container.textContent).toBe('wide');
});
