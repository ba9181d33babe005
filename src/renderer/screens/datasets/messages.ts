/** Messages of an import as the window says them. */
import type { ClickRole } from '../../../core/api/datasets.ts';
import { durationText } from '../../format/format.ts';

/** Where the browser shell keeps dropped files, which is of no interest to who dropped them. */
const UPLOAD =
  /(^|[;,] | (?:and|of) )(?:[A-Z]:)?[\\/](?:[^;,]*?[\\/])?uploads[\\/][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[\\/]/g;

export function fileText(path: string): string {
  return path.replaceAll(UPLOAD, '$1');
}

/** Each file without its folders, but for those that tell it from another of the same name. */
export function fileNames(paths: readonly string[]): string[] {
  const parts = paths.map((path) => fileText(path).split(/[\\/]/));
  const short = (of: readonly string[], count: number) => of.slice(-count).join('/');
  return parts.map((folders, at) => {
    const others = parts.filter((_, other) => other !== at);
    let count = 1;
    while (count < folders.length && others.some((other) => short(other, count) === short(folders, count)))
      count++;
    return short(folders, count);
  });
}

const ROLE_NAMES: Record<ClickRole, string> = {
  label: 'Label',
  dense: 'Number',
  categorical: 'Category',
  multi: 'Several categories',
  user: 'User',
  item: 'Item',
  time: 'Time',
  ignore: 'Not used',
};

/** What a column of a click log, or a side column, means. */
export function roleName(role: ClickRole): string {
  return ROLE_NAMES[role];
}

const PHASES = {
  read: 'Reading the files',
  describe: 'Reading titles and side columns',
  filter: 'Filtering',
  order: 'Ordering the sequences',
  summarise: 'Summarising',
} as const;

export function phaseText(phase: keyof typeof PHASES): string {
  return PHASES[phase];
}

/** A step has to run this long before its time left is worth a word. */
const TELLS_AFTER_SECONDS = 2;

/** "34 %, about 12 s left" of a step that has run for so many seconds; the next steps come on top. */
export function shareDoneText(fraction: number, seconds: number): string {
  const left = (seconds / fraction) * (1 - fraction);
  const isTelling = seconds > TELLS_AFTER_SECONDS && fraction > 0.02 && fraction < 1;
  return `${Math.round(100 * fraction)} %${isTelling ? `, about ${durationText(left)} left` : ''}`;
}
