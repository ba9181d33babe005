import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { LanguageEvaluation } from '../../../core/api/language.ts';
import { modelColour } from '../../charts/colours.ts';
import { PlotFigure } from '../../charts/PlotFigure.tsx';
import { tiles } from '../../charts/tiles.ts';
import { countText, fixed } from '../../format/format.ts';
import { useTheme } from '../../state/theme.ts';

/** The many-shot curve: the AUC by the past interactions that a prompt shows at most. */
export function ShotsFigure({ shots, model }: Pick<LanguageEvaluation, 'shots'> & { model: string }) {
  const theme = useTheme((state) => state.theme);
  const options = useMemo((): Plot.PlotOptions => {
    const points = shots.map(({ shots: most, meanShown, figures: { auc, interval } }) => {
      return { most, meanShown, auc, low: interval[0], high: interval[1] };
    });
    type Point = (typeof points)[number];
    const colour = modelColour(model, theme);
    return {
      height: 240,
      marginLeft: 56,
      marginBottom: 40,
      x: { type: 'point', label: 'Past interactions shown at most', domain: points.map(({ most }) => most) },
      y: { label: 'AUC', grid: true, nice: true },
      marks: [
        Plot.ruleX(points, {
          x: 'most',
          y1: 'low',
          y2: 'high',
          stroke: colour,
          strokeWidth: 1.5,
          strokeOpacity: 0.5,
        }),
        Plot.line(points, { x: 'most', y: 'auc', stroke: colour }),
        tiles(points, {
          x: 'most',
          y: 'auc',
          fill: colour,
          title: (point: Point) =>
            `at most ${countText(point.most, 'past interaction')}, ${fixed(point.meanShown, 1)} shown: ${fixed(point.auc, 4)}`,
        }),
      ],
    };
  }, [shots, model, theme]);
  return (
    <PlotFigure
      title="AUC by past interactions shown"
      description={`AUC with at most ${shots.map((one) => one.shots).join(', ')} past interactions, with 95 % intervals`}
      fileName="many-shot"
      options={options}
    />
  );
}
