import type { FigureColour, FigureSpec } from '../../../core/api/figures.ts';
import type { LanguageEvaluation } from '../../../core/api/language.ts';
import { countText, fixed } from '../../format/format.ts';

/** Means that differ by less show the same prompts: the context has cut the longer ones. */
const SAME = 0.05;

/** Those that show more than the one before; a curve over the others would look like saturation. */
export function shownShots(shots: LanguageEvaluation['shots']): LanguageEvaluation['shots'] {
  return shots.filter(({ meanShown }, at) => at === 0 || meanShown - shots[at - 1].meanShown > SAME);
}

/** The many-shot curve: the AUC by the past interactions that prompts show on average, as far as the context holds more. */
export function shotsFigure(all: LanguageEvaluation['shots'], colour: FigureColour): FigureSpec {
  const shots = shownShots(all);
  const cut = all.length - shots.length;
  return {
    title: 'AUC by past interactions shown',
    subtitle: cut > 0 ? `${countText(cut, 'longer prompt')} left out: the context cuts them` : undefined,
    description: `AUC with up to ${shots.map((one) => one.shots).join(', ')} past interactions, with 95 % intervals`,
    fileName: 'many-shot',
    height: 240,
    x: { label: 'Past interactions shown, mean' },
    y: { label: 'AUC' },
    series: [
      {
        id: 'auc',
        colour,
        line: 'straight',
        marks: 'tile',
        points: shots.map(({ shots: most, meanShown, figures: { auc, interval } }) => ({
          x: meanShown,
          y: auc,
          low: interval[0],
          high: interval[1],
          tip: `at most ${countText(most, 'past interaction')}, ${fixed(meanShown, 1)} shown: ${fixed(auc, 4)}`,
        })),
      },
    ],
  };
}
