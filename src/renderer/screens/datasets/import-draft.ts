import { z } from 'zod';
import {
  CLICK_ROLES,
  type ClickRole,
  DATASET_KINDS,
  ENCODINGS,
  IMPORT_PRESETS,
  type ImportRequestInput,
  NO_COLUMN,
  ROLES,
  type Role,
  TIME_UNITS,
} from '../../../core/api/datasets.ts';
import type { Choice } from '../../components/Select.tsx';

/** What the import screen holds: choices, and numbers as typed; empty is what the import does by itself. */
const text = z.string().default('');

export const importDraft = z.object({
  name: text,
  /** Column of each role; of a click log columns joined by "+". */
  map: z.partialRecord(z.enum([...ROLES, ...CLICK_ROLES]), z.string()).default({}),
  kind: z.enum(['auto', ...DATASET_KINDS]).default('auto'),
  separator: text,
  header: z.enum(['', 'yes', 'no']).default(''),
  encoding: z.enum(['', ...ENCODINGS]).default(''),
  timeUnit: z.enum(['', ...TIME_UNITS]).default(''),
  preset: z.enum(['', ...(Object.keys(IMPORT_PRESETS) as (keyof typeof IMPORT_PRESETS)[])]).default(''),
  minUser: text,
  minItem: text,
  minRating: text,
  from: text,
  to: text,
  dedupe: z.enum(['none', 'exact', 'first', 'last']).default('none'),
  ties: z.enum(['file', 'shuffle']).default('file'),
  seed: text,
  skipBadRows: z.boolean().default(false),
  /** Heads of the files that it was set for. */
  heads: z.array(z.string()).default([]),
});
export type ImportDraft = z.output<typeof importDraft>;

export const EMPTY_DRAFT = importDraft.parse({});

const AUTO_DETECT = { value: '' as const, label: 'Auto-detect' };

/** The choices of a field from their labels by value, in this order. */
function choices<T extends string>(labels: Record<T, string>): Choice<T>[] {
  return (Object.keys(labels) as T[]).map((value) => ({ value, label: labels[value] }));
}

export const KINDS = choices<ImportDraft['kind']>({
  auto: 'Auto-detect',
  interactions: 'Interactions of users with items',
  clicks: 'Click log: labelled rows',
});
export const SEPARATORS = choices({
  '': 'Auto-detect',
  ',': 'Comma',
  ';': 'Semicolon',
  '\t': 'Tab',
  '|': 'Bar |',
  '::': 'Two colons ::',
  ' ': 'Space',
} as Record<string, string>);
export const HEADERS = choices<ImportDraft['header']>({
  '': 'Auto-detect',
  yes: 'Column names',
  no: 'Data',
});
export const ENCODING_CHOICES: Choice<ImportDraft['encoding']>[] = [
  AUTO_DETECT,
  ...ENCODINGS.map((value) => ({ value, label: value.toUpperCase() })),
];
export const TIME_UNIT_CHOICES: Choice<ImportDraft['timeUnit']>[] = [
  AUTO_DETECT,
  ...TIME_UNITS.map((value) => ({ value, label: value })),
];
export const PRESET_CHOICES: Choice<ImportDraft['preset']>[] = [
  { value: '', label: 'None' },
  ...Object.entries(IMPORT_PRESETS).map(([name, { minItem, minUser }]) => ({
    value: name as ImportDraft['preset'],
    label: `${name}: ${minItem} per item, ${minUser} per user`,
  })),
];
export const REPEATS = choices<ImportDraft['dedupe']>({
  none: 'Keep all',
  exact: 'Once for the same user, item and time',
  first: 'Only the first of a user and item',
  last: 'Only the last of a user and item',
});
export const TIES = choices<ImportDraft['ties']>({
  file: 'In the order of the file',
  shuffle: 'Shuffled by a seed',
});

/** Whether anything but the name and the meaning of columns was chosen. */
export function optionsSet({ name: _name, map: _map, heads: _heads, ...options }: ImportDraft): boolean {
  return Object.entries(options).some(([key, value]) => value !== EMPTY_DRAFT[key as keyof ImportDraft]);
}

/** Fields whose text is no number it can be, with why. */
export function draftProblems(draft: ImportDraft): Partial<Record<keyof ImportDraft, string>> {
  const problems: Partial<Record<keyof ImportDraft, string>> = {};
  for (const key of ['minUser', 'minItem', 'seed'] as const) {
    if (!/^\s*\d{0,9}\s*$/.test(draft[key])) problems[key] = 'Enter a whole number, 0 or more';
  }
  if (!Number.isFinite(Number(draft.minRating))) problems.minRating = 'Enter a number';
  if (draft.from !== '' && draft.to !== '' && draft.from >= draft.to)
    problems.to = 'Enter a day after the first one';
  return problems;
}

/** What decides how the files are read, as the preview takes it. */
export function overridesOf({ map, kind, separator, header, encoding, timeUnit }: ImportDraft) {
  return {
    map,
    kind,
    separator: separator || undefined,
    header: header === '' ? undefined : header === 'yes',
    encoding: encoding || undefined,
    timeUnit: timeUnit || undefined,
  };
}

/** The request of a draft without problems. */
export function importRequest(paths: string[], draft: ImportDraft): ImportRequestInput {
  const number = (text: string) => (text.trim() === '' ? undefined : Number(text));
  return {
    ...overridesOf(draft),
    paths,
    preset: draft.preset || undefined,
    minUser: number(draft.minUser),
    minItem: number(draft.minItem),
    minRating: number(draft.minRating),
    from: draft.from || undefined,
    to: draft.to || undefined,
    dedupe: draft.dedupe,
    ties: draft.ties,
    seed: draft.ties === 'shuffle' ? number(draft.seed) : undefined,
    skipBadRows: draft.skipBadRows,
  };
}

/** The map after a column was given a role, or none; whatever had the role before loses it. */
export function mapColumn(
  draft: ImportDraft,
  roles: Partial<Record<Role, string>>,
  column: string,
  role: Role | '',
): ImportDraft['map'] {
  if (role !== '') return { ...draft.map, [role]: column };
  const freed = (Object.keys(roles) as Role[]).filter((name) => roles[name] === column);
  return { ...draft.map, ...Object.fromEntries(freed.map((name) => [name, NO_COLUMN])) };
}

const SINGLE: readonly ClickRole[] = ['user', 'item', 'time'];

/**
 * The map after a column of a click log, or a side column, was given a role: it leaves the one it had, and takes a single
 * one over.
 */
export function mapClickColumn(map: ImportDraft['map'], column: string, role: ClickRole): ImportDraft['map'] {
  const named = CLICK_ROLES.map((other): [ClickRole, string[]] => {
    const others = (map[other] ?? '').split('+').filter((name) => name !== '' && name !== column);
    if (other !== role) return [other, others];
    return [other, SINGLE.includes(role) ? [column] : [...others, column]];
  });
  const used = named.filter(([, columns]) => columns.length > 0);
  const { rating, title } = map;
  return {
    ...(rating === undefined ? {} : { rating }),
    ...(title === undefined ? {} : { title }),
    ...Object.fromEntries(used.map(([name, columns]) => [name, columns.join('+')])),
  };
}
