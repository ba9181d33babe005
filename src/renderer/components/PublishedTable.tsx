import type { PublishedSection } from '../../core/api/compare.ts';
import { fixed, markedText, signed } from '../format/format.ts';
import { type Column, column } from './columns.ts';
import { Table } from './Table.tsx';

interface Line {
  at: number;
  line: PublishedSection['lines'][number];
}

/** What one source has published for one data set: rows, ours under theirs, footnotes and remarks. */
export function PublishedTable({ section, title }: { section: PublishedSection; title: string }) {
  const columns = publishedColumns(section);
  const lines = section.lines.map((line, at) => ({ at, line }));
  return (
    <section className="published-section">
      <Table
        title={title}
        heading="h3"
        label={`${section.source}, ${title}`}
        columns={columns}
        rows={lines}
        rowKey={({ at }) => String(at)}
      />
      {section.footnotes.length > 0 && (
        <ol className="published-notes" aria-label="Footnotes">
          {section.footnotes.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ol>
      )}
      {section.remarks.map((text) => (
        <p key={text} className="published-remark">
          {text}
        </p>
      ))}
    </section>
  );
}

function publishedColumns({ columns, lines }: PublishedSection): Column<Line>[] {
  const withOurs = lines.some(({ kind }) => kind === 'ours');
  return [
    column(
      'name',
      'Result',
      'text',
      ({ line }) => (line.kind === 'ours' ? `ours: ${line.name}` : line.name),
      {
        text: ({ line }) => markedText(line.kind === 'ours' ? `ours: ${line.name}` : line.name, line.marks),
        render: ({ line }) => (
          <span className={line.kind === 'ours' ? 'published-ours' : undefined}>
            {line.name}
            <Marks numbers={line.marks} />
          </span>
        ),
      },
    ),
    ...columns.flatMap(({ name, label, decimals }, at): Column<Line>[] => [
      column(name, label, 'metric', ({ line }) => line.cells[at].value, {
        text: ({ line }) => markedText(fixed(line.cells[at].value, decimals), line.cells[at].marks),
        render: ({ line }) => (
          <>
            {fixed(line.cells[at].value, decimals)}
            <Marks numbers={line.cells[at].marks} />
          </>
        ),
      }),
      ...(withOurs
        ? [
            column<Line>(`${name} difference`, 'Δ %', 'signed', ({ line }) => line.cells[at].percent, {
              text: ({ line: { cells } }) => (cells[at].percent === null ? '' : signed(cells[at].percent, 1)),
            }),
          ]
        : []),
    ]),
  ];
}

/** Numbers of footnotes; they take no room, so that decimals stay under each other. */
function Marks({ numbers }: { numbers: readonly number[] }) {
  return numbers.length === 0 ? null : <sup className="published-mark">{numbers.join(', ')}</sup>;
}
