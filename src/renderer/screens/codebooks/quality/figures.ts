import type { CollisionPage, Timeline } from '../../../../core/api/codebooks.ts';
import type { FigureSpec } from '../../../../core/api/figures.ts';
import { countText, fixed, grouped } from '../../../format/format.ts';

type Level = Timeline['moments'][number]['levels'][number];

const MEASURES: { id: string; title: string; of(level: Level): number | null }[] = [
  { id: 'usage', title: 'Usage', of: ({ usage }) => usage },
  { id: 'perplexity', title: 'Perplexity', of: ({ perplexity }) => perplexity },
  { id: 'changed', title: 'Codes changed since the snapshot before', of: ({ changed }) => changed },
];

interface Line {
  label: string;
  values: readonly (number | null)[];
}

/** How codes came to be used: each measure a level by step, with the snapshot that is shown and where codes were lost. */
export function timelineFigures(name: string, { moments, collapse }: Timeline, step: number): FigureSpec[] {
  const figure = (id: string, title: string, lines: readonly Line[]): FigureSpec => ({
    title,
    description: `${title} ${lines.length > 1 ? 'of each level ' : ''}at ${moments.length} snapshots`,
    fileName: `${name}-${id}`,
    height: 190,
    x: { label: 'Step', whole: true },
    y: { zero: true },
    names: lines.length > 1 ? 'ends' : 'none',
    rules: [
      { axis: 'x', at: step, colour: 'text' },
      ...(collapse === null
        ? []
        : [{ axis: 'x', at: moments[collapse].step, colour: 'bad', dashed: true } as const]),
    ],
    series: lines.map(({ label, values }, colour) => ({
      id: label,
      label,
      colour,
      line: 'straight',
      marks: 'tile',
      points: values.flatMap((y, at) => {
        const { step: x } = moments[at];
        return y === null ? [] : [{ x, y, tip: `${label}, step ${x}: ${fixed(y, 4)}` }];
      }),
    })),
  });
  const levels = moments[0]?.levels.map((_, level) => level) ?? [];
  return [
    ...MEASURES.map(({ id, title, of }) => {
      const valuesOf = (level: number) => moments.map(({ levels: all }) => of(all[level]));
      return figure(
        id,
        title,
        levels.map((level) => ({ label: `Level ${level + 1}`, values: valuesOf(level) })),
      );
    }),
    figure('collision-rate', 'Collision rate', [
      { label: 'All levels', values: moments.map(({ collisionRate }) => collisionRate) },
    ]),
  ];
}

/** 0, 10, 100, … up to the highest bar; 1 stands apart from 0 only below low ones. */
function powersOfTen(counts: readonly number[]): number[] {
  const most = Math.max(1, ...counts);
  const powers = Array.from({ length: 1 + Math.floor(Math.log10(most)) }, (_, power) => 10 ** power);
  return [0, ...powers.filter((power) => power > 1 || most < 100)];
}

/** How many IDs are shared by how many items. */
export function sizesFigure(name: string, sizes: CollisionPage['sizes'], colour: string): FigureSpec {
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
