/** How wide a table will be in print, and how it is made to fit: estimates that are rather too wide than too narrow. */
import type { LatexStyle } from '../formats.ts';

/** Points of a line across both columns of a page, and of the letters of each size. */
const PAGES: Record<LatexStyle, { width: number; sizes: Record<FontSize, number> }> = {
  article: { width: 506, sizes: { normalsize: 10, small: 9, footnotesize: 8, scriptsize: 7 } },
  acm: { width: 506, sizes: { normalsize: 9, small: 9, footnotesize: 8, scriptsize: 7 } },
  ieee: { width: 516, sizes: { normalsize: 10, small: 9, footnotesize: 8, scriptsize: 7 } },
};

type FontSize = 'normalsize' | 'small' | 'footnotesize' | 'scriptsize';

/** How a table is set: the size of its letters, and the points on either side of a column. */
export interface Setting {
  size: FontSize;
  gap: number;
}

/** From the most readable on. */
const SETTINGS: readonly Setting[] = [
  { size: 'small', gap: 6 },
  { size: 'small', gap: 4 },
  { size: 'footnotesize', gap: 4 },
  { size: 'footnotesize', gap: 3 },
  { size: 'scriptsize', gap: 3 },
  { size: 'scriptsize', gap: 2 },
];

/** Ems of the column of names: longer ones stand in several lines. */
export const NAME_EMS = 13;

/** Up to here several blocks share a table: smaller letters are for one that is too wide by itself. */
const SHARED = 4;

/** Ems of a text in upright letters of a text font. */
export function textEms(text: string): number {
  let ems = 0;
  for (const letter of text) ems += letterEms(letter);
  return ems;
}

function letterEms(letter: string): number {
  if (/[0-9a-zà-ÿ]/.test(letter)) return letter === 'm' || letter === 'w' ? 0.83 : 0.53;
  if (/[.,:;'|!ijl ()[\]-]/.test(letter)) return 0.4;
  return /[±@%—…]/.test(letter) ? 0.95 : 0.78;
}

/** Bold letters are wider. */
const BOLD = 1.15;

/** Ems of a value with its marks. A spread is set in letters that become no smaller. */
export function valueEms({
  text,
  significant,
  spread,
  note = '',
}: {
  text: string;
  significant?: boolean;
  spread?: string;
  note?: string;
}): number {
  const scatter = spread === undefined ? 0 : 0.4 + 0.95 + textEms(spread);
  return BOLD * textEms(text) + (significant ? 0.45 : 0) + scatter + 0.8 * textEms(note.trim());
}

/** A column, or several under one title. */
export interface Columns<T> {
  item: T;
  /** Of each column, with its heading. */
  ems: readonly number[];
  title: string;
}

/** The first setting in which columns stand beside those of text; null where none is small enough. */
function settingOf<T>(
  style: LatexStyle,
  text: readonly number[],
  groups: readonly Columns<T>[],
  most = SETTINGS.length,
): Setting | null {
  const { width, sizes } = PAGES[style];
  const fits = ({ size, gap }: Setting) => {
    const groupWidth = ({ ems, title }: Columns<T>) =>
      Math.max(
        ems.reduce((sum, one) => sum + one * sizes[size] + 2 * gap, 0),
        textEms(title) * sizes[size] + 2 * gap,
      );
    const all = text.reduce((sum, one) => sum + one * sizes[size] + 2 * gap, 0);
    return groups.reduce((sum, group) => sum + groupWidth(group), all) <= width;
  };
  return SETTINGS.slice(0, most).find(fits) ?? null;
}

/** Columns that stand in one table, and how it is set. */
export interface Fitted<T> {
  setting: Setting;
  groups: { item: T; columns: number[] }[];
}

/**
 * Tables across the page for blocks of groups of columns: as few as fit in letters that are good to read, in which no block is parted unless it is
 * too wide by itself; of such a one no group is, unless it is.
 * @param text ems of the columns at the left of every table
 */
export function fitted<T>(
  style: LatexStyle,
  text: readonly number[],
  blocks: readonly (readonly Columns<T>[])[],
): Fitted<T>[] {
  const tables: Fitted<T>[] = [];
  let open: Columns<T>[] = [];
  const close = () => {
    const setting = settingOf(style, text, open);
    if (setting && open.length > 0) tables.push({ setting, groups: open.map(whole) });
    open = [];
  };
  for (const block of blocks) {
    if (settingOf(style, text, [...open, ...block], SHARED)) {
      open.push(...block);
      continue;
    }
    close();
    for (const group of block) {
      if (!settingOf(style, text, [...open, group])) close();
      if (settingOf(style, text, [group])) open.push(group);
      else tables.push(...parted(style, text, group));
    }
    // What is set small for its own sake is not made smaller by others.
    if (!settingOf(style, text, open, SHARED)) close();
  }
  close();
  return tables;
}

const whole = <T>({ item, ems }: Columns<T>) => ({ item, columns: [...ems.keys()] });

/** A group that is too wide with others, over as many tables as it takes; a column that is too wide by itself stays so. */
function parted<T>(style: LatexStyle, text: readonly number[], group: Columns<T>): Fitted<T>[] {
  const tables: Fitted<T>[] = [];
  let columns: number[] = [];
  const settingFor = (chosen: readonly number[]) =>
    settingOf(style, text, [{ ...group, ems: chosen.map((at) => group.ems[at]) }]);
  const close = () => {
    const setting = settingFor(columns) ?? SETTINGS[SETTINGS.length - 1];
    tables.push({ setting, groups: [{ item: group.item, columns }] });
  };
  for (const at of group.ems.keys()) {
    if (columns.length > 0 && !settingFor([...columns, at])) {
      close();
      columns = [];
    }
    columns.push(at);
  }
  close();
  return tables;
}
