import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import { themeColour } from '../../charts/colours.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { grouped } from '../../format/format.ts';
import { useTheme } from '../../state/theme.ts';

/** Characters that fit below a narrow chart, each bin being as wide as the others. */
const ROOM = 44;

export interface CountHistogramProps {
  title: string;
  /** What is counted: "users". */
  of: string;
  /** What they are counted by: "interactions of a user". */
  unit: string;
  /** Bin i holds the values in [2^i, 2^(i+1)). */
  bins: readonly number[];
  fileName: string;
}

/** Counts by powers of two. */
export function CountHistogram({ title, of, unit, bins, fileName }: CountHistogramProps) {
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has another accent
  const options = useMemo((): Plot.PlotOptions => {
    const first = Math.max(
      0,
      bins.findIndex((count) => count > 0),
    );
    const rows = bins.map((count, bin) => ({ range: rangeText(bin), count })).slice(first);
    // A crowd of bins has room for where each begins, not for where it ends.
    const crowded = rows.length * Math.max(...rows.map(({ range }) => range.length)) > ROOM;
    return {
      height: 180,
      marginLeft: 56,
      marginBottom: 40,
      x: {
        domain: rows.map(({ range }) => range),
        label: unit,
        labelArrow: 'none',
        padding: 0.1,
        tickFormat: (range: string) => (crowded ? `${range.split('–', 1)[0]}+` : range),
      },
      y: {
        label: of,
        labelArrow: 'none',
        grid: true,
        nice: true,
        tickFormat: (count: number) => grouped(count),
        ticks: 4,
      },
      marks: [
        Plot.barY(rows, {
          x: 'range',
          y: 'count',
          fill: themeColour('--accent'),
          title: ({ range, count }: (typeof rows)[number]) => `${range} ${unit}: ${grouped(count)} ${of}`,
        }),
        Plot.ruleY([0], { stroke: 'currentColor' }),
      ],
    };
  }, [bins, of, unit, theme]);
  const description = `${title}: ${bins.map((count, bin) => `${grouped(count)} ${of} with ${rangeText(bin)}`).join(', ')}`;
  return <PlotFigure title={title} description={description} fileName={fileName} options={options} />;
}

/** "1", "2–3", "4–7" */
function rangeText(bin: number): string {
  const [first, last] = [2 ** bin, 2 ** (bin + 1) - 1];
  if (first === last) return String(first);
  return `${compact(first)}–${first < 1024 ? compact(last) : compact(2 * first)}`;
}

function compact(value: number): string {
  return value < 1024 ? String(value) : `${Math.round(value / 1024)}k`;
}
