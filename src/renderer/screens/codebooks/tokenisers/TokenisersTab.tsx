import type { MovedItem, TokeniserEntry } from '../../../../core/api/codebooks.ts';
import { nameAlone } from '../../../../core/api/runs.ts';
import { useRegisteredActions } from '../../../actions/registry.ts';
import { Button } from '../../../components/Button.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { EmptyState, Missing, Problem } from '../../../components/Screen.tsx';
import { Select } from '../../../components/Select.tsx';
import { fixed, grouped, idText } from '../../../format/format.ts';
import { api, together, useKeptQuery } from '../../../state/api.ts';
import { usePagedRows } from '../../../state/paged-rows.ts';
import { ItemTable } from '../items/ItemTable.tsx';
import { useWorkbench } from '../workbench.ts';
import { BesidePanel } from './BesidePanel.tsx';
import { SideBySide } from './SideBySide.tsx';

/** Another tokeniser of the same data set beside this one. */
export function TokenisersTab({ runs }: { runs: readonly TokeniserEntry[] }) {
  const { facts, place, change } = useWorkbench();
  const others = runs.filter(
    ({ run, dataset }) => run !== facts.run && dataset.fingerprint === facts.dataset.fingerprint,
  );
  const other = others.find(({ run }) => run === place.other) ?? others[0];
  const swap = () => other && change({ run: other.run, other: facts.run, pattern: [], item: null });
  useRegisteredActions([
    {
      ...{ id: 'codebooks.swap', label: 'Swap the two tokenisers', group: 'View', shortcut: 'x' },
      enabled: () => other !== undefined,
      perform: () => swap(),
    },
  ]);
  if (!other) {
    return (
      <EmptyState
        title="Nothing to compare with"
        text={`Train or import a second tokeniser of ${facts.dataset.name}: both then stand here side by side.`}
      />
    );
  }
  return (
    <div className="codebook-flow flow">
      <div className="row wrap gap-3">
        <span>{nameAlone(facts)} beside</span>
        <Select
          aria-label="Other tokeniser"
          value={other.run}
          choices={others.map((entry) => ({ value: entry.run, label: nameAlone(entry) }))}
          onValue={(run) => change({ other: run })}
        />
        <Button onClick={swap}>
          Swap <kbd>X</kbd>
        </Button>
      </div>
      <Both other={other} />
      <MovedPanel other={other} />
    </div>
  );
}

/** Both as maps, and their measures. */
function Both({ other }: { other: TokeniserEntry }) {
  const { facts, view } = useWorkbench();
  const both = together([
    useKeptQuery(
      api.codebooks.beside.queryOptions({ input: { ...view, other: { run: other.run, step: null } } }),
    ),
    useKeptQuery(api.codebooks.facts.queryOptions({ input: { run: other.run } })),
  ]);
  if (!both.data) return <Missing query={both} />;
  const [beside, otherFacts] = both.data;
  const moved = beside.items > 0 ? (100 * beside.moved) / beside.items : 0;
  return (
    <>
      <BesidePanel beside={beside} facts={[facts, otherFacts]} />
      <SideBySide facts={[facts, otherFacts]} />
      <p className="muted">
        First codes are matched where they share the most items: {grouped(beside.moved)} of{' '}
        {grouped(beside.items)} items ({fixed(moved, 1)} %) have moved.
      </p>
    </>
  );
}

const MOVED_COLUMNS: Column<MovedItem>[] = [
  column('title', 'Item that moved', 'text', ({ title, id }) => title ?? id, { width: 360 }),
  column('codes', 'Here', 'text', ({ codes }) => idText(codes), {
    width: 150,
    render: ({ codes }) => <IdTiles codes={codes} />,
  }),
  column('other', 'There', 'text', ({ otherCodes }) => idText(otherCodes), {
    width: 150,
    render: ({ otherCodes }) => <IdTiles codes={otherCodes} />,
  }),
  column('uses', 'Interactions', 'count', ({ interactions }) => interactions, { width: 100 }),
];

function MovedPanel({ other }: { other: TokeniserEntry }) {
  const { selected } = useWorkbench();
  const input = { ...selected, other: { run: other.run, step: null } };
  const rows = usePagedRows((offset, limit) =>
    api.codebooks.moved.queryOptions({ input: { ...input, offset, limit } }),
  );
  if (rows.error) return <Problem query={rows} />;
  return (
    <div>
      <div className="chart-head">
        <h2>Items that moved</h2>
        <CopyMenu what="items that moved" columns={MOVED_COLUMNS} rows={rows.all} />
      </div>
      <div className="line-above" style={{ height: 340 }}>
        <ItemTable label="Items that moved" columns={MOVED_COLUMNS} rows={rows} />
      </div>
    </div>
  );
}
