import type { LevelStrip } from '../../../../core/api/codebooks.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import { boxPath, type Painter, type Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/SceneFigure.tsx';
import { grouped } from '../../../format/format.ts';
import { categoryInk, faded, purityColour } from '../categories/category-colours.ts';

const TOP = 8;
const BASE = 3;
/** Dead codes stand apart from the used ones. */
const GAP = 10;

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
 * What a full bar of selected items stands for: where the code of the level is chosen as many as a full bar of all
 * items, else as many as the most of any code, for a selection is often too small to be seen beside the catalogue.
 */
export function selectionScale({ counts, selected }: LevelStrip, chosen: number | null): number {
  return Math.max(1, ...(chosen === null ? selected : counts));
}

/** A bar a code: its height is the number of items; selected ones stand before it in full colour, on their own scale. */
export function stripScene(
  { strip, categories, chosen, marked, narrowed }: StripMarks,
  { width, height }: Size,
  colours: ChartColours,
): Scene {
  const order = stripOrder(strip);
  const ink = categoryInk(categories, colours);
  const live = order.filter((code) => strip.counts[code] > 0).length;
  const gap = live < order.length ? GAP : 0;
  const step = (width - gap) / Math.max(1, order.length);
  const bar = step > 3 ? step - 1 : step;
  const most = Math.max(1, strip.counts[order[0]] ?? 0);
  const mostSelected = selectionScale(strip, chosen);
  const floor = height - BASE;
  const left = (mark: number) => mark * step + (mark >= live ? gap : 0);
  const tall = (count: number, of: number) => (count === 0 ? 0 : Math.max(1, ((floor - TOP) * count) / of));
  return {
    marks: order.length,
    paint(painter) {
      for (const [mark, code] of order.entries()) {
        const x = left(mark);
        if (strip.counts[code] === 0) {
          painter.rect(x, floor - 6, Math.max(0.5, bar), 6, colours.line);
          continue;
        }
        const full = purityColour(ink, strip.dominant[code], strip.purity[code], colours);
        const tallest = tall(strip.counts[code], most);
        painter.rect(x, floor - tallest, bar, tallest, narrowed ? faded(full, colours) : full);
        if (!narrowed) continue;
        const part = tall(strip.selected[code], mostSelected);
        painter.rect(x, floor - part, bar, part, full);
      }
      painter.rect(0, floor, width, 1, colours.lineStrong);
      point(painter, order.indexOf(chosen ?? -1), colours.accent);
      point(painter, order.indexOf(marked ?? -1), colours.text);
    },
    at: (x, y) => {
      if (y < 0 || y > height) return null;
      const mark = Math.floor((x > live * step ? x - gap : x) / step);
      return mark >= 0 && mark < order.length ? mark : null;
    },
    outline: (mark) => boxPath(left(mark) - 1, TOP - 2, Math.max(2, bar + 2), floor - TOP + 2),
    isChosen: (mark) => order[mark] === chosen,
    label: (mark) => stripLabel(order[mark], strip, categories, narrowed),
  };

  function point(painter: Painter, mark: number, fill: string) {
    if (mark < 0) return;
    const x = left(mark) + bar / 2;
    painter.shape(`M${x - 4} 0h8l-4 6z`, fill);
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
  const part = narrowed ? `${grouped(strip.selected[code])} of ${grouped(count)}` : grouped(count);
  const items = `${part} item${count === 1 ? '' : 's'}`;
  return `⟨${code}⟩ ${items}${kind === undefined ? '' : `, ${Math.round(100 * strip.purity[code])} % ${kind}`}`;
}
