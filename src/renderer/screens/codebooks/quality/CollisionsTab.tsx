import * as Plot from '@observablehq/plot';
import { useMemo } from 'react';
import type { CodebookFacts, CollisionPage, CollisionRow } from '../../../../core/api/codebooks.ts';
import { modelColour } from '../../../charts/colours.ts';
import { PlotFigure } from '../../../charts/PlotFigure.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column, type TableSource } from '../../../components/columns.ts';
import { EmptyState } from '../../../components/EmptyState.tsx';
import { IdTiles, idWidth } from '../../../components/IdTiles.tsx';
import { Problem } from '../../../components/Problem.tsx';
import { Table } from '../../../components/Table.tsx';
import { countText, fixed, grouped } from '../../../format/format.ts';
import { api } from '../../../state/api.ts';
import { usePagedRows } from '../../../state/paged-rows.ts';
import { useTheme } from '../../../state/theme.ts';
import { idText } from '../codebook-route.ts';
import { useWorkbench } from '../workbench.ts';

/** Items that share all their codes, the largest buckets first. A double click selects a bucket. */
export function CollisionsTab() {
  const { selected } = useWorkbench();
  const rows = usePagedRows((offset, limit) =>
    api.codebooks.collisions.queryOptions({ input: { ...selected, offset, limit } }),
  );
  const page = rows.first;
  if (rows.error) return <Problem query={rows} />;
  if (!page) return null;
  if (page.total === 0) {
    return (
      <EmptyState
        title="No collisions"
        text={`Each of the ${grouped(page.items)} selected items has an ID of its own: no extra token is needed.`}
      />
    );
  }
  return (
    <div className="codebook-collisions">
      <Sizes page={page} />
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
          collision rate {fixed(100 * (1 - page.unique / page.items), 2)} %. Enter or a double click selects a
          bucket.
        </span>
        <CopyMenu what="collisions" columns={columns} rows={rows.all} />
      </div>
      <div className="codebook-collisions-table">
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

/** 0, 10, 100, … up to the highest bar; 1 stands apart from 0 only below low ones. */
function powersOfTen(bars: CollisionPage['sizes']): number[] {
  const most = Math.max(1, ...bars.map(({ buckets }) => buckets));
  const powers = Array.from({ length: 1 + Math.floor(Math.log10(most)) }, (_, power) => 10 ** power);
  return [0, ...powers.filter((power) => power > 1 || most < 100)];
}

/** How many IDs are shared by how many items. */
function Sizes({ page }: { page: CollisionPage }) {
  const { facts } = useWorkbench();
  const theme = useTheme((state) => state.theme);
  const options = useMemo((): Plot.PlotOptions => {
    const bars = page.sizes.map(({ size, buckets }) => ({ size, buckets }));
    return {
      height: 160,
      marginLeft: 52,
      marginTop: 16,
      marginBottom: 40,
      x: { label: 'Items with one ID', type: 'band', tickSize: 0, labelAnchor: 'center' },
      y: { label: null, type: 'symlog', grid: true, ticks: powersOfTen(bars), tickFormat: grouped },
      marks: [
        Plot.barY(bars, {
          x: 'size',
          y: 'buckets',
          fill: modelColour(facts.model, theme),
          insetLeft: 1,
          insetRight: 1,
          title: ({ size, buckets }: (typeof bars)[number]) =>
            `${countText(buckets, 'ID')} of ${countText(size, 'item')} each`,
        }),
        Plot.text(bars, { x: 'size', y: 'buckets', text: ({ buckets }) => grouped(buckets), dy: -7 }),
        Plot.ruleY([0]),
      ],
    };
  }, [page.sizes, facts.model, theme]);
  return (
    <PlotFigure
      title="IDs by how many items share them"
      description={page.sizes
        .map(({ size, buckets }) => `${countText(buckets, 'ID')} of ${countText(size, 'item')}`)
        .join(', ')}
      fileName={`${facts.name}-collisions`}
      options={options}
    />
  );
}
