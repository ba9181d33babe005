import type { TrashRef } from '../../core/api/trash.ts';
import { client } from './api.ts';
import { offerUndo } from './toasts.ts';

/** Offers for a while to bring back what was just put into the trash; `then` follows where it was. */
export function offerRestore(title: string, items: TrashRef[], ms?: number, then?: () => void): void {
  const restore = async () => {
    await client.trash.restore({ items });
    then?.();
  };
  offerUndo(title, 'Could not restore it', restore, ms);
}
