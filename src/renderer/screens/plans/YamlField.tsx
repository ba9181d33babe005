import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react';
import type { PlanProblem } from '../../../core/api/plans.ts';

/** Pixels of a line of text, and above the first one. */
const [LINE, ABOVE] = [20, 8];
/** Of the column of numbers. */
const NUMBERS = 44;
/** Letter stands under letter, with what lies behind it. */
const TEXT: CSSProperties = {
  ...{ position: 'relative', margin: 0, border: 0, padding: `${ABOVE}px 12px ${ABOVE}px ${NUMBERS + 12}px` },
  ...{ font: `var(--text-size) / ${LINE}px var(--font-mono)`, whiteSpace: 'pre', background: 'none' },
  ...{ outline: 'none', resize: 'none', overflow: 'hidden' },
};

interface YamlFieldProps {
  text: string;
  problems: readonly PlanProblem[];
  /** Lines that belong to what has the focus elsewhere, the first and the last, from 1. */
  lit: readonly [number, number] | null;
  /** It can only be read. */
  isFixed: boolean;
  /** Takes the caret to a line, and the line with it. */
  goesTo: { line: number } | null;
  onText(text: string): void;
  onLine(line: number): void;
}

/** The file as text, with the number of each line, and what is wrong at the line where it is. */
export function YamlField({ text, problems, lit, isFixed, goesTo, onText, onLine }: YamlFieldProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n');
  const height = lines.length * LINE + 2 * ABOVE;
  useEffect(() => {
    const field = area.current;
    if (!field || !goesTo) return;
    const at = offsetOf(field.value, goesTo.line);
    field.focus();
    field.setSelectionRange(at, at);
    field.parentElement?.parentElement?.scrollTo({ top: (goesTo.line - 4) * LINE });
  }, [goesTo]);
  const tell = ({ value, selectionStart }: HTMLTextAreaElement) =>
    onLine(value.slice(0, selectionStart).split('\n').length);
  return (
    <div className="fill scrolls">
      <div className="holds" style={{ minHeight: height, minWidth: 'max-content' }}>
        {lit && <Mark first={lit[0]} last={lit[1]} colour="var(--accent)" fill="var(--selected)" />}
        {problems.map(({ line, text: said }) => (
          <Mark key={`${line} ${said}`} first={line} last={line} colour="var(--bad)" fill="var(--bad-soft)">
            <span
              className="bad nowrap"
              style={{
                marginInlineStart: `calc(${NUMBERS + 12}px + ${(lines[line - 1] ?? '').length + 2}ch)`,
              }}
            >
              {said}
            </span>
          </Mark>
        ))}
        <pre
          className="faint text-end"
          style={{ ...TEXT, position: 'absolute', width: NUMBERS, paddingInline: '0 12px' }}
          aria-hidden="true"
        >
          {lines.map((_, at) => at + 1).join('\n')}
        </pre>
        <textarea
          ref={area}
          className="block"
          style={{
            ...TEXT,
            height,
            width: `max(100%, ${Math.max(...lines.map(({ length }) => length)) + 8}ch)`,
          }}
          aria-label="File of the plan"
          aria-invalid={problems.length > 0}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          readOnly={isFixed}
          value={text}
          onChange={({ target }) => {
            onText(target.value);
            tell(target);
          }}
          onSelect={({ currentTarget }) => tell(currentTarget)}
        />
      </div>
    </div>
  );
}

interface MarkProps {
  first: number;
  last: number;
  colour: string;
  fill: string;
  children?: ReactNode;
}

/** Behind the text, with an edge at the left. */
function Mark({ first, last, colour, fill, children }: MarkProps) {
  return (
    <div
      className="wide"
      style={{
        ...{ position: 'absolute', top: ABOVE + (first - 1) * LINE, height: (last - first + 1) * LINE },
        ...{ background: fill, boxShadow: `inset 2px 0 0 ${colour}`, font: TEXT.font },
      }}
    >
      {children}
    </div>
  );
}

/** Where a line begins, from 1. */
const offsetOf = (text: string, line: number): number =>
  text
    .split('\n')
    .slice(0, line - 1)
    .reduce((sum, { length }) => sum + length + 1, 0);
