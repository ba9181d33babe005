import * as Plot from '@observablehq/plot';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTheme } from '../state/theme.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { themeColour } from './colours.ts';
import { svgFiles } from './export.ts';

export interface PlotFigureProps {
  title: string;
  /** Behind the title. */
  subtitle?: string;
  /** What the figure shows, for screen readers. */
  description: string;
  fileName: string;
  /** Memoise it: the figure is drawn again with each new object. */
  options: Plot.PlotOptions;
  controls?: ReactNode;
}

/** A statistical figure drawn by Observable Plot, as wide as its place. */
export function PlotFigure({ title, subtitle, description, fileName, options, controls }: PlotFigureProps) {
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme((state) => state.theme);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => {
      const figure = Plot.plot({
        ...options,
        width: Math.max(200, element.clientWidth),
        ariaLabel: description,
        style: {
          background: 'transparent',
          color: themeColour('--text-muted'),
          fontFamily: 'inherit',
          fontSize: '11px',
        },
      });
      // The figure is described as a whole; a group without a role cannot have a name.
      for (const mark of figure.querySelectorAll('g[aria-label]')) mark.removeAttribute('aria-label');
      element.replaceChildren(figure);
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => {
      observer.disconnect();
      element.replaceChildren();
    };
  }, [options, description, theme]);
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      fileName={fileName}
      files={() => svgFiles(place.current?.querySelector('svg'))}
      controls={controls}
    >
      <div ref={place} />
    </ChartFrame>
  );
}

/** Shows a title beside the point that the pointer is nearest to. */
export function pointerTip<Point>(
  points: readonly Point[],
  { x, y }: { x: keyof Point & string; y: keyof Point & string },
  title: (point: Point) => string,
): Plot.Markish {
  return Plot.tip(points, Plot.pointer({ x, y, title }));
}
