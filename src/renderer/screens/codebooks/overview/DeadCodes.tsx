import { useQuery } from '@tanstack/react-query';
import type { CodebookView, DeadCode } from '../../../../core/api/codebooks.ts';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { Missing } from '../../../components/Screen.tsx';
import { Table } from '../../../components/Table.tsx';
import { api } from '../../../state/api.ts';

type Row = DeadCode & { title: string | null };

const SHOWN = 12;

const COLUMNS: Column<Row>[] = [
  column('code', 'Dead code', 'text', ({ code }) => `⟨${code}⟩`),
  column('distance', 'To the nearest residual', 'metric', ({ distance }) => distance, 3),
  column('taken', 'Its distance to its own code', 'metric', ({ taken }) => taken, 3),
  column('title', 'Nearest item', 'text', ({ title }) => title ?? '–'),
];

/** Why codes of a level are dead: how far they are from everything, and what is nearer to it. */
export function DeadCodes({ view, level }: { view: CodebookView; level: number }) {
  const dead = useQuery(api.codebooks.dead.queryOptions({ input: { ...view, level } }));
  const { data } = dead;
  if (data === undefined) return <Missing query={dead}>Measuring distances</Missing>;
  if (data === null) {
    return (
      <p className="muted">
        A code is dead because another one was nearer to every item. How much nearer cannot be told: this run
        keeps no vectors of its codes.
      </p>
    );
  }
  const rows = [...data].sort((a, b) => a.distance - a.taken - (b.distance - b.taken));
  return (
    <div className="codebook-dead grid gap-1">
      <div className="chart-head">
        <span className="muted">
          Dead because other codes are nearer; those that miss least come first
          {rows.length > SHOWN ? `, ${SHOWN} of ${rows.length}` : ''}
        </span>
        <CopyMenu what={`dead codes of level ${level + 1}`} columns={COLUMNS} rows={() => rows} />
      </div>
      <Table
        label={`Dead codes of level ${level + 1}`}
        columns={COLUMNS}
        rows={rows.slice(0, SHOWN)}
        rowKey={({ code }) => String(code)}
      />
    </div>
  );
}
