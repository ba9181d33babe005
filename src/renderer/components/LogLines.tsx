import { useMemo, useState } from 'react';
import type { Query } from '../state/api.ts';
import type { Column } from './columns.ts';
import { Table } from './Table.tsx';

interface LogLine {
  time: number;
  message: string;
}

interface LogLinesProps<Line extends LogLine> {
  columns: readonly Column<Line>[];
  /** The newest at the end; undefined until they are there. */
  lines: readonly Line[] | undefined;
  query: Query<unknown>;
  /** Keeps the newest in sight, until the user scrolls away from it. */
  follow: boolean;
  onFollow(follow: boolean): void;
}

/** Lines of one millisecond may be equal. */
function numbered<Line extends LogLine>(lines: readonly Line[]): (Line & { key: string })[] {
  const seen = new Map<string, number>();
  return lines.map((line) => {
    const text = `${line.time} ${line.message}`;
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return { ...line, key: `${text} ${count}` };
  });
}

const NONE: ReadonlySet<string> = new Set();

/** A log as a table, and below it the whole of the line that is chosen. */
export function LogLines<Line extends LogLine>({ lines, ...table }: LogLinesProps<Line>) {
  const [selection, setSelection] = useState(NONE);
  const rows = useMemo(() => lines && numbered(lines), [lines]);
  const chosen = rows?.find(({ key }) => selection.has(key));
  return (
    <>
      <Table
        label="Log"
        rows={rows}
        {...table}
        rowKey={({ key }) => key}
        selection={selection}
        onSelect={setSelection}
      />
      {chosen && (
        <section className="rigid" aria-label="The whole line">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
          <pre className="code-block log-line scrolls" tabIndex={0}>
            {chosen.message}
          </pre>
        </section>
      )}
    </>
  );
}
