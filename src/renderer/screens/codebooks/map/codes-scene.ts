import type { CodeCard } from '../../../../core/api/codebooks.ts';
import { type ChartColours, mixed } from '../../../charts/colours.ts';
import { boxPath, type Size } from '../../../charts/painter.ts';
import type { Scene } from '../../../charts/scene.ts';
import { countText } from '../../../format/format.ts';
import type { CategoryInk } from '../categories/category-colours.ts';
import { PALE } from './map-scene.ts';

const MOST_ACROSS = 16;
/** Of fewer codes tiles are no larger. */
const FEWEST_ACROSS = 8;
/** Of a tile's pitch: 9 pixels with 2 between. */
const TILE = 9 / 11;
const MOST_LINES = 16;

/** The codes that follow a prefix, from the most items down, and pale the places of those that do not. */
export function codesScene(
  { size, codes }: NonNullable<CodeCard['next']>,
  width: number,
  ink: CategoryInk,
  colours: ChartColours,
): Scene & Size & { pitch: number; across: number } {
  const across = Math.min(MOST_ACROSS, Math.max(FEWEST_ACROSS, Math.ceil(Math.sqrt(size))));
  const lines = Math.min(MOST_LINES, Math.ceil(size / across));
  const pitch = width / across;
  const side = pitch * TILE;
  const marks = Math.min(codes.length, lines * across);
  const most = Math.log1p(codes[0]?.items ?? 1);
  const left = (at: number) => (at % across) * pitch;
  const top = (at: number) => Math.floor(at / across) * pitch;
  return {
    ...{ width, height: lines * pitch, pitch, across, marks },
    paint(painter) {
      for (let at = 0; at < Math.min(size, lines * across); at++) {
        const code = at < marks ? codes[at] : null;
        const strength = code ? PALE + (1 - PALE) * (Math.log1p(code.items) / most) : 0;
        const colour = code ? mixed(ink(code.kind), colours.background, strength) : colours.surface;
        painter.rect(left(at), top(at), side, side, colour);
      }
    },
    at(x, y) {
      const at = Math.floor(y / pitch) * across + Math.floor(x / pitch);
      return x >= 0 && x < width && at >= 0 && at < marks ? at : null;
    },
    outline: (at) => boxPath(left(at) - 1, top(at) - 1, side + 2, side + 2),
    label: (at) => `Code ${codes[at].code}, ${countText(codes[at].items, 'item')}`,
    move(at, key) {
      const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across };
      const next = at + steps[key];
      return next >= 0 && next < marks ? next : at;
    },
  };
}
