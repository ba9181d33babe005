import * as Plot from '@observablehq/plot';
import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTheme } from '../state/theme.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { themeColour } from './colours.ts';
import { svgFiles } from './export.ts';
import { markNear, type TitledMark, titledMarks } from './plot-marks.ts';
import { tipPlace } from './tip-place.ts';
import { useFullScreen } from './use-full-screen.ts';

export interface PlotFigureProps {
  title: string;
  /** Behind the title. */
  subtitle?: string;
  /** What the figure shows, for screen readers. */
  description: string;
  fileName: string;
  /** Memoise it: the figure is drawn again with each new object. What a mark's `title` says is its tooltip. */
  options: Plot.PlotOptions;
  controls?: ReactNode;
}

/** A statistical figure drawn by Observable Plot, as wide as its place. The pointer shows what each mark says. */
export function PlotFigure({ title, subtitle, description, fileName, options, controls }: PlotFigureProps) {
  const place = useRef<HTMLDivElement>(null);
  const marks = useRef<TitledMark[]>([]);
  const [pointed, setPointed] = useState<(TitledMark & { x: number; y: number }) | null>(null);
  const full = useFullScreen(options.height ?? 400);
  const theme = useTheme((state) => state.theme);
  const { height } = full;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new theme has other colours
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const draw = () => {
      const figure = drawPlot({ ...options, height }, element.clientWidth, description);
      marks.current = titledMarks(figure);
      element.replaceChildren(figure);
    };
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => {
      observer.disconnect();
      element.replaceChildren();
      setPointed(null);
    };
  }, [options, description, theme, height]);
  useEffect(() => {
    pointed?.element.setAttribute('data-pointed', 'true');
    return () => pointed?.element.removeAttribute('data-pointed');
  }, [pointed]);
  const onPointerMove = ({ clientX: x, clientY: y }: PointerEvent) => {
    const mark = markNear(marks.current, x, y);
    setPointed(mark && { ...mark, x, y });
  };
  return (
    <ChartFrame
      title={title}
      subtitle={subtitle}
      fileName={fileName}
      files={() => svgFiles(place.current?.querySelector('svg[aria-label]'))}
      controls={controls}
      full={full}
    >
      <div
        ref={place}
        className="plot"
        onPointerMove={onPointerMove}
        onPointerLeave={() => setPointed(null)}
      />
      {pointed && (
        <div className="scene-tip" style={tipPlace(pointed)} aria-hidden="true">
          <p>{pointed.text}</p>
        </div>
      )}
    </ChartFrame>
  );
}

function drawPlot(options: Plot.PlotOptions, width: number, description: string): Element {
  const figure = Plot.plot({
    ...options,
    width: Math.max(200, width),
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
  // Legends come with a font of their own, in a figure with margins.
  if (figure instanceof HTMLElement) {
    figure.style.margin = '0';
    for (const legend of figure.children) {
      if (legend instanceof HTMLElement) legend.style.font = '11px / 16px var(--font)';
    }
  }
  return figure;
}
