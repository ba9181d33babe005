import type { PublishedSection } from '../../core/api/compare.ts';
import { fixed, markedText, signed } from '../format/format.ts';
import { CopyMenu } from './CopyMenu.tsx';
import type { Column } from './columns.ts';
import { StaticTable } from './StaticTable.tsx';

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
      <div className="chart-head">
        <h3>{title}</h3>
        <CopyMenu what={`${section.source}, ${title}`} columns={columns} rows={() => lines} />
      </div>
      <StaticTable
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
    {
      id: 'name',
      title: 'Result',
      text: ({ line }) => markedText(line.kind === 'ours' ? `ours: ${line.name}` : line.name, line.marks),
      render: ({ line }) => (
        <span className={line.kind === 'ours' ? 'published-ours' : undefined}>
          {line.name}
          <Marks numbers={line.marks} />
        </span>
      ),
    },
    ...columns.flatMap(({ name, label, decimals }, at): Column<Line>[] => [
      {
        id: name,
        title: label,
        numeric: true,
        text: ({ line }) => markedText(fixed(line.cells[at].value, decimals), line.cells[at].marks),
        render: ({ line }) => (
          <>
            {fixed(line.cells[at].value, decimals)}
            <Marks numbers={line.cells[at].marks} />
          </>
        ),
      },
      ...(withOurs
        ? [
            {
              id: `${name} difference`,
              title: 'Δ %',
              numeric: true,
              text: ({ line }: Line) =>
                line.cells[at].percent === null ? '' : signed(line.cells[at].percent, 1),
            },
          ]
        : []),
    ]),
  ];
}

/** Numbers of footnotes; they take no room, so that decimals stay under each other. */
function Marks({ numbers }: { numbers: readonly number[] }) {
  return numbers.length === 0 ? null : <sup className="published-mark">{numbers.join(', ')}</sup>;
}
