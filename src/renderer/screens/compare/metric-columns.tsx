import {
  type ComparedRow,
  type ComparisonCell,
  type ComparisonView,
  cellMark,
  type MetricColumn,
  markedName,
} from '../../../core/api/compare.ts';
import { modelTitle } from '../../../core/api/models.ts';
import { type Column, column, numeric } from '../../components/columns.ts';
import { durationText, fixed, grouped, pValueText, signed, signedRange } from '../../format/format.ts';
import { RowName } from './rows.tsx';

/** What stands beside the value of each metric. */
export const EXTRAS = [
  { id: 'delta', label: 'Δ' },
  { id: 'percent', label: 'Δ %' },
  { id: 'interval', label: '95 % interval' },
  { id: 'p', label: 'p' },
] as const;
export type Extra = (typeof EXTRAS)[number]['id'];

export interface MetricTableOptions {
  extras: readonly Extra[];
  heat: boolean;
  colours: ReadonlyMap<string, string>;
}

/** The columns of the metric table: the row, then each metric with what stands beside it. */
export function metricTableColumns(view: ComparisonView, options: MetricTableOptions): Column<ComparedRow>[] {
  const { rows, columns, protocols } = view;
  const datasets = new Set(rows.map(({ dataset }) => dataset));
  return [
    column('name', 'Run', (row) => markedName(row) + (row.isBaseline ? ' (baseline)' : ''), {
      width: 280,
      grows: true,
      pinned: true,
      sortable: true,
      render: (row) => <RowName row={row} colour={options.colours.get(row.id)} />,
    }),
    ...(protocols.length > 1 ? [protocolColumn(view)] : []),
    column('model', 'Model', (row) => modelTitle(row.model), {
      width: 90,
      sortable: true,
    }),
    ...(datasets.size > 1 ? [datasetColumn] : []),
    column('seeds', 'Seeds', seedsText, { width: 80 }),
    ...columns.flatMap((column, at) => metricColumns(view, column, at, options)),
    numeric('parameters', 'Parameters', (row) => grouped(row.parameters), { width: 90, sortable: true }),
    numeric('seconds', 'Time', (row) => durationText(row.seconds), { width: 90, sortable: true }),
  ];
}

const datasetColumn: Column<ComparedRow> = column('dataset', 'Data set', (row) => row.dataset ?? '–', {
  width: 120,
  sortable: true,
});

function protocolColumn({ protocols }: ComparisonView): Column<ComparedRow> {
  return column('protocol', 'Protocol', (row) => protocols[row.protocol].label, { width: 70 });
}

function seedsText({ seeds }: ComparedRow): string {
  return seeds.length === 0 ? '–' : seeds.join(', ');
}

function metricColumns(
  view: ComparisonView,
  column: MetricColumn,
  at: number,
  { extras, heat }: MetricTableOptions,
): Column<ComparedRow>[] {
  const { name, label, decimals } = column;
  const cell = (row: ComparedRow): ComparisonCell => row.cells[at];
  const spread = view.rows.some((row) => cell(row).std !== null);
  const shades = heat ? heatOf(view, column, at) : null;
  const beside: Record<Extra, { title: string; width: number; text(row: ComparedRow): string }> = {
    delta: { title: `${label} Δ`, width: 94, text: (row) => signed(cell(row).delta, decimals) },
    percent: { title: `${label} Δ %`, width: 112, text: (row) => signed(cell(row).deltaPercent, 1) },
    interval: {
      title: `${label} 95 % interval`,
      width: 160,
      text: (row) => signedRange(cell(row).significance?.interval, decimals),
    },
    p: { title: `${label} p`, width: 90, text: (row) => pValueText(cell(row).significance?.holm) },
  };
  const value: Column<ComparedRow> = numeric(name, label, (row) => valueText(cell(row), decimals), {
    width: spread ? 150 : 100,
    sortable: true,
    render: (row) => <Value cell={cell(row)} decimals={decimals} spread={spread} />,
    background: (row) => shades?.get(row.id),
  });
  return [
    value,
    ...EXTRAS.filter(({ id }) => extras.includes(id)).map(
      ({ id }): Column<ComparedRow> => ({ id: `${name} ${id}`, numeric: true, ...beside[id] }),
    ),
  ];
}

function valueText(cell: ComparisonCell, decimals: number): string {
  const { mean, std, significance } = cell;
  const dagger = significance?.significant ? '†' : '';
  return `${fixed(mean, decimals)}${dagger}${std === null ? '' : ` ± ${fixed(std, decimals)}`}${cellMark(cell)}`;
}

/** Marks and spreads have a place of their own, so that decimals stand under each other. */
function Value({ cell, decimals, spread }: { cell: ComparisonCell; decimals: number; spread: boolean }) {
  const { mean, std, mark, significance } = cell;
  const text = fixed(mean, decimals);
  return (
    <>
      {mark === 'best' ? <strong>{text}</strong> : mark === 'second' ? <u>{text}</u> : text}
      <span className="compare-mark">{significance?.significant ? '†' : ''}</span>
      {spread && (
        <span className="compare-spread" style={{ minWidth: `${decimals + 4}ch` }}>
          {std === null ? '' : `± ${fixed(std, decimals)}`}
        </span>
      )}
      {cellMark(cell)}
    </>
  );
}

/** Strongest tint of the heat map, in percent of the accent: text on it stays readable. */
const STRONGEST = 18;

/** Tint of each row by how good its value is; never across protocols, and none where a metric has no better end. */
function heatOf(view: ComparisonView, { direction }: MetricColumn, at: number): Map<string, string> {
  const tints = new Map<string, string>();
  if (direction === 'none') return tints;
  for (const { rows } of view.protocols) {
    const values = rows.map((index) => {
      const { mean, note } = view.rows[index].cells[at];
      return note === undefined ? mean : null;
    });
    const present = values.filter((value) => value !== null);
    const [low, high] = [Math.min(...present), Math.max(...present)];
    if (!(high > low)) continue;
    rows.forEach((index, place) => {
      const value = values[place];
      if (value === null) return;
      const share = (value - low) / (high - low);
      const percent = Math.round(STRONGEST * (direction === 'higher' ? share : 1 - share));
      tints.set(view.rows[index].id, `color-mix(in srgb, var(--accent) ${percent}%, var(--background))`);
    });
  }
  return tints;
}

/** What a column sorts by. */
export function sortValue(view: ComparisonView, row: ComparedRow, field: string): number | string | null {
  if (field === 'name') return row.name;
  if (field === 'model') return modelTitle(row.model);
  if (field === 'dataset') return row.dataset;
  if (field === 'parameters') return row.parameters;
  if (field === 'seconds') return row.seconds;
  return row.cells[view.columns.findIndex(({ name }) => name === field)]?.mean ?? null;
}
