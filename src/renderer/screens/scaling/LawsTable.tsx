import { isTold, listedLaw, type StudyLaw, shortNumber } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';
import { fixed } from '../../format/format.ts';

const rangeText = ([low, high]: readonly [number, number]) => `${shortNumber(low)} to ${shortNumber(high)}`;

const insideText = (inside: boolean) => (inside ? 'inside' : 'outside');

/** A number where it can be told, else its range alone; the range in the small print of a number. */
const parameter = (key: 'e' | 'x0' | 'alpha', title: string, unseen = true): Column<StudyLaw> =>
  column(key, title, 'metric', ({ fit }) => fit?.law[key], {
    unseen,
    text: (law) => {
      const value = law.fit?.law[key] ?? Number.NaN;
      if (!law.fit || Number.isNaN(value)) return '–';
      return isTold(law) ? shortNumber(value) : rangeText(law.fit.intervals[key]);
    },
    detail: (law) => (law.fit && isTold(law) ? rangeText(law.fit.intervals[key]) : ''),
  });

const columns: Column<StudyLaw>[] = [
  column('fixed', 'Fixed', 'text', (law) => law.fixed, {
    render: ({ fixed: what, fit }) => (
      <>
        {what}
        {fit && <span className="field-help block">R² {fixed(fit.r2, 4)}</span>}
      </>
    ),
  }),
  parameter('alpha', 'Exponent', false),
  column('predicted', 'Predicted', 'text', ({ heldOut }) => heldOut && insideText(heldOut.inside), {
    text: (law) => {
      if (!law.heldOut) return '–';
      const { inside, measured, predicted } = law.heldOut;
      const off = Math.abs(measured / predicted - 1);
      return inside && isTold(law) ? `inside, within ${fixed(100 * off, 1)} %` : insideText(inside);
    },
    detail: ({ heldOut }) =>
      heldOut ? `${fixed(heldOut.predicted, 4)} predicted, ${fixed(heldOut.measured, 4)} measured` : '',
  }),
  parameter('e', 'Floor'),
  column('r2', 'R²', 'metric', ({ fit }) => fit?.r2, { unseen: true }),
  parameter('x0', 'Scale'),
];

/** The laws with their 95 % intervals, whether they predicted the largest size, and what to beware of. */
export function LawsTable({ laws: fitted }: { laws: readonly StudyLaw[] }) {
  const laws = fitted.map(listedLaw);
  const texts = Map.groupBy(
    laws.flatMap((law) =>
      [...(law.fit?.cautions ?? []), ...law.problems].map((text) => ({ text, along: law.fixed })),
    ),
    ({ text }) => text,
  );
  return (
    <section className="stack">
      <Table title="Laws" columns={columns} rows={laws} />
      {texts.size > 0 && (
        <ul className="scaling-notes muted">
          {[...texts].map(([text, told]) => (
            <li key={text}>
              {told.map(({ along }) => along).join(', ')}: {text}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
