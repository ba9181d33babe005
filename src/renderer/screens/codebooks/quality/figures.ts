import type { Timeline } from '../../../../core/api/codebooks.ts';
import type { FigureColour, FigureSpec } from '../../../../core/api/figures.ts';
import { fixed } from '../../../format/format.ts';

type Level = Timeline['moments'][number]['levels'][number];

const MEASURES: { id: string; title: string; of(level: Level): number | null }[] = [
  { id: 'usage', title: 'Usage', of: ({ usage }) => usage },
  { id: 'perplexity', title: 'Perplexity', of: ({ perplexity }) => perplexity },
  { id: 'changed', title: 'Changed codes', of: ({ changed }) => changed },
];

/** From coarse to fine: runs and categories alone have colours. */
const LEVELS: readonly FigureColour[] = ['text', 'muted', 'trivial', 'lineStrong'];

interface Line {
  label: string;
  values: readonly (number | null)[];
}

/** How codes came to be used: each measure a level by iteration, with the snapshot that is shown and where codes were lost. */
export function timelineFigures(name: string, { moments, collapse }: Timeline, step: number): FigureSpec[] {
  const figure = (id: string, title: string, lines: readonly Line[]): FigureSpec => ({
    title,
    description: `${title} ${lines.length > 1 ? 'of each level ' : ''}at ${moments.length} snapshots`,
    fileName: `${name}-${id}`,
    height: 190,
    x: { label: 'Iteration', whole: true },
    y: { zero: true },
    names: lines.length > 1 ? 'ends' : 'none',
    rules: [
      { axis: 'x', at: moments.find((moment) => moment.step === step)?.epoch ?? step, colour: 'text' },
      ...(collapse === null
        ? []
        : [{ axis: 'x', at: moments[collapse].epoch, colour: 'bad', dashed: true } as const]),
    ],
    series: lines.map(({ label, values }, level) => ({
      id: label,
      label,
      colour: LEVELS[level] ?? 'lineStrong',
      line: 'straight',
      marks: 'tile',
      points: values.flatMap((y, at) => {
        const { epoch: x } = moments[at];
        return y === null ? [] : [{ x, y, tip: `${label}, iteration ${x}: ${fixed(y, 4)}` }];
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
