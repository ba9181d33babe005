import { type StudyLaw, shortNumber } from '../../../core/api/studies.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { TitledTable } from '../../components/TitledTable.tsx';
import { fixed } from '../../format/format.ts';

type Range = readonly [number, number];

const withRange = (value: number, [low, high]: Range) =>
  Number.isNaN(value) ? '–' : `${shortNumber(value)} (${shortNumber(low)} to ${shortNumber(high)})`;

const columns: Column<StudyLaw>[] = [
  column('fixed', 'Fixed', (law) => law.fixed),
  numeric('e', 'Floor E', ({ fit }) => (fit ? withRange(fit.law.e, fit.intervals.e) : '–')),
  numeric('x0', 'Scale N0 or D0', ({ fit }) => (fit ? withRange(fit.law.x0, fit.intervals.x0) : '–')),
  numeric('alpha', 'Exponent α', ({ fit }) => (fit ? withRange(fit.law.alpha, fit.intervals.alpha) : '–')),
  numeric('r2', 'R²', ({ fit }) => (fit ? fixed(fit.r2, 4) : '–')),
  numeric('predicted', 'Predicted at largest size', ({ heldOut }) =>
    heldOut
      ? `${fixed(heldOut.predicted, 4)} (${fixed(heldOut.interval[0], 4)} to ${fixed(heldOut.interval[1], 4)})`
      : '–',
  ),
  numeric('measured', 'Measured', ({ heldOut }) =>
    heldOut ? `${fixed(heldOut.measured, 4)}, ${heldOut.inside ? 'inside' : 'outside'}` : '–',
  ),
];

/** The laws with their 95 % intervals, whether they predict the largest size, and what to beware of. */
export function LawsTable({ laws }: { laws: readonly StudyLaw[] }) {
  const notes = [
    ...new Set(
      laws.flatMap((law) =>
        [...(law.fit?.cautions ?? []), ...law.problems].map((text) => `${law.fixed}: ${text}`),
      ),
    ),
  ];
  return (
    <section className="stack">
      <TitledTable title="Laws" columns={columns} rows={laws} rowKey={(law) => law.fixed} />
      {notes.length > 0 && (
        <ul className="scaling-notes muted">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
