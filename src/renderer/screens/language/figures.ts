import type { FigureSpec } from '../../../core/api/figures.ts';
import type { LanguageEvaluation } from '../../../core/api/language.ts';
import { countText, fixed } from '../../format/format.ts';

/** The many-shot curve: the AUC by the past interactions that a prompt shows at most. */
export function shotsFigure(shots: LanguageEvaluation['shots'], colour: string): FigureSpec {
  return {
    title: 'AUC by past interactions shown',
    description: `AUC with at most ${shots.map((one) => one.shots).join(', ')} past interactions, with 95 % intervals`,
    fileName: 'many-shot',
    height: 240,
    x: { kind: 'names', label: 'Maximum past interactions' },
    y: { label: 'AUC' },
    series: [
      {
        id: 'auc',
        colour,
        line: 'straight',
        marks: 'tile',
        points: shots.map(({ shots: most, meanShown, figures: { auc, interval } }) => ({
          x: String(most),
          y: auc,
          low: interval[0],
          high: interval[1],
          tip: `at most ${countText(most, 'past interaction')}, ${fixed(meanShown, 1)} shown: ${fixed(auc, 4)}`,
        })),
      },
    ],
  };
}
