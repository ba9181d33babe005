import type { CSSProperties } from 'react';
import { metricPhrase } from '../../core/api/metrics.ts';
import { modelTitle, settingText, settingTitle } from '../../core/api/models.ts';
import { percentText, type StudyPlan } from '../../core/api/studies.ts';
import { modelColour } from '../charts/colours.ts';
import { countText } from '../format/format.ts';
import { useTheme } from '../state/theme.ts';
import type { Asked } from './asked.ts';

/** How many trials searches have in all. */
export const trialsOf = (plans: readonly (StudyPlan | undefined)[]): number =>
  plans.reduce((sum, plan) => sum + (plan && 'trials' in plan ? plan.trials.length : 0), 0);

/** "Learning rate 0.001, dropout 0.2" */
const trialText = (trial: Readonly<Record<string, unknown>>) =>
  Object.entries(trial)
    .map(([key, value], at) => {
      const title = settingTitle(key);
      return `${at === 0 ? title : title.toLowerCase()} ${settingText(value)}`;
    })
    .join(', ');

interface Tiles {
  model: string;
  noun: 'trial' | 'run';
  /** A tile each, as what it trains. */
  texts: string[];
  note: string;
}

function tilesOf({ studies }: Asked, plans: readonly (StudyPlan | undefined)[]): Tiles[] {
  return studies.flatMap(({ request }, at): Tiles[] => {
    const plan = plans[at];
    if (!plan || plan.problem !== null) return [];
    if ('trials' in plan && request.kind === 'sweep') {
      const note = `A tile is a trial, ranked by ${metricPhrase(plan.metric)}.`;
      return [{ model: request.model, noun: 'trial', texts: plan.trials.map(trialText), note }];
    }
    if (!('points' in plan)) return [];
    return [...Map.groupBy(plan.points, ({ model }) => model)].map(([model, points]) => ({
      ...{ model, noun: 'run', note: 'A tile is a run.' },
      texts: points.map(({ label, share, seed }) => `${label}, ${percentText(share)}, seed ${seed}`),
    }));
  });
}

/** What is to be trained, a tile each: of a model a block, with the first and the last of them in words. */
export function Trials({ asked, plans }: { asked: Asked; plans: readonly (StudyPlan | undefined)[] }) {
  const theme = useTheme((state) => state.theme);
  const all = tilesOf(asked, plans);
  return (
    <div className="stack">
      {all.map(({ model, noun, texts }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a model may have several
        <div key={at} style={{ '--tile': modelColour(model, theme) } as CSSProperties}>
          <div className="flex spread">
            <span className="clip">{modelTitle(model)}</span>
            <strong className="rigid">{countText(texts.length, noun)}</strong>
          </div>
          <span className="new-run-trial-tiles flex gap-tile wrap" data-noun={noun} aria-hidden="true">
            {texts.map((text) => (
              <i key={text} title={text} />
            ))}
          </span>
          <p className="field-help">First: {texts[0]}</p>
          {texts.length > 1 && <p className="field-help">Last: {texts.at(-1)}</p>}
        </div>
      ))}
      {[...new Set(all.map(({ note }) => note))].map((note) => (
        <p key={note} className="field-help">
          {note}
        </p>
      ))}
    </div>
  );
}
