import { TriangleAlert } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useRef, useState } from 'react';
import type { NumberFacts, PaperStyle, PaperTable, PlanCheck, PlanPaper } from '../../../core/api/plans.ts';
import { Icon } from '../../components/Button.tsx';
import { ScreenFoot } from '../../components/Statement.tsx';
import { countText, someNames } from '../../format/format.ts';
import { compareRuns } from '../../runs/changes.ts';
import { goTo } from '../../state/navigation.ts';
import { PaperParts } from './PaperParts.tsx';
import { FILES, type LeftOut } from './paper-state.ts';

const NEEDS: Record<PaperStyle, string> = {
  acm: 'compiles as an ACM paper, with booktabs',
  ieee: 'compiles as an IEEE paper, with booktabs',
  markdown: 'as many editors read it',
  csv: 'as spreadsheets read it',
};

/** A page is white in either theme: what follows the theme is light in it, too. */
const PAGE: CSSProperties = {
  ...{ colorScheme: 'only light', minHeight: 400, padding: 28, background: 'white', color: 'black' },
  font: '13px / 17px "Times New Roman", Times, "Liberation Serif", serif',
};
const RULED: CSSProperties = {
  width: '100%',
  margin: '6px 0',
  borderCollapse: 'collapse',
  borderBlock: '1.5px solid',
};
/** Letters are as large as a page lets them be, up to this many pixels, as a plan sets its tables in LaTeX. */
const [LARGEST, SMALLEST] = [12, 8];
/** Of a letter of the table, and of what is beside the letters of a cell, as shares of the size of its letters. */
const [LETTER_EMS, BESIDE_EMS] = [0.56, 0.75];
const CELL: CSSProperties = {
  padding: '1px 0.33em',
  fontWeight: 400,
  textAlign: 'end',
  whiteSpace: 'nowrap',
};
const HEAD: CSSProperties = { ...CELL, borderBottom: '1px solid' };
const MARKS = { best: { fontWeight: 700 }, second: { textDecoration: 'underline' } };
const RING: CSSProperties = { outline: '1px solid var(--accent)', background: 'var(--selected)' };
const first = (style: CSSProperties, at: number): CSSProperties =>
  at === 0 ? { ...style, textAlign: 'start' } : style;
const CODE: CSSProperties = {
  maxHeight: 300,
  margin: 0,
  padding: '8px 0',
  font: 'var(--text-small) / 18px var(--font-mono)',
};
const LIT: CSSProperties = { background: 'var(--selected)', boxShadow: 'inset 2px 0 0 var(--accent)' };

interface PaperViewProps {
  paper: PlanPaper;
  leftOut: LeftOut;
  /** Models that had less to choose from than another. */
  unequal: NonNullable<PlanCheck['plan']>['unequal'];
}

/** The paper of a plan as it will be, its source, and where each number comes from. */
export function PaperView({ paper, leftOut, unequal }: PaperViewProps) {
  /** A number of a table by its place, or one of the text by what is noted of it. */
  const [shown, choose] = useState<number | string | null>(null);
  const [chosen, note] = typeof shown === 'string' ? [null, shown] : [shown, null];
  const { style, tables, prose, numbers, parts, missing, warnings } = paper;
  const facts = chosen === null ? undefined : numbers[chosen];
  if (tables.length === 0 && prose.length === 0)
    return <p className="page-inset muted">Nothing of this plan has a result yet.</p>;
  return (
    <div className="column tall">
      <div
        className="grid fill"
        style={{ gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 560px), 1fr))' }}
      >
        <section className="surface scrolls page-inset" aria-label="Paper as it will be">
          <div className="framed" style={PAGE}>
            {tables.map((table, at) => (
              <PaperTableView
                key={table.lines[0]?.[0]?.number ?? table.caption}
                {...{ table, chosen }}
                number={at + 1}
                onChosen={choose}
              />
            ))}
            {prose.map((paragraph) => (
              <Prose key={paragraph.title} {...paragraph} chosen={note} onChosen={choose} />
            ))}
          </div>
        </section>
        <section className="stack packed scrolls page-inset line-before" aria-label="Source of the paper">
          <p className="row spread">
            <span>
              <b>{FILES[style]}</b> <span className="muted">{NEEDS[style]}</span>
            </span>
            <span className="muted">{countText(paper.text.split('\n').length, 'line')}</span>
          </p>
          <Source paper={paper} chosen={chosen} note={note} />
          {facts && <WhereFrom facts={facts} />}
          {note !== null && (
            <section aria-label="Where it comes from" aria-live="polite">
              <b>{partsOf(note)[0]}</b> <span className="muted">{partsOf(note)[1]}</span>
            </section>
          )}
          <PaperParts {...leftOut} parts={parts} />
          {[...missing.map((line) => `Missing: ${line}`), ...warnings].map((line) => (
            <p key={line} className="small warning breaks">
              {line}
            </p>
          ))}
        </section>
      </div>
      <ScreenFoot>
        <span>
          Point at a number, or move to one with the arrow keys: where it comes from, in the table, the source
          and the methods alike.
        </span>
        {unequal.length > 0 && (
          <span className="row gap-sign push warning">
            <Icon of={TriangleAlert} />
            {unequalText(unequal)}
          </span>
        )}
      </ScreenFoot>
    </div>
  );
}

