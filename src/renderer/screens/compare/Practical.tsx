import { z } from 'zod';
import { type ComparisonView, ropeOf, ropeText } from '../../../core/api/compare.ts';
import { type Column, column } from '../../components/columns.ts';
import { SelectField, TextField } from '../../components/controls.tsx';
import { Table } from '../../components/Table.tsx';
import { useDraft } from '../../state/drafts.ts';
import { useCompareRoute } from './compare-route.ts';

const POWERS = [
  { value: '', label: 'Not asked' },
  ...[0.8, 0.9, 0.95].map((power) => ({ value: String(power), label: `${100 * power} % power` })),
];

const typedRope = z.object({ typed: z.string().nullable() });
const NOT_TYPED: { typed: string | null } = { typed: null };

/** What differences come to in practice: whether they matter, and how many users and seeds would find them. */
export function Practical({ view }: { view: ComparisonView }) {
  const [{ runs, practical = {} }, change] = useCompareRoute();
  const { rope, power } = practical;
  const shown = rope ? ropeText(rope) : '';
  // What does not count yet stays, also through a reload.
  const { draft, forget, ...kept } = useDraft(`rope ${runs.toSorted().join(' ')}`, typedRope, NOT_TYPED);
  const { typed } = draft;
  const text = typed ?? shown;
  const read = text.trim() === '' ? undefined : ropeOf(text);
  const powers = POWERS.some(({ value }) => value === String(power ?? ''))
    ? POWERS
    : [...POWERS, { value: String(power), label: `${100 * Number(power)} % power` }];
  const commit = () => {
    if (typed === null || read === null) return;
    forget();
    if (text.trim() !== shown) change({ practical: { power, rope: read } });
  };
  return (
    <section aria-label="In practice" className="stack">
      <form
        className="row wrap"
        style={{ alignItems: 'end' }}
        onBlur={commit}
        onSubmit={(event) => {
          event.preventDefault();
          commit();
        }}
      >
        <TextField
          label="Does not matter up to"
          placeholder="0.002 or 1%"
          problem={read === null ? 'Enter a size such as 0.002, or a share such as 1%' : null}
          value={text}
          onValue={(next) => kept.change({ typed: next })}
        />
        <SelectField
          label="Users and seeds that it takes"
          choices={powers}
          value={String(power ?? '')}
          onValue={(chosen) =>
            change({ practical: { rope, power: chosen === '' ? undefined : Number(chosen) } })
          }
        />
      </form>
      {view.practical.map(({ title, headings, textColumns, lines, notes = [] }) => (
        <div key={title} className="stack">
          <Table title={title} columns={columnsOf(headings, textColumns)} rows={lines} />
          {notes.map((note) => (
            <p key={note} className="small muted" style={{ maxWidth: '100ch' }}>
              {note}
            </p>
          ))}
        </div>
      ))}
    </section>
  );
}

const columnsOf = (headings: readonly string[], textColumns: number): Column<string[]>[] =>
  headings.map((heading, at) =>
    column(heading, heading, at < textColumns ? 'text' : 'number', (line) => line[at]),
  );
