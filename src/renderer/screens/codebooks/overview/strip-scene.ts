import type { LevelStrip } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { boxPath, type Painter, type Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/scene.ts';
import { countText, grouped } from '../../../format/format.ts';
import { categoryInk } from '../categories/category-colours.ts';
import { tileSize } from './tile-size.ts';

/** Smaller tiles abut, and dead ones among them are plain. */
const APART_FROM = 6;

export interface StripMarks {
  strip: LevelStrip;
  categories: readonly string[];
  /** The code of this level that is selected. */
  chosen: number | null;
  /** The code of the item whose card is open. */
  marked: number | null;
  narrowed: boolean;
}

/** Codes from the most used down, the dead ones last. */
export function stripOrder({ counts }: LevelStrip): number[] {
  return [...counts.keys()].sort((a, b) => counts[b] - counts[a] || a - b);
}

/**
 * What the fullest colour of selected items stands for: where the code of the level is chosen as many as that of all
 * items, else as many as the most of any code, for a selection is often too small to be seen beside the catalogue.
 */
export function selectionScale({ counts, selected }: LevelStrip, chosen: number | null): number {
  return Math.max(1, ...(chosen === null ? selected : counts));
}

/** A tile a code, in the colour of its category: the more items have the code, the fuller. Only selected items count. */
export function stripScene(
  { strip, categories, chosen, marked, narrowed }: StripMarks,
  size: Size,
  colours: ChartColours,
): Scene {
  const order = stripOrder(strip);
  const ink = categoryInk(categories, colours);
  const { pitch, columns } = tileSize(order.length, size);
  const side = pitch < APART_FROM ? pitch : pitch - 2;
  const counts = narrowed ? strip.selected : strip.counts;
  const most = narrowed ? selectionScale(strip, chosen) : Math.max(1, strip.counts[order[0]] ?? 0);
  const left = (mark: number) => (mark % columns) * pitch;
  const top = (mark: number) => Math.floor(mark / columns) * pitch;
  /** Areas are compared by eye as their roots. */
  const fullness = (count: number) => (count === 0 ? 0.08 : 0.2 + 0.8 * Math.sqrt(count / most));
  return {
    marks: order.length,
    paint(painter) {
      let dead = '';
      for (const [mark, code] of order.entries()) {
        const [x, y] = [left(mark), top(mark)];
        if (strip.counts[code] > 0) {
          const colour = mixed(ink(strip.dominant[code]), colours.background, fullness(counts[code]));
          painter.rect(x, y, side, side, colour);
        } else if (side === pitch) painter.rect(x, y, side, side, colours.line);
        else dead += `${boxPath(x + 0.5, y + 0.5, side - 1, side - 1)}M${x} ${y + side}l${side} ${-side}`;
      }
      painter.shape(dead, null, colours.lineStrong);
      ring(painter, order.indexOf(marked ?? -1), colours.text);
      ring(painter, order.indexOf(chosen ?? -1), colours.accent);
    },
    at: (x, y) => {
      const column = Math.floor(x / pitch);
      const mark = Math.floor(y / pitch) * columns + column;
      return column >= 0 && column < columns && mark >= 0 && mark < order.length ? mark : null;
    },
    outline: (mark) => boxPath(left(mark) - 1, top(mark) - 1, side + 2, side + 2),
    isChosen: (mark) => order[mark] === chosen,
    label: (mark) => stripLabel(order[mark], strip, categories, narrowed),
    move: (mark, key) => mark + { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key],
  };

  function ring(painter: Painter, mark: number, stroke: string) {
    if (mark < 0) return;
    painter.shape(boxPath(left(mark), top(mark), side, side), null, colours.background, 4);
    painter.shape(boxPath(left(mark), top(mark), side, side), null, stroke, 2);
  }
}

export function stripLabel(
  code: number,
  strip: LevelStrip,
  categories: readonly string[],
  narrowed: boolean,
): string {
  const count = strip.counts[code];
  if (count === 0) return `⟨${code}⟩ dead: no item has it`;
  const kind = categories[strip.dominant[code]];
  const items = `${narrowed ? `${grouped(strip.selected[code])} of ` : ''}${countText(count, 'item')}`;
  return `⟨${code}⟩ ${items}${kind === undefined ? '' : `, ${Math.round(100 * strip.purity[code])} % ${kind}`}`;
}
