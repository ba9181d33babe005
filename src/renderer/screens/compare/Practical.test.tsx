import { fireEvent, screen } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { enterHome } from '../../state/home-store.ts';
import { parseRoute, useRoute } from '../../state/navigation.ts';
import { Practical } from './Practical.tsx';

const view = { practical: [] } as unknown as ComparisonView;
const field = () => screen.getByRole<HTMLInputElement>('textbox', { name: 'Does not matter up to' });
const open = (address: string) => {
  location.hash = address;
  useRoute.setState(parseRoute(location.hash));
};

beforeEach(() => {
  localStorage.clear();
  enterHome('/home');
});

test('what was typed and does not count yet stays through a reload, of this comparison alone', () => {
  open('#/compare?runs=a,b');
  const { unmount } = mount(<Practical view={view} />);
  fireEvent.change(field(), { target: { value: '1 percent' } });
  fireEvent.blur(field());
  expect(screen.getByText(/^Enter a size/)).toBeTruthy();
  unmount();
  // What was typed is read again, as after a reload.
  enterHome('/other');
  enterHome('/home');
  const again = mount(<Practical view={view} />);
  expect(field().value).toBe('1 percent');
  fireEvent.change(field(), { target: { value: '1%' } });
  fireEvent.blur(field());
  expect(location.hash).toContain('rope=1%25');
  expect(localStorage.length).toBe(0);
  again.unmount();
  open('#/compare?runs=a,c');
  mount(<Practical view={view} />);
  expect(field().value).toBe('');
});
