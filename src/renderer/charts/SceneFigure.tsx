import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { failsAlone } from '../components/ErrorBoundary.tsx';
import { ChartFrame } from './ChartFrame.tsx';
import type { ChartColours } from './colours.ts';
import { MarkReader, type MarkReaderProps } from './MarkReader.tsx';
import { paintCanvas, type Size, svgMarkup } from './painter.ts';
import type { Scene } from './scene.ts';
import { useChartColours } from './use-chart-colours.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useWidth } from './use-width.ts';

export interface SceneFigureProps extends Pick<MarkReaderProps, 'label' | 'onChoose' | 'tip' | 'stale'> {
  title: string;
  fileName: string;
  height: number;
  /** The part that is seen at once, where the drawing is higher. */
  windowHeight?: number;
  /** Memoise it: the drawing is made again with each new function, size and theme. */
  scene(size: Size, colours: ChartColours): Scene;
  controls?: ReactNode;
}

/** A drawing of marks in a frame: it can be saved as SVG and PNG, and fill the window. */
export const SceneFigure = failsAlone(FramedScene, ({ title }) => title);

function FramedScene(props: SceneFigureProps) {
  const { title, fileName, windowHeight, scene: make, controls, height: usual, ...box } = props;
  const full = useFullScreen(windowHeight ?? usual);
  // What is higher than its window goes on being so.
  const height = Math.max(usual, full.isFull ? full.height : 0);
  const [frame, width] = useWidth<HTMLDivElement>(640);
  const colours = useChartColours();
  const scene = useMemo(
    () => ({ ...make({ width, height }, colours), width, height }),
    [make, width, height, colours],
  );
  return (
    <ChartFrame
      title={title}
      fileName={fileName}
      drawing={() => ({ width, height, svg: svgMarkup(scene.paint) })}
      controls={controls}
      full={full}
    >
      <div className="scrolls" style={windowHeight ? { maxHeight: full.height } : undefined}>
        <div ref={frame}>
          <SceneBox {...box} scene={scene} described />
        </div>
      </div>
    </ChartFrame>
  );
}

interface SceneBoxProps extends Omit<MarkReaderProps, 'className' | 'marks' | 'height' | 'children'> {
  scene: Scene & Size;
  /** A mark that is ringed until another one is. */
  held?: number | null;
}

/** A drawing on a canvas, whose marks are read and chosen. */
export const SceneBox = failsAlone(CanvasScene, ({ label }) => label);

function CanvasScene({ scene, held, ...reader }: SceneBoxProps) {
  const { width, height } = scene;
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => paintCanvas(canvas.current, { width, height }, scene.paint), [scene, width, height]);
  return (
    <MarkReader {...reader} className="scene holds" marks={scene} height={height}>
      {(shown) => (
        <>
          <canvas ref={canvas} style={{ width, height }} />
          <svg className="scene-overlay" width={width} height={height} aria-hidden="true">
            {held != null && held < scene.marks && <path d={scene.outline(held)} />}
            {shown !== null && shown !== held && <path d={scene.outline(shown)} />}
          </svg>
        </>
      )}
    </MarkReader>
  );
}
