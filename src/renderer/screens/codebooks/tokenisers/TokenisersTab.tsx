import { useCallback } from 'react';
import type { MovedItem, TokeniserEntry } from '../../../../core/api/codebooks.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import type { Size } from '../../../charts/painter.ts';
import { SceneFigure } from '../../../charts/SceneFigure.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { Select } from '../../../components/controls.tsx';
import { IdTiles } from '../../../components/IdTiles.tsx';
import { EmptyState, Missing, Problem } from '../../../components/Screen.tsx';
import { fixed, grouped, idText } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { usePagedRows } from '../../../state/paged-rows.ts';
import { ItemTable } from '../items/ItemTable.tsx';
import { useWorkbench } from '../workbench.ts';
import { flowLinks, flowScene } from './flow-scene.ts';
import { SideBySide } from './SideBySide.tsx';

const HEIGHT = 460;

/** Another tokeniser of the same data set beside this one. */
export function TokenisersTab({ runs }: { runs: readonly TokeniserEntry[] }) {
  const { facts, place, change } = useWorkbench();
  const others = runs.filter(
    ({ run, dataset }) => run !== facts.run && dataset.fingerprint === facts.dataset.fingerprint,
  );
  const other = others.find(({ run }) => run === place.other) ?? others[0];
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
      <div className="codebook-controls row wrap">
        <span>{facts.name} beside</span>
        <Select
          aria-label="Other tokeniser"
          value={other.run}
          choices={others.map(({ run, name }) => ({ value: run, label: name }))}
          onValue={(run) => change({ other: run })}
        />
      </div>
      <SideBySide other={other} />
      <FlowPanel other={other} />
      <MovedPanel other={other} />
    </div>
  );
}

function FlowPanel({ other }: { other: TokeniserEntry }) {
  const { selected, facts, toggle } = useWorkbench();
  const flow = useKeptQuery(
    api.codebooks.flow.queryOptions({ input: { ...selected, other: { run: other.run, step: null } } }),
  );
  const { data } = flow;
  const scene = useCallback(
    (size: Size, colours: ChartColours) =>
      flowScene(data ?? { left: [], right: [], links: [], items: 0, moved: 0 }, size, colours),
    [data],
  );
  if (!data) return <Missing query={flow} height={HEIGHT + 32} />;
  const links = flowLinks(data);
  return (
    <div>
      <SceneFigure
        title="First-level codes, this tokeniser to the other"
        fileName={`${facts.name}-to-${other.name}`}
        label={`First codes of ${facts.name} and of ${other.name}`}
        height={HEIGHT}
        scene={scene}
        stale={flow.isPlaceholderData}
        onChoose={(mark) => {
          const code = links[mark]?.from ?? -1;
          if (code >= 0) toggle(0, code);
        }}
        controls={<CopyMenu what="flow" columns={FLOW_COLUMNS} rows={() => links} />}
      />
      <p className="muted">
        {facts.name} on the left, {other.name} on the right, the most used codes apart. Codes are matched
        where they share the most items (in the accent colour); {grouped(data.moved)} of {grouped(data.items)}{' '}
        items ({fixed(data.items > 0 ? (100 * data.moved) / data.items : 0, 1)} %) have moved.
      </p>
    </div>
  );
}

type Link = ReturnType<typeof flowLinks>[number];

const endText = (code: number) => (code < 0 ? 'others' : String(code));

const FLOW_COLUMNS: Column<Link>[] = [
  column('from', 'From', 'text', ({ from }) => endText(from)),
  column('to', 'To', 'text', ({ to }) => endText(to)),
  column('items', 'Items', 'number', ({ items }) => items),
  column('kept', 'Matched', 'text', ({ kept }) => (kept ? 'yes' : 'no')),
];

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
