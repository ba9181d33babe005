import { useMemo } from 'react';
import type { CodebookFacts, CodeMap, CollisionPage, CollisionRow } from '../../../../core/api/codebooks.ts';
import { SceneBox } from '../../../charts/SceneFigure.tsx';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { type Column, column } from '../../../components/columns.ts';
import { IdTiles, idWidth } from '../../../components/IdTiles.tsx';
import { Tiles } from '../../../components/lists.tsx';
import { Missing } from '../../../components/Screen.tsx';
import { ScreenFoot, Statement } from '../../../components/Statement.tsx';
import { Table } from '../../../components/Table.tsx';
import { countText, fixed, grouped, idText } from '../../../format/format.ts';
import { api, together } from '../../../state/api.ts';
import { type PagedRows, usePagedRows } from '../../../state/paged-rows.ts';
import { MapLegend } from '../map/MapTab.tsx';
import { mapLegend } from '../map/map-legend.ts';
import { FULL_ID, mapScene } from '../map/map-scene.ts';
import { useCodeMap, useMapWidth } from '../map/use-code-map.ts';
import { useWorkbench } from '../workbench.ts';

const FULLEST = 4;
const LINES = 10;

/** Items that share all their codes: where they stand on the map, and which IDs have most. */
export function CollisionsTab() {
  const { view } = useWorkbench();
  const map = useCodeMap([]);
  const rows = usePagedRows((offset, limit) =>
    api.codebooks.collisions.queryOptions({ input: { ...view, pattern: [], offset, limit } }),
  );
  const both = together([map, rows]);
  if (!both.data) return <Missing query={both} />;
  const [drawn, page] = both.data;
  return <Collisions map={drawn} page={page} rows={rows} />;
}

interface CollisionsProps {
  map: CodeMap;
  page: CollisionPage;
  rows: PagedRows<CollisionRow, CollisionPage>;
}

function Collisions({ map, page, rows }: CollisionsProps) {
  const { facts, select, change } = useWorkbench();
  const colours = useChartColours();
  const [ref, width] = useMapWidth(map.grid);
  const scene = useMemo(() => mapScene({ map, colour: 'collisions' }, width, colours), [map, width, colours]);
  const codes = useMemo(() => [...map.cells.keys()].sort((a, b) => map.cells[a] - map.cells[b]), [map]);
  const columns = useMemo(() => bucketColumns(facts), [facts]);
  const legend = mapLegend(map, 'collisions', colours);
  return (
    <div className="code-map column">
      <div ref={ref} className="code-map-parts grid first-fits packed fill">
        <div style={{ width: scene.width }}>
          <SceneBox
            scene={scene}
            label="Codes of level 1 by what shares an ID"
            onChoose={(cell) => change({ pattern: [codes[cell]], view: 'map' })}
          />
        </div>
        <div className="code-map-panel stack packed wide-tables">
          <Statement
            fact={
              page.colliding === 0
                ? 'No item shares its ID'
                : `${countText(page.colliding, 'item')} share an ID`
            }
            limit={
              page.colliding === 0 ? undefined : `: ${countText(page.total, 'ID')} of more than one item`
            }
          >
            {grouped(page.unique)} IDs for {countText(page.items, 'item')}, collision rate{' '}
            {fixed(page.items === 0 ? 0 : 100 * (1 - page.unique / page.items), 1)} %.
            {page.colliding > 0 && ' Without a further code a model cannot tell them apart.'}
          </Statement>
          <Sizes page={page} inks={legend.map(({ colour }) => colour)} />
          {page.total > 0 && <Fullest page={page} />}
        </div>
      </div>
      {page.total > 0 && (
        <div className="page-inset">
          <Table
            title="Shared IDs"
            label="Collisions"
            detail={`${countText(page.total, 'ID')}, the fullest first`}
            columns={columns}
            rows={rows}
            lines={LINES}
            rowKey={({ codes: id }) => id.join('.')}
            onOpen={({ codes: id }) => select(id)}
          />
        </div>
      )}
      <ScreenFoot>
        <MapLegend rows={legend} />
        <span className="push">A tile is an item, in the place it has on the map.</span>
      </ScreenFoot>
    </div>
  );
}

const WORDS = ['One', 'Two', 'Three', 'Four', 'Five and more'];
const TILES = 30;

/** How many IDs have one item, two, and so on. */
function Sizes({ page, inks }: Pick<CollisionsProps, 'page'> & { inks: readonly string[] }) {
  const counts = WORDS.map((_, at) =>
    page.sizes
      .filter(({ size }) => Math.min(size, FULL_ID) === at + 1)
      .reduce((sum, { buckets }) => sum + buckets, 0),
  );
  const inkOf = (items: number) => inks[items === 1 ? 0 : items < FULL_ID ? 1 : 2];
  const tiles = (count: number) => (count === 0 ? 0 : Math.max(1, Math.round((TILES * count) / page.unique)));
  return (
    <section aria-label="IDs by the items they have">
      <h2 className="title">IDs by the items they have</h2>
      <ul className="code-sizes">
        {WORDS.map((word, at) => (
          <li key={word} className="grid middle line-below">
            <span>
              <span className="run-swatch" style={{ background: inkOf(at + 1) }} aria-hidden="true" /> {word}
            </span>
            <Tiles filled={tiles(counts[at])} of={TILES} colour={inkOf(at + 1)} />
            <span className="text-end">{grouped(counts[at])}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Fullest({ page }: Pick<CollisionsProps, 'page'>) {
  return (
    <section className="code-panel stack packed" aria-label="Fullest IDs">
      <h2 className="title">Fullest IDs</h2>
      <ul>
        {page.rows.slice(0, FULLEST).map(({ codes, size, interactions, titles }) => (
          <li key={codes.join('.')} className="code-fullest grid gap-tile line-below">
            <span className="row">
              <IdTiles codes={codes} />
              <strong>{countText(size, 'item')}</strong>
              <span className="muted push">{countText(interactions, 'interaction')}</span>
            </span>
            <span className="small muted">{titles.join(' · ')}</span>
          </li>
        ))}
      </ul>
    </section>
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
    column('titles', 'Most popular', 'text', ({ titles }) => titles.join(' · '), { width: 240, grows: true }),
  ];
}
