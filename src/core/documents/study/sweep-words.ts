/** What a sweep says first, in the window and in reports. */
import { capital, countText } from '../../names.ts';
import { settingText } from '../../setting-value.ts';
import { settingTitle } from '../../setting-words.ts';
import { UNFINISHED } from '../../store/runs/run-life.ts';
import type { RunStatus } from '../../store/types.ts';
import type { SweepSpec } from '../../studies/study.ts';
import type { SweepTrial } from '../../studies/sweep-result.ts';
import { marginText } from './search-figure.ts';

/** Settings that a statement names. */
const NAMED = 4;

/** "Learning rate 0.003, dropout 0.5", and how many trials it is the best of, or how far it is ahead of random search. */
export function sweepStatement(
  spec: SweepSpec,
  trials: readonly SweepTrial[],
): { fact: string; limit: string } {
  const best = trials.find(({ rank }) => rank === 1);
  const measured = trials.filter(({ value }) => value !== null).length;
  const isOpen =
    spec.sweep.state === 'open' || trials.some(({ status }) => status === 'queued' || status === 'running');
  if (!best) return { fact: 'No trial has completed yet', limit: `; ${stateText(trials)}` };
  const settings = Object.entries(best.settings);
  const named = settings
    .slice(0, NAMED)
    .map(([key, value]) => `${settingTitle(key).toLowerCase()} ${settingText(value)}`)
    .join(', ');
  const more = settings.length > NAMED ? ` and ${countText(settings.length - NAMED, 'other setting')}` : '';
  const margin = marginText(spec, trials);
  return {
    fact: capital(named) + more,
    limit: margin
      ? `: ${margin}${isOpen ? ' so far' : ''}`
      : isOpen
        ? ' is best so far'
        : ` is best of ${countText(measured, 'trial')}`,
  };
}

const STATES: [word: string, statuses: readonly (RunStatus | null)[]][] = [
  ['running', ['running']],
  ['waiting', ['queued']],
  ['stopped early', ['stopped']],
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
