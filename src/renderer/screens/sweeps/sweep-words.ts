/** A sweep in words. */
import { settingText, settingTitle } from '../../../core/api/models.ts';
import { type RunStatus, UNFINISHED } from '../../../core/api/runs.ts';
import type { SweepPage, SweepTrial } from '../../../core/api/studies.ts';
import { countText } from '../../format/format.ts';

/** Settings that a statement names. */
const NAMED = 4;

/** "Learning rate 0.003, dropout 0.5", and how many trials it is the best of. */
export function statementOf({ best, done, trials }: Pick<SweepPage, 'best' | 'done' | 'trials'>): {
  fact: string;
  limit: string;
} {
  if (!best) return { fact: 'No trial has completed yet', limit: `; ${stateText(trials)}` };
  const settings = Object.entries(best.settings);
  const named = settings
    .slice(0, NAMED)
    .map(([key, value]) => `${settingTitle(key).toLowerCase()} ${settingText(value)}`)
    .join(', ');
  const more = settings.length > NAMED ? ` and ${countText(settings.length - NAMED, 'other setting')}` : '';
  return {
    fact: `${named.charAt(0).toUpperCase()}${named.slice(1)}${more}`,
    limit: done < trials.length ? ' is best so far' : ` is best of ${countText(done, 'trial')}`,
  };
}

const STATES: [word: string, statuses: readonly (RunStatus | null)[]][] = [
  ['running', ['running']],
  ['waiting', ['queued']],
  ['not completed', [...UNFINISHED, null]],
];

/** "2 running, 11 waiting" of the trials that have not completed. */
export function stateText(trials: readonly Pick<SweepTrial, 'status'>[]): string {
  return STATES.flatMap(([word, statuses]) => {
    const count = trials.filter(({ status }) => statuses.includes(status)).length;
    return count === 0 ? [] : [`${count} ${word}`];
  }).join(', ');
}

/** A trial as its values: "0.003, 0.5, 64". */
export function valuesText({ settings }: SweepTrial): string {
  return Object.values(settings).map(settingText).join(', ');
}
