import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../test/window/mount.tsx';
import { ReportWindow } from './ReportWindow.tsx';

test('a report can be left by the mouse', async () => {
  const close = vi.fn();
  const query = { data: undefined, error: null, refetch: () => {} };
  mount(
    <ReportWindow query={query} pending pdf={false} onClose={close}>
      What goes into it
    </ReportWindow>,
  );
  fireEvent.click(await screen.findByLabelText('Close'));
  expect(close).toHaveBeenCalledOnce();
});
