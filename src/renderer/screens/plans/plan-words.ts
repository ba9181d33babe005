/** What is said of a plan. */
import { aboutText, type Span, untilText, whenText } from '../../../core/api/clock.ts';
import type { PlanCheck, PlanEntry, PlanProgress } from '../../../core/api/plans.ts';
import { countText } from '../../format/format.ts';

type Checked = NonNullable<PlanCheck['plan']>;

/** "22 h 20 min", the middle of a rough estimate; "at least 2 h" where some of it is unknown. */
export function lengthText({ low, high }: Span): string {
  if (!Number.isFinite(high)) return low > 0 ? `at least ${aboutText(low)}` : 'time unknown';
  return aboutText((low + high) / 2);
}

/** What is trained where it is started, in runs: those of its tables, and of its searches one each. */
export const toTrain = ({ takes }: Checked): number => takes.missing + takes.trials;

/** "Two tables: nine models, three splits, three seeds" */
export function shapeText({ tables, models, seeds }: Checked): { fact: string; limit: string } {
  const splits = new Set(tables.flatMap((table) => table.splits)).size;
  const parts = [
    [models.length, 'model'] as const,
    [splits, 'split'] as const,
    [seeds.length, 'seed'] as const,
  ];
  return {
    fact: countWords(tables.length, 'table'),
    limit: parts.map(([count, noun]) => countWords(count, noun).toLowerCase()).join(', '),
  };
}

const NUMBERS = [
  'No',
  'One',
  'Two',
  'Three',
  'Four',
  'Five',
  'Six',
  'Seven',
  'Eight',
  'Nine',
  'Ten',
  'Eleven',
  'Twelve',
];

/** "Two tables" */
export const countWords = (count: number, noun: string): string =>
  `${NUMBERS[count] ?? count} ${noun}${count === 1 ? '' : 's'}`;

/** "26 runs and 240 trials. 18 runs exist and are used." */
export function takesText({ takes }: Checked): string {
  const { done, missing, trials } = takes;
  const parts = [
    ...(missing > 0 ? [countText(missing, 'run')] : []),
    ...(trials > 0 ? [countText(trials, 'trial')] : []),
  ];
  const exist =
    done === 0 ? '' : ` ${countText(done, 'run')} ${done === 1 ? 'exists and is' : 'exist and are'} used.`;
  // That there is nothing to train stands above it.
  return (parts.length === 0 ? exist : `${parts.join(' and ')}.${exist}`).trim();
}

/** "Table 1 about 19:20, table 2 about 23:40"; those that are done are left out. */
export function tablesText(tables: readonly Span[], now: number): string {
  const open = tables.flatMap((span, at) => {
    if (span.high === 0) return [];
    const when = whenText(span, now);
    return [`${when === '' ? 'no estimate for ' : ''}table ${at + 1} ${when}`.trim()];
  });
  const text = open.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "Two trainings now, one of them elsewhere. One run failed; nothing waits for it." */
export function nowText({ now, wrong, waiting, trials }: PlanProgress): string {
  const elsewhere = now.filter(({ place }) => place !== null).length;
  const running = now.length === 0 ? 'Nothing trains now' : `${countWords(now.length, 'training')} now`;
  const where = elsewhere === 0 ? '' : `, ${elsewhere} of them elsewhere`;
  const rest = [
    ...(waiting > 0 ? [`${waiting} wait`] : []),
    ...(trials > 0 ? [`${countText(trials, 'trial')} to come`] : []),
  ].join(', ');
  const held = [...new Set(wrong.flatMap(({ holds }) => holds))];
  const waits =
    held.length === 0 ? 'nothing waits' : `${held.join(', ')} ${held.length === 1 ? 'waits' : 'wait'}`;
  const failed =
    wrong.length === 0
      ? ''
      : ` ${countWords(wrong.length, 'run')} failed; ${waits} for ${wrong.length === 1 ? 'it' : 'them'}.`;
  return `${running}${where}${rest === '' ? '' : `; ${rest}`}.${failed}`;
}

/** What a list says of a plan, and beneath it. */
export function saysText(plan: PlanEntry, now: number): [string, string] {
  if (plan.unreadable !== null) return ['Cannot be read', plan.unreadable];
  if (plan.says) return [plan.says.fact, plan.says.limit];
  const open = plan.seeds.filter((state) => state !== 'done').length + plan.trials;
  if (open === 0) return ['Done', 'nothing to train'];
  if (plan.state === 'running' && plan.next)
    return [`Table ${plan.next.table + 1}`, whenText(plan.next.time, now) || 'no estimate'];
  if (plan.state === 'paused') return ['Paused', `${lengthText(plan.left)} left`];
  return [lengthText(plan.left), `${open} to train`];
}

/** "Continued at 17:02 after a restart", for a day. */
export function wentOnText(at: number | null, now: number): string | null {
  const isRecent = at !== null && now - at < 24 * 3_600_000;
  return isRecent ? `Continued at ${untilText(at, now)} after a restart.` : null;
}
