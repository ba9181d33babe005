import { type ReactNode, useCallback } from 'react';
import type { HeatMap, HeatRequest } from '../../../../core/api/codebooks.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import type { Size } from '../../../charts/painter.ts';
import { SceneFigure } from '../../../charts/SceneFigure.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { Missing } from '../../../components/Screen.tsx';
import { type Choice, Select } from '../../../components/Select.tsx';
import { grouped } from '../../../format/format.ts';
import { api, useKeptQuery } from '../../../state/api.ts';
import { useChoice } from '../../../state/navigation.ts';
import { CategoryLegend } from '../categories/CategoryLegend.tsx';
import { withCode } from '../codebook-route.ts';
import { Narrowed } from '../Narrowed.tsx';
import { useWorkbench } from '../workbench.ts';
import { heatScene } from './heat-scene.ts';

const HEIGHT = 480;
const ORDERS: readonly Choice<HeatRequest['order']>[] = [
  { value: 'category', label: 'Ordered by category' },
  { value: 'use', label: 'Ordered by use' },
  { value: 'code', label: 'Ordered by code' },
];

const ORDER_CHOICES = ORDERS.map(({ value }) => value);

/** Which codes go together in an ID, and which follow each other in the histories of users. */
export function HeatTab() {
  return <Narrowed>{(categories) => <Heats categories={categories} />}</Narrowed>;
}

function Heats({ categories }: { categories: readonly string[] }) {
  const { facts } = useWorkbench();
  const choices = facts.codebookSizes.map((_, at) => String(at));
  const levels = choices.map((value) => ({ value, label: `Level ${Number(value) + 1}` }));
  const [order, setOrder] = useChoice('order', ORDER_CHOICES);
  const [down, setDown] = useChoice('down', choices);
  const [across, setAcross] = useChoice('across', choices, choices[1] ?? choices[0]);
  const [level, setLevel] = useChoice('level', choices);
  const pair = { down: Number(down), across: Number(across) };
  return (
    <div className="codebook-flow flow">
      <div className="row wrap gap-3">
        <Select aria-label="Order of the codes" value={order} choices={ORDERS} onValue={setOrder} />
      </div>
      <CategoryLegend categories={categories} />
      <div className="panels">
        <Heat
          title="Codes of two levels"
          categories={categories}
          request={{ kind: 'levels', ...pair, order }}
          describe={(row, column) =>
            `⟨${row}⟩ at level ${pair.down + 1} with ⟨${column}⟩ at level ${pair.across + 1}`
          }
          unit="items"
          controls={
            <>
              <Select aria-label="Level of the rows" value={down} choices={levels} onValue={setDown} />
              <Select aria-label="Level of the columns" value={across} choices={levels} onValue={setAcross} />
            </>
          }
        />
        <Heat
          title="Transitions"
          categories={categories}
          request={{ kind: 'transitions', down: Number(level), across: Number(level), order }}
          describe={(row, column) => `⟨${row}⟩ followed by ⟨${column}⟩`}
          unit="steps of users"
          controls={
            <Select aria-label="Level of the transitions" value={level} choices={levels} onValue={setLevel} />
          }
        />
      </div>
    </div>
  );
}

interface HeatProps {
  title: string;
  categories: readonly string[];
  request: Pick<HeatRequest, 'kind' | 'down' | 'across' | 'order'>;
  describe(row: number, column: number): string;
  unit: string;
  controls: ReactNode;
}

function Heat({ title, categories, request, describe, unit, controls }: HeatProps) {
  const { selected, place, select, facts } = useWorkbench();
  const heat = useKeptQuery(api.codebooks.heat.queryOptions({ input: { ...selected, ...request } }));
  const { data } = heat;
  const { kind, down, across } = request;
  const row = place.pattern[down] ?? null;
  const column = kind === 'levels' ? (place.pattern[across] ?? null) : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words follow from the request
  const scene = useCallback(
    (size: Size, colours: ChartColours) =>
      heatScene({ heat: data ?? NOTHING, categories, describe, chosen: { row, column } }, size, colours),
    [data, categories, kind, down, across, row, column],
  );
  if (!data) return <Missing query={heat} height={HEIGHT + 32} />;
  const choose = (mark: number) => {
    const [from, to] = [
      data.rows[Math.floor(mark / data.columns.length)],
      data.columns[mark % data.columns.length],
    ];
    const pattern = withCode(place.pattern, down, from);
    select(kind === 'levels' ? withCode(pattern, across, to) : pattern);
  };
  const left = data.usedRows - data.rows.length + data.usedColumns - data.columns.length;
  return (
    <div>
      <SceneFigure
        title={title}
        fileName={`${facts.name}-${kind}-${down + 1}${kind === 'levels' ? `-${across + 1}` : ''}`}
        label={title}
        height={HEIGHT}
        scene={scene}
        stale={heat.isPlaceholderData}
        onChoose={choose}
        controls={
          <>
            {controls}
            <CopyMenu what={title.toLowerCase()} columns={columnsOf(data)} rows={() => cellsOf(data)} />
          </>
        }
      />
      <p className="muted">
        {grouped(data.total)} {unit}
        {left > 0 && `; the ${data.rows.length} × ${data.columns.length} most used codes`}. Stronger is more,
        on a logarithmic scale.
      </p>
    </div>
  );
}

const NOTHING: HeatMap = {
  rows: [],
  columns: [],
  counts: [],
  total: 0,
  usedRows: 0,
  usedColumns: 0,
  rowCategories: [],
  columnCategories: [],
};

interface Cell {
  row: number;
  column: number;
  count: number;
}

function cellsOf({ rows, columns, counts }: HeatMap): Cell[] {
  return rows
    .flatMap((row, down) =>
      columns.map((column, across) => ({ row, column, count: counts[down * columns.length + across] })),
    )
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

function columnsOf({ total }: HeatMap): Column<Cell>[] {
  return [
    column('row', 'Row', 'number', ({ row }) => row),
    column('column', 'Column', 'number', ({ column }) => column),
    column('count', 'Count', 'number', ({ count }) => count),
    column('share', 'Share', 'metric', ({ count }) => count / total, 6),
  ];
}
