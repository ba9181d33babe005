/** The first codes of two tokenisers as squares, as large as they have items. */
import { cellPlace, mapLayout, type TokenisersBeside } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { type Painter, paintSquare, type Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/scene.ts';
import { countText } from '../../../format/format.ts';
import { categoryInk } from '../categories/category-colours.ts';
import { blocksOf, codesByCell, deadPath } from '../map/map-scene.ts';

/** The one tokeniser, or the other. */
export type Side = 0 | 1;

/** A code of one of the two. */
export interface SideCode {
  side: Side;
  code: number;
}

export interface SharedCode {
  code: number;
  items: number;
}

const PALE = 0.5;
/** Of a block that the fullest code fills. */
const FILL = 0.92;

/** Where the items of a code stand in the other tokeniser, from the most on. */
export function sharedCodes({ pairs }: TokenisersBeside, { side, code }: SideCode): SharedCode[] {
  return pairs
    .filter((pair) => pair[side] === code)
    .map((pair) => ({ code: pair[side === 0 ? 1 : 0], items: pair[2] }))
    .sort((a, b) => b.items - a.items || a.code - b.code);
}

/** `focus`: the code whose items are in full colour in both. */
export function besideScene(
  beside: TokenisersBeside,
  side: Side,
  focus: SideCode,
  width: number,
  colours: ChartColours,
): Scene & Size {
  const { grid, cells } = beside.places[side];
  const layout = mapLayout(grid, width);
  const codes = codesByCell({ cells });
  const counts = side === 0 ? beside.one : beside.other;
  const shared = new Map(sharedCodes(beside, focus).map(({ code, items }) => [code, items]));
  return {
    width: layout.width,
    height: layout.height,
    ...blocksOf(layout, codes, 1),
    paint: (painter) => paintSide(painter),
    label(cell) {
      const code = codes[cell];
      const part = side === focus.side ? undefined : shared.get(code);
      const here = part === undefined ? '' : `, ${part} of the code in focus`;
      return `Code ${code}, ${counts[code] === 0 ? 'no item' : countText(counts[code], 'item')}${here}`;
    },
    isChosen: (cell) => side === focus.side && codes[cell] === focus.code,
  };

  function paintSide(painter: Painter): void {
    const ink = categoryInk(beside.categories, colours);
    const most = counts.reduce((largest, count) => Math.max(largest, count), 1);
    const half = (items: number) => Math.max(1, (FILL * layout.block * Math.sqrt(items / most)) / 2);
    let unused = '';
    for (const [cell, code] of codes.entries()) {
      const { x, y } = cellPlace(layout, cell);
      if (counts[code] === 0) {
        unused += deadPath(layout, cell);
        continue;
      }
      const [middleX, middleY] = [x + layout.block / 2, y + layout.block / 2];
      const full = ink(beside.places[side].kinds[code]);
      const pale = mixed(full, colours.background, PALE);
      const isFocus = side === focus.side && code === focus.code;
      painter.rect(x, y, layout.block, layout.block, colours.surface);
      paintSquare(painter, middleX, middleY, half(counts[code]), isFocus ? full : pale);
      const part = side === focus.side ? undefined : shared.get(code);
      if (part !== undefined) paintSquare(painter, middleX, middleY, half(part), full);
    }
    painter.shape(unused, null, colours.lineStrong);
  }
}