/** "HSTU, TIGER had fewer trials than SASRec, as their column says." */
const unequalText = (unequal: PaperViewProps['unequal']): string =>
  `${someNames(unequal.map(({ name }) => name))} had fewer trials than ${unequal[0].mostName}, as their column says.`;

/** "22,363: users of …" */
const partsOf = (note: string): [number: string, from: string] => {
  const at = note.indexOf(': ');
  return [note.slice(0, at), note.slice(at + 2)];
};

interface ProseProps {
  title: string;
  text: string;
  /** Where its numbers come from. */
  notes: readonly string[];
  chosen: string | null;
  onChosen(note: string): void;
}

/** A paragraph of methods; each number that is explained is a button. */
function Prose({ title, text, notes, chosen, onChosen }: ProseProps) {
  const known = new Map(notes.map((note) => [partsOf(note)[0], note]));
  const numbers = [...known.keys()].sort((one, other) => other.length - one.length);
  const escaped = numbers.map((number) => number.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const parts =
    numbers.length === 0 ? [text] : text.split(new RegExp(`(?<![\\d.,@])(${escaped.join('|')})(?![.,]?\\d)`));
  return (
    <p>
      <b>{title}.</b>{' '}
      {parts.map((part, at) => {
        const note = at % 2 === 1 ? known.get(part) : undefined;
        if (note === undefined) return part;
        return (
          <button
            // biome-ignore lint/suspicious/noArrayIndexKey: a number is its place
            key={at}
            type="button"
            className="bare"
            style={{ font: 'inherit', borderBottom: '1px dotted', ...(note === chosen ? RING : {}) }}
            onFocus={() => onChosen(note)}
            onMouseEnter={() => onChosen(note)}
          >
            {part}
          </button>
        );
      })}
    </p>
  );
}

interface TableProps {
  table: PaperTable;
  number: number;
  chosen: number | null;
  onChosen(number: number | null): void;
}

const STEPS: Readonly<Record<string, readonly [line: number, cell: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
};

/** What the widest cells of all columns take, side by side. */
function emsOf({ headings, lines }: Pick<PaperTable, 'headings' | 'lines'>): number {
  const letters = ({ text, spread, note, significant }: PaperTable['lines'][number][number]) =>
    text.length + (spread === null ? 0 : 0.83 * (spread.length + 2)) + note.length + (significant ? 1 : 0);
  return headings.reduce((sum, heading, at) => {
    const most = lines.reduce((widest, line) => Math.max(widest, letters(line[at])), heading.length);
    return sum + most * LETTER_EMS + BESIDE_EMS;
  }, 0);
}

/** A table as its style sets it; a number is a button. */
function PaperTableView({ table, number, chosen, onChosen }: TableProps) {
  const { caption, heads, headings, lines, textColumns, notes } = table;
  const place = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    const cell = (event.target as HTMLElement).closest('td');
    const row = cell?.parentElement as HTMLTableRowElement | null;
    if (!step || !cell || !row) return;
    const next =
      place.current?.tBodies[0].rows[row.sectionRowIndex + step[0]]?.cells[cell.cellIndex + step[1]];
    const button = next?.querySelector('button');
    if (!button) return;
    event.preventDefault();
    button.focus();
  };
  return (
    <figure style={{ margin: '0 0 20px' }}>
      <figcaption>
        <b>Table {number}:</b> {caption}
      </figcaption>
      <div className="scrolls" style={{ containerType: 'inline-size' }}>
        <table
          ref={place}
          style={{ ...RULED, fontSize: `clamp(${SMALLEST}px, ${100 / emsOf(table)}cqi, ${LARGEST}px)` }}
          onKeyDown={move}
        >
          <thead>
            {heads.map((groups) => (
              <tr key={groups.map(({ title }) => title).join()}>
                <td colSpan={textColumns} />
                {groups.map(({ title, count }, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: titles of groups may be alike
                  <th key={at} colSpan={count} scope="colgroup" style={{ ...HEAD, textAlign: 'center' }}>
                    {title}
                  </th>
                ))}
              </tr>
            ))}
            <tr>
              {headings.map((heading, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: headings of blocks are alike
                <th key={at} scope="col" style={first(HEAD, at)}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line, row) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
              <tr key={row}>
                {line.map((cell, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
                  <td key={at} style={first(CELL, at)}>
                    {cell.number === null ? (
                      cell.text
                    ) : (
                      <button
                        type="button"
                        className="bare"
                        aria-pressed={cell.number === chosen}
                        style={{
                          ...(cell.mark && MARKS[cell.mark]),
                          ...(cell.number === chosen ? RING : {}),
                        }}
                        onFocus={() => onChosen(cell.number)}
                        onMouseEnter={() => onChosen(cell.number)}
                        onClick={() => onChosen(cell.number)}
                      >
                        {cell.text}
                      </button>
                    )}
                    {cell.significant && <sup>†</sup>}
                    {cell.spread !== null && <small> ±{cell.spread}</small>}
                    {cell.note}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {notes.map((note) => (
        <small key={note} className="block">
          {note}
        </small>
      ))}
    </figure>
  );
}

/** The source, with the line of the number that is chosen. */
interface SourceProps {
  paper: PlanPaper;
  chosen: number | null;
  note: string | null;
}

function Source({ paper: { text, tables }, chosen, note }: SourceProps) {
  const lit = tables.flatMap(({ lines, source }) =>
    lines.flatMap((line, row) =>
      line.some(({ number }) => number !== null && number === chosen) ? [source[row]] : [],
    ),
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <pre className="surface framed scrolls" style={CODE} tabIndex={0}>
      {text.split('\n').map((line, at) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          key={at}
          className="block"
          style={lit.includes(at) || (note !== null && line.includes(note)) ? LIT : undefined}
        >
          <span className="faint">{String(at + 1).padStart(3)}</span> {line || ' '}
        </span>
      ))}
    </pre>
  );
}

function WhereFrom({ facts: { text, row, column, block, facts, runs } }: { facts: NumberFacts }) {
  return (
    <section aria-label="Where it comes from" aria-live="polite" className="stack">
      <p className="row spread">
        <span>
          <b className="title">{text}</b>{' '}
          <span className="muted">{[row, column, block].filter(Boolean).join(', ')}</span>
        </span>
        <button
          type="button"
          className="bare"
          onClick={() => (runs.length === 1 ? goTo('run', [runs[0]]) : compareRuns(runs))}
        >
          Open
        </button>
      </p>
      <dl className="facts">
        {facts.map(([name, value, note]) => (
          <div
            key={name}
            className="grid gap-3"
            style={{ gridTemplateColumns: '104px minmax(0, 1fr) minmax(0, 1.4fr)' }}
          >
            <dt>{name}</dt>
            <dd>
              <b>{value}</b>
            </dd>
            <dd className="muted">{note}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
