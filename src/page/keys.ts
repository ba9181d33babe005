/** Keys of a page: 1 to 9 a metric, arrows another user, T where the rows disagree most, C copies the row, Esc lets it go. */
import { byDisagreement, type OpenPage, usersOf } from '../core/documents/page/standing.ts';
import type { Choose, Chosen } from './chosen.ts';

export function listenToKeys(
  page: OpenPage,
  chosen: () => Chosen,
  choose: Choose,
  copyRow: () => void,
): void {
  /** By slice, how far its order was gone through. */
  const ordered = new Map<number | null, { users: Int32Array; at: number }>();
  const next = (users: Int32Array, by: 1 | -1) => {
    const at = users.indexOf(chosen().user);
    choose({ user: users[(at + by + users.length) % users.length] });
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
    const { slice } = chosen();
    const metric = Number(event.key) - 1;
    if (page.metrics[metric]) choose({ metric });
    else if (event.key === 'ArrowRight') next(usersOf(page, slice), 1);
    else if (event.key === 'ArrowLeft') next(usersOf(page, slice), -1);
    else if (event.key.toLowerCase() === 't') {
      const order = ordered.get(slice) ?? { users: byDisagreement(page, slice), at: 0 };
      ordered.set(slice, order);
      choose({ user: order.users[order.at++ % order.users.length] });
    } else if (event.key.toLowerCase() === 'c' && chosen().row !== null) copyRow();
    else if (event.key === 'Escape') choose({ row: null, isHeld: false });
    else return;
    event.preventDefault();
  });
}
