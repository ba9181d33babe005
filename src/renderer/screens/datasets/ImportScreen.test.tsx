import { ORPCError } from '@orpc/client';
import { fireEvent, screen } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { mount } from '../../../../test/window/mount.tsx';
import { USER_ERROR } from '../../../core/api/contract.ts';
import type { ImportPreview, PreviewFile } from '../../../core/api/datasets.ts';
import { shell } from '../../shell/window-shell.ts';
import { keepDraft } from '../../state/drafts.ts';
import { takeDroppedPaths } from '../../state/drops.ts';
import { ImportScreen } from './ImportScreen.tsx';
import { EMPTY_DRAFT } from './import-draft.ts';

/** Of each file that there is, what it begins with. */
function show(path: string, heads: Record<string, string>) {
  const fileAt = (file: string) =>
    ({
      ...{ path: file, head: heads[file], part: 'interactions', kind: 'parquet', encoding: 'utf-8' },
      ...{ gzip: false, separator: null, columns: [], rows: [], roles: {}, clicks: null, side: null },
    }) as unknown as PreviewFile;
  return mount(<ImportScreen key={path} paths={[path]} name="" />, {
    datasets: {
      list: () => [],
      preview: ({ paths: [path] }) => {
        if (path in heads)
          return {
            kind: 'interactions',
            name: 'a',
            files: [fileAt(path)],
            presets: [],
            ignored: [],
            problem: null,
          } as ImportPreview;
        const data = { code: 'no-file', problem: `${path}: no such file or folder` };
        throw new ORPCError(USER_ERROR, { message: data.problem, data });
      },
      removeUploads: () => {},
    },
  });
}

test('a file that has moved is found where it is now, with what was set for it, and another one is told apart', async () => {
  keepDraft('import /old/a.csv', { ...EMPTY_DRAFT, minUser: '5', heads: ['beginning of a'] });
  const { unmount } = show('/old/a.csv', {});
  expect(
    await screen.findByText('a.csv is not where it was. Connect its disk, or find it where it is now.'),
  ).toBeTruthy();
  const take = vi.spyOn(shell, 'takeFiles');
  for (const place of ['/new/a.csv', '/new/b.csv']) {
    take.mockResolvedValueOnce([place]);
    fireEvent.change(screen.getByLabelText('Find it', { selector: 'input' }), {
      target: { files: [new File([], 'a.csv')] },
    });
    await expect.poll(takeDroppedPaths).toEqual([place]);
  }
  unmount();
  const heads = { '/new/a.csv': 'beginning of a', '/new/b.csv': 'beginning of b' };
  const moved = show('/new/a.csv', heads);
  expect((await screen.findByLabelText<HTMLInputElement>(/Fewest|per user/i)).value).toBe('5');
  expect(screen.queryByText(/^This is another file/)).toBeNull();
  moved.unmount();
  show('/new/b.csv', heads);
  expect(await screen.findByText(/^This is another file/)).toBeTruthy();
});
