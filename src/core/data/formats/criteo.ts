/** The layout of Criteo's own files, which have no header. */
const CRITEO_NUMBERS = 13;
const CRITEO_CATEGORIES = 26;

/** Names of the columns of Criteo's files. */
export function criteoColumns(): string[] {
  const numbered = (letter: string, count: number) =>
    Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);
  return ['label', ...numbered('I', CRITEO_NUMBERS), ...numbered('C', CRITEO_CATEGORIES)];
}

/** Whether rows without column names are laid out as Criteo's: a label, 13 whole numbers, 26 hashes of 8 digits. */
export function isCriteo(rows: readonly (readonly (string | null)[])[]): boolean {
  const fits = (row: readonly (string | null)[]) =>
    row.length === 1 + CRITEO_NUMBERS + CRITEO_CATEGORIES &&
    /^[01]$/.test(row[0] ?? '') &&
    row.slice(1, 1 + CRITEO_NUMBERS).every((field) => /^(-?\d+(\.0+)?)?$/.test(field ?? '')) &&
    row.slice(1 + CRITEO_NUMBERS).every((field) => /^([0-9a-f]{8})?$/.test(field ?? ''));
  return rows.length > 0 && rows.every(fits);
}
