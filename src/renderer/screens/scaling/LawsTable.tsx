import { type StudyLaw, shortNumber } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { fixed } from '../../format/format.ts';

type Range = readonly [number, number];

const rangeText = ([low, high]: Range, text = shortNumber) => ` (${text(low)} to ${text(high)})`;

const parameter = (key: 'e' | 'x0' | 'alpha', title: string): Column<StudyLaw> =>
  column(key, title, 'metric', ({ fit }) => fit?.law[key], {
    text: ({ fit }) => {
      const value = fit?.law[key] ?? Number.NaN;
      return Number.isNaN(value) ? '–' : shortNumber(value);
    },
    detail: ({ fit }) => (fit && !Number.isNaN(fit.law[key]) ? rangeText(fit.intervals[key]) : ''),
  });

const columns: Column<StudyLaw>[] = [
  column('fixed', 'Fixed', 'text', (law) => law.fixed),
  ...[parameter('e', 'Floor E'), parameter('x0', 'Scale N0 or D0'), parameter('alpha', 'Exponent α')],
  column('r2', 'R²', 'metric', ({ fit }) => fit?.r2),
  column('predicted', 'Predicted at largest size', 'metric', ({ heldOut }) => heldOut?.predicted, {
    detail: ({ heldOut }) => (heldOut ? rangeText(heldOut.interval, (value) => fixed(value, 4)) : ''),
  }),
  column('measured', 'Measured', 'metric', ({ heldOut }) => heldOut?.measured, {
    detail: ({ heldOut }) => (heldOut ? `, ${heldOut.inside ? 'inside' : 'outside'}` : ''),
  }),
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
      <Table title="Laws" columns={columns} rows={laws} rowKey={(law) => law.fixed} />
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
