import { useMemo } from 'react';
import {
  type CodebookFacts,
  type CollisionPage,
  type CollisionRow,
  sizesFigure,
} from '../../../../core/api/codebooks.ts';
import { modelColour } from '../../../charts/colours.ts';
import { Figure } from '../../../charts/Figure.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column, type TableSource } from '../../../components/columns.ts';
import { IdTiles, idWidth } from '../../../components/IdTiles.tsx';
import { EmptyState, Missing } from '../../../components/Screen.tsx';
import { Table } from '../../../components/Table.tsx';
import { countText, fixed, grouped, idText } from '../../../format/format.ts';
import { api } from '../../../state/api.ts';
import { usePagedRows } from '../../../state/paged-rows.ts';
import { useTheme } from '../../../state/theme.ts';
import { useWorkbench } from '../workbench.ts';

/** Items that share all their codes, the largest buckets first. A double click selects a bucket. */
export function CollisionsTab() {
  const { selected, facts } = useWorkbench();
  const theme = useTheme((state) => state.theme);
  const rows = usePagedRows((offset, limit) =>
    api.codebooks.collisions.queryOptions({ input: { ...selected, offset, limit } }),
  );
  const page = rows.data;
  if (!page) return <Missing query={rows} />;
  if (page.total === 0) {
    return (
      <EmptyState
        title="No collisions"
        text={`Each of the ${grouped(page.items)} selected items has an ID of its own: no extra token is needed.`}
      />
    );
  }
  return (
    <div className="codebook-collisions grid gap-2 tall">
      <Figure spec={sizesFigure(facts.name, page.sizes, modelColour(facts.model, theme))} />
      <Buckets page={page} rows={rows} />
    </div>
  );
}

interface BucketsProps {
  page: CollisionPage;
  rows: TableSource<CollisionRow> & { all(): Promise<readonly CollisionRow[]> };
}

function Buckets({ page, rows }: BucketsProps) {
  const { select, facts } = useWorkbench();
  const columns = useMemo(() => bucketColumns(facts), [facts]);
  return (
    <>
      <div className="chart-head">
        <span className="muted" role="status">
          {grouped(page.colliding)} of {countText(page.items, 'item')} in {countText(page.total, 'bucket')},
          collision rate {fixed(100 * (1 - page.unique / page.items), 2)} %. Press Enter or double-click to
          select a bucket.
        </span>
        <CopyMenu what="collisions" columns={columns} rows={rows.all} />
      </div>
      <div className="codebook-collisions-table flattens line-above">
        <Table
          label="Collisions"
          columns={columns}
          rows={rows}
          rowKey={({ codes }) => codes.join('.')}
          onOpen={({ codes }) => select(codes)}
        />
      </div>
    </>
  );
}

function bucketColumns({ levels, vectorDim }: CodebookFacts): Column<CollisionRow>[] {
  return [
    column('codes', 'Semantic ID', 'text', ({ codes }) => idText(codes), {
      width: idWidth(levels),
      render: ({ codes }) => <IdTiles codes={codes} />,
    }),
    column('size', 'Items', 'count', ({ size }) => size, { width: 64 }),
    column('interactions', 'Interactions', 'count', ({ interactions }) => interactions, { width: 100 }),
    ...(vectorDim !== null
      ? [column('spread', 'Mean distance', 'metric', ({ spread }: CollisionRow) => spread, { width: 112 })]
      : []),
    column('titles', 'Most popular', 'text', ({ titles }) => titles.join(' · '), {
      width: 240,
      grows: true,
    }),
  ];
}
