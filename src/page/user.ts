/** One user: the rank that each row gives to what was held out. */
import { grouped } from '../core/documents/format.ts';
import { type OpenPage, usersOf } from '../core/documents/page/standing.ts';
import { colourVariable } from '../core/documents/run-colours.ts';
import { escapeHtml } from '../core/documents/writers/text.ts';
import type { Chosen } from './chosen.ts';
import { swatch } from './differences.ts';

const TILES = 10;

export function userHtml(page: OpenPage, { user, slice }: Chosen, order: readonly number[]): string {
  const users = usersOf(page, slice);
  const [first, end] = [page.starts[user], page.starts[user + 1]];
  const lines = order.flatMap((row) => {
    const { name, colour, ranks } = page.rows[row];
    if (ranks === null) return [];
    const own = [...ranks[0].ranks.subarray(first, end)];
    const tiles = Array.from({ length: TILES }, (_, at) => {
      const is = own.includes(at + 1) ? ` style="background: ${colourVariable(colour)}"` : '';
      return `<i class="tile"${is}></i>`;
    });
    const text = own.map((rank) => grouped(rank)).join(', ');
    const isHit = Math.min(...own) <= TILES;
    return [
      `<li>${swatch(colour)}<bdi>${escapeHtml(name)}</bdi><span class="tiles" aria-hidden="true">${tiles.join('')}</span><span class="n${isHit ? '' : ' soft'}">${isHit ? '<b>' : ''}rank ${text}${isHit ? '</b>' : ''}</span></li>`,
    ];
  });
  const seeds = page.rows.some((row) => row.seeds > 1) ? ' Ranks are of the first seed.' : '';
  const place = users.indexOf(user) + 1;
  return `<h2>One user <span class="soft">rank of the held-out item</span></h2><ul class="ranks">${lines.join('')}</ul><p class="soft">User ${grouped(place)} of ${grouped(users.length)}. ← → another, T where models disagree most.${seeds} Titles are left out: the page holds none of the data set.</p>`;
}
