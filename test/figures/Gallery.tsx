import { useEffect, useRef } from 'react';
import { ChartFrame } from '../../src/renderer/charts/ChartFrame.tsx';
import { Figure } from '../../src/renderer/charts/Figure.tsx';
import { paintCanvas, svgMarkup } from '../../src/renderer/charts/painter.ts';
import { useChartColours } from '../../src/renderer/charts/use-chart-colours.ts';
import { useFullScreen } from '../../src/renderer/charts/use-full-screen.ts';
import { Screen } from '../../src/renderer/components/Screen.tsx';
import { madeFigures } from './inputs.ts';
import { type MadeScene, madeScenes } from './scenes.ts';

const SCENES = madeScenes();

/** Every figure and scene on made-up numbers, in the theme in force: `VITE_GALLERY=1 npm run build`, then "#/gallery". */
export default function Gallery() {
  const figures = madeFigures(useChartColours());
  return (
    <Screen title="Gallery">
      <div className="flow">
        <div className="chart-grid">
          {figures.map((spec) => (
            <Figure key={spec.title} spec={spec} />
          ))}
          {SCENES.map((made) => (
            <PaintedScene key={made.title} {...made} />
          ))}
        </div>
      </div>
    </Screen>
  );
}

function PaintedScene({ title, size, scene }: MadeScene) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = useChartColours();
  const full = useFullScreen(size.height);
  const { paint } = scene(size, colours);
  useEffect(() => paintCanvas(canvas.current, size, paint));
  return (
    <ChartFrame
      title={title}
      fileName={title}
      drawing={() => ({ ...size, svg: svgMarkup(paint) })}
      full={full}
    >
      <canvas ref={canvas} style={size} />
    </ChartFrame>
  );
}
