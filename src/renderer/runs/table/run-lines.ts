/** The lines of the table of runs, laid out from what there is of all rows: headings, rows, and the runs of open rows. */

export interface LineGroup {
  key: string;
  rows: number;
}

export type Line =
  | { kind: 'group'; group: number; keys: readonly string[] }
  /** `at` among all rows; `runs` are its ids, the newest first. */
  | { kind: 'row'; at: number; key: string; runs: readonly string[] }
  /** A run of the open row at the line `under`. */
  | { kind: 'run'; key: string; run: string; under: number };

interface Shown {
  /** Null where rows are not grouped. */
  groups: readonly LineGroup[] | null;
  /** Keys of closed groups. */
  closed: readonly string[];
  /** Keys of open rows. */
  open: readonly string[];
  /** The runs of an open row in the order in which they are shown. */
  runsOf(key: string, runs: readonly string[]): readonly string[];
}

/** `rows`: of each the ids of its runs, the newest first. A row has its newest run's id as its key. */
export function runLines(rows: readonly string[], { groups, closed, open, runsOf }: Shown): Line[] {
  const lines: Line[] = [];
  const shut = new Set(closed);
  const opened = new Set(open);
  const addRow = (at: number) => {
    const runs = rows[at].split(' ');
    const [key] = runs;
    const under = lines.push({ kind: 'row', at, key, runs }) - 1;
    if (runs.length === 1 || !opened.has(key)) return;
    for (const run of runsOf(key, runs)) lines.push({ kind: 'run', key: memberKey(key, run), run, under });
  };
  let first = 0;
  for (const [group, { key, rows: count }] of (groups ?? [{ key: '', rows: rows.length }]).entries()) {
    const end = Math.min(rows.length, first + count);
    if (groups) lines.push({ kind: 'group', group, keys: keysOf(rows.slice(first, end)) });
    if (!groups || !shut.has(key)) for (let at = first; at < end; at++) addRow(at);
    first = end;
  }
  return lines;
}

export function keysOf(rows: readonly string[]): string[] {
  return rows.map((runs) => runs.split(' ', 1)[0]);
}

/** A run stands in the table twice where it is also the newest of an open row. */
export function memberKey(row: string, run: string): string {
  return `${row}/${run}`;
}
