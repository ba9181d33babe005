import { metricDecimals } from '../../../core/api/metrics.ts';
import { finalistsOf, type SweepPage } from '../../../core/api/studies.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { MeanCell } from '../../components/CellContent.tsx';
import { type Column, column } from '../../components/columns.ts';
import { settingColumn } from '../../components/schema.ts';
import { Table } from '../../components/Table.tsx';
import { fixed } from '../../format/format.ts';
import { TrialName } from './TrialsTable.tsx';

type Finalist = ReturnType<typeof finalistsOf>[number];

/** Of the axis of the seeds, in pixels. */
const [WIDTH, HEIGHT, TILE] = [190, 16, 8];

/** The trials that were trained from several seeds, which lie on one axis; nothing where there are none. */
export function Finalists({ sweep }: { sweep: SweepPage }) {
  const { spec, trials } = sweep;
  const finalists = finalistsOf(spec, trials);
  if (finalists.length === 0) return null;
  const seeds = spec.sweep.finalists?.seeds ?? [];
  return (
    <section className="stack">
      <Table
        title="Finalists"
        detail={`trained from ${seeds.length} seeds to the end; tested is the chosen one alone`}
        columns={columnsOf(sweep, finalists)}
        rows={finalists}
        rowKey={({ trial }) => String(trial.number)}
      />
    </section>
  );
}

function columnsOf({ spec, test }: SweepPage, finalists: readonly Finalist[]): Column<Finalist>[] {
  const decimals = metricDecimals(spec.sweep.metric);
  const all = finalists.flatMap(({ values }) => values);
  const axis = [Math.min(...all), Math.max(...all)] as const;
  const isChosen = (one: Finalist) => one === finalists[0];
  return [
    column('trial', 'Trial', 'text', ({ trial }) => String(trial.number), {
      width: 96,
      render: (one) => (
        <TrialName trial={one.trial} model={spec.model} name={String(one.trial.number)} tabIndex={0} />
      ),
    }),
    ...spec.sweep.vary.map(({ key }) =>
      settingColumn<Finalist>(`config:${key}`, key, ({ trial }) => trial.settings[key], finalists),
    ),
    column('value', 'Validation', 'mean', ({ trial }) => trial.value, {
      decimals,
      render: (one) => (
        <MeanCell
          cell={one.trial.value ?? undefined}
          decimals={decimals}
          place={isChosen(one) ? 'best' : undefined}
        />
      ),
    }),
    column(
      'seeds',
      seedsTitle(axis, decimals),
      'text',
      ({ values }) => values.map((value) => fixed(value, decimals)).join(', '),
      {
        width: WIDTH + 24,
        render: ({ values }) => <SeedAxis values={values} axis={axis} model={spec.model} />,
      },
    ),
    column('p', 'From the chosen', 'text', (one) => (isChosen(one) ? 'chosen' : pText(one.p)), {
      width: 120,
    }),
    column('test', 'Test', 'mean', (one) => (isChosen(one) && test ? test : null), { decimals }),
  ];
}

const pText = (p: number | null) => (p === null ? '–' : p < 0.001 ? 'p < 0.001' : `p = ${fixed(p, 3)}`);

const seedsTitle = ([low, high]: readonly [number, number], decimals: number) =>
  Number.isFinite(low) ? `Seeds, ${fixed(low, decimals)} to ${fixed(high, decimals)}` : 'Seeds';

/** A tile a seed, on an axis that all finalists share. */
function SeedAxis({
  values,
  axis: [low, high],
  model,
}: {
  values: readonly number[];
  axis: readonly [number, number];
  model: string;
}) {
  const colour = useModelColour(model);
  const place = (value: number) => (high === low ? 0.5 : (value - low) / (high - low)) * (WIDTH - TILE);
  return (
    <svg width={WIDTH} height={HEIGHT} aria-hidden="true">
      <path d={`M0 ${HEIGHT / 2}H${WIDTH}`} stroke="var(--line)" />
      {values.map((value, at) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its seed
          key={at}
          x={place(value)}
          y={(HEIGHT - TILE) / 2}
          width={TILE}
          height={TILE}
          rx={1}
          fill={colour}
          fillOpacity={0.75}
        />
      ))}
    </svg>
  );
}
