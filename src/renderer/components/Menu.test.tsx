import { fireEvent, render, screen, within } from '@testing-library/react';
import { Star } from 'lucide-react';
import { expect, test } from 'vitest';
import { useActions } from '../actions/registry.ts';
import { Button } from './Button.tsx';
import { Menu } from './Menu.tsx';

const action = (id: string, enabled: boolean) => ({
  ...({ id, label: `${id} the model`, short: id, group: 'File', why: `Cannot ${id} it` } as const),
  ...{ icon: Star, enabled: () => enabled, perform: () => {} },
});

test('what a menu does is found in the palette too, and says why it cannot be done where it cannot', async () => {
  const choices = [action('export', true), null, action('resume', false)];
  const { unmount } = render(<Menu trigger={<Button>More</Button>} choices={choices} />);
  const known = () => useActions.getState().actions.map(({ id }) => id);
  expect(known()).toEqual(['export', 'resume']);
  fireEvent.keyDown(screen.getByText('More'), { key: 'Enter' });
  const menu = within(await screen.findByRole('menu'));
  expect(menu.getAllByRole('menuitem').map(({ textContent }) => textContent)).toEqual([
    'export',
    'resumeCannot resume it',
  ]);
  unmount();
  expect(known()).toEqual([]);
});
