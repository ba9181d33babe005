/** The figures of a tokeniser's codes, as the window and reports draw them. */
import type { FigureColour, FigureSpec } from '../../figures/spec.ts';
import { countText } from '../../names.ts';
import { grouped } from '../format.ts';

/** How often each code is used, the most used ones first, a line a level. */
export function codeUseFigure(name: string, levels: readonly (readonly number[])[]): FigureSpec {
  const most = Math.max(0, ...levels.map((counts) => counts.length));
  return {
    title: 'Items of each code',
    description: `Items of each code of ${name}, the most used first, on ${countText(levels.length, 'level')}`,
    fileName: `${name}-codes-by-use`,
    height: 220,
    x: { label: 'Codes, the most used first', whole: true, domain: [0, most] },
    y: { label: 'Items', zero: true, whole: true, text: grouped },
    series: levels.map((counts, colour) => ({
      id: `Level ${colour + 1}`,
      label: `Level ${colour + 1}`,
      colour,
      line: 'steps',
      marks: 'none',
      points: counts.toSorted((a, b) => b - a).map((y, x) => ({ x, y })),
    })),
  };
}

/** 0, 10, 100, … up to the highest bar; 1 stands apart from 0 only below low ones. */
function powersOfTen(counts: readonly number[]): number[] {
  const most = Math.max(1, ...counts);
  const powers = Array.from({ length: 1 + Math.floor(Math.log10(most)) }, (_, power) => 10 ** power);
  return [0, ...powers.filter((power) => power > 1 || most < 100)];
}

/** How many IDs are shared by how many items. */
export function sizesFigure(
  name: string,
  sizes: readonly { size: number; buckets: number }[],
  colour: FigureColour,
): FigureSpec {
  const words = ({ size, buckets }: (typeof sizes)[number]) =>
    `${countText(buckets, 'ID')} of ${countText(size, 'item')}`;
  return {
    title: 'IDs by how many items share them',
    description: sizes.map(words).join(', '),
    fileName: `${name}-collisions`,
    height: 160,
    x: { kind: 'names', label: 'Items with one ID' },
    y: { kind: 'symlog', zero: true, ticks: powersOfTen(sizes.map(({ buckets }) => buckets)), text: grouped },
    series: [
      {
        id: 'buckets',
        colour,
        bars: true,
        points: sizes.map((one) => ({
          x: String(one.size),
          y: one.buckets,
          label: grouped(one.buckets),
          tip: `${words(one)} each`,
        })),
      },
    ],
  };
}
