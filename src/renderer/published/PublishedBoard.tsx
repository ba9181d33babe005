import type { ReactNode } from 'react';
import { metricDecimals, metricDirection, metricLabel, signOf } from '../../core/api/metrics.ts';
import type { PublishedBoard as Board, BoardRow } from '../../core/api/published.ts';
import { modelColour } from '../charts/colours.ts';
import { Button } from '../components/Button.tsx';
import { MeanCell } from '../components/CellContent.tsx';
import { CheckMenu } from '../components/CheckMenu.tsx';
import { CopyMenu } from '../components/CopyMenu.tsx';
import { type Column, column } from '../components/columns.ts';
import { Table } from '../components/Table.tsx';
import { fixed, signed } from '../format/format.ts';
import { RunTile } from '../runs/RunTile.tsx';
import { routeLink } from '../state/navigation.ts';
import { useTheme } from '../state/theme.ts';
import { notesOf, usualSources } from './board.ts';
import './published.css';

/** More sources stand in the table only where they are chosen. */
export const MOST_SOURCES = 6;
const STRIP_STEPS = 4;

interface PublishedBoardProps {
  board: Board;
  /** Such as "ndcg@10". */
  metric: string;
  /** Ids of the sources that have a column. */
  sources: readonly string[];
  /** The model is here, and has no run. */
  onTrain?(model: string): void;
}

/** Models with what papers and repositories print of them, and ours; and what is to know of the numbers. */
export function PublishedBoard({ board, metric, sources, onTrain }: PublishedBoardProps) {
  const theme = useTheme((state) => state.theme);
  const colourOf = ({ model, ours }: BoardRow) => (model && ours ? modelColour(model, theme) : undefined);
  const label = metricLabel(`test/${metric}`);
  return (
    <section className="published-board wide-tables inset">
      <Table
        label={`${label} published and ours`}
        columns={boardColumns({ board, metric, sources, onTrain }, colourOf)}
        rows={board.rows}
      />
      <div className="published-notes grid gap-1 small muted">
        {notesOf(board).map(({ name, text }) => (
          <details key={name} className="shrinks">
            <summary className="clip">
              <strong>{name}:</strong> {text}
            </summary>
          </details>
        ))}
        {board.differences.map((text) => (
          <p key={text}>{text}</p>
        ))}
      </div>
    </section>
  );
}

/** The button that copies the table. */
export function CopyBoard(props: PublishedBoardProps) {
  return (
    <CopyMenu
      framed
      what="table"
      columns={boardColumns(props, () => undefined)}
      rows={() => props.board.rows}
    />
  );
}

/** Which sources have a column, where there are more than the table has room for. */
export function SourcesMenu({
  board: { sources },
  chosen,
  onChosen,
}: {
  board: Board;
  chosen: readonly string[];
  onChosen(ids: string[]): void;
}) {
  if (sources.length <= MOST_SOURCES) return null;
  return (
    <CheckMenu
      trigger={
        <Button>
          Sources {chosen.length} of {sources.length}
        </Button>
      }
      options={sources.map(({ id, name }) => ({ id, label: name }))}
      checked={chosen}
      onChange={onChosen}
    />
  );
}

/** The sources asked for that are there; where none is, the usual ones. */
export function sourcesOf(board: Board, asked: readonly string[]): string[] {
  const known = board.sources.flatMap(({ id }) => (asked.includes(id) ? [id] : []));
  return known.length > 0 ? known : usualSources(board, MOST_SOURCES);
}

function boardColumns(
  { board, metric, sources, onTrain }: PublishedBoardProps,
  colourOf: (row: BoardRow) => string | undefined,
): Column<BoardRow>[] {
  const decimals = metricDecimals(`test/${metric}`);
  const best = bestOf(board.rows, metric, ({ ours }) => ours?.mean);
  const axis = stripAxis(board);
  const shown = board.sources.flatMap((source, at) => (sources.includes(source.id) ? [{ source, at }] : []));
  return [
    column('model', 'Model', 'text', ({ title }) => title, {
      render: (row) => <ModelName row={row} />,
    }),
    column('ours', 'Ours', 'mean', ({ ours }) => ours, {
      decimals,
      head: <TwoLines first="Ours" second="this data folder" />,
      render: ({ ours }) => (
        <MeanCell
          cell={ours ?? undefined}
          decimals={decimals}
          place={ours && ours.mean === best ? 'best' : undefined}
        />
      ),
    }),
    ...shown.map(({ source, at }): Column<BoardRow> => {
      const top = bestOf(board.rows, metric, ({ printed }) => printed[at]?.value);
      return column(source.id, source.name, 'metric', ({ printed }) => printed[at]?.value, {
        decimals,
        text: ({ printed }) => (printed[at] ? fixed(printed[at].value, decimals) : ''),
        head: <SourceHead source={source} />,
        render: ({ printed, ours }) => {
          const value = printed[at];
          if (!value) return null;
          const text = fixed(value.value, decimals);
          return (
            <span
              className={ours ? 'published-value' : 'published-value muted'}
              title={value.names.join(', ')}
            >
              {value.value === top ? <strong>{text}</strong> : text}
              <small className="small faint">{value.own && 'own'}</small>
            </span>
          );
        },
      });
    }),
    column('strip', 'Published and ours', 'none', () => null, {
      head: <StripHead axis={axis} />,
      render: (row) => <Strip row={row} sources={board.sources} axis={axis} colour={colourOf(row)} />,
    }),
    column('difference', 'Ours − best', 'signed', ({ lead }) => lead?.difference, {
      decimals,
      text: ({ lead }) => (lead ? `${signed(lead.difference, decimals)} (${signed(lead.percent, 1)} %)` : ''),
      render: (row) => <Difference row={row} decimals={decimals} onTrain={onTrain} />,
    }),
  ];
}

/** Of a column of two values or more. */
function bestOf(
  rows: readonly BoardRow[],
  metric: string,
  valueIn: (row: BoardRow) => number | undefined,
): number | undefined {
  const sign = signOf(metricDirection(`test/${metric}`));
  const values = rows.flatMap((row) => valueIn(row) ?? []).sort((a, b) => sign * (b - a));
  return values.length > 1 ? values[0] : undefined;
}

function ModelName({ row: { model, title, ours } }: { row: BoardRow }) {
  if (!ours || model === null) {
    return (
      <span className="muted">
        <i className="run-tile hollow" aria-hidden="true" />
        {title}
      </span>
    );
  }
  return (
    <>
      <RunTile model={model} />
      <a className="row-link" href={routeLink('run', [ours.id])} title={ours.name}>
        {title}
      </a>
    </>
  );
}

function TwoLines({ first, second }: { first: ReactNode; second: string }) {
  return (
    <span className="published-head block nowrap strong">
      {first}
      <small className="block small faint regular">{second}</small>
    </span>
  );
}

/** It opens outside of the window. */
function SourceHead({ source: { name, venue, link, where } }: { source: Board['sources'][number] }) {
  const first = (
    <a href={link} target="_blank" rel="noreferrer" title={where}>
      {name}
    </a>
  );
  return <TwoLines first={first} second={venue} />;
}

/** From 0 to above all values, in round steps. */
function stripAxis({ rows }: Board): { step: number; top: number } {
  const values = rows.flatMap(({ ours, printed }) => [
    ours?.mean ?? 0,
    ...printed.map((value) => value?.value ?? 0),
  ]);
  const most = Math.max(...values) || 1;
  const unit = 10 ** Math.floor(Math.log10(most / STRIP_STEPS));
  const step = [1, 2, 5, 10].map((times) => times * unit).find((one) => one * STRIP_STEPS >= most) ?? most;
  return { step, top: Math.ceil(most / step) * step };
}

type StripAxis = ReturnType<typeof stripAxis>;

function StripHead({ axis: { step, top } }: { axis: StripAxis }) {
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, at) => at * step);
  return (
    <span className="published-strip block holds">
      {ticks.map((tick) => (
        <small key={tick} className="small faint regular" style={{ left: `${(100 * tick) / top}%` }}>
          {Number(tick.toPrecision(2))}
        </small>
      ))}
    </span>
  );
}

interface StripProps extends Pick<Board, 'sources'> {
  row: BoardRow;
  axis: StripAxis;
  colour?: string;
}

/** A grey upright for every printed value and a tile for ours, joined. */
function Strip({ row, sources, axis, colour }: StripProps) {
  const printed = row.printed.flatMap((value) => value?.value ?? []);
  const all = [...printed, ...(row.ours ? [row.ours.mean] : [])];
  const place = (value: number) => `${(100 * value) / axis.top}%`;
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return (
    <span
      className="published-strip block holds"
      style={{ backgroundSize: `${(100 * axis.step) / axis.top}% 100%` }}
      aria-hidden="true"
    >
      <hr style={{ left: place(low), width: place(high - low) }} />
      {row.printed.map(
        (value, at) => value && <i key={sources[at].id} style={{ left: place(value.value) }} />,
      )}
      {row.ours && <b style={{ left: place(row.ours.mean), background: colour }} />}
    </span>
  );
}

interface DifferenceProps extends Pick<PublishedBoardProps, 'onTrain'> {
  row: BoardRow;
  decimals: number;
}

function Difference({ row: { model, title, ours, lead }, decimals, onTrain }: DifferenceProps) {
  if (lead) {
    return (
      <span className={lead.gain < 0 ? 'published-lead muted' : 'published-lead'}>
        {signed(lead.difference, decimals)}{' '}
        <small className="cell-spread small faint">{signed(lead.percent, 1)} %</small>
      </span>
    );
  }
  if (ours) return <span className="muted">not published</span>;
  if (model === null || !onTrain) return null;
  return (
    <Button kind="quiet" aria-label={`Train ${title}, no run yet`} onClick={() => onTrain(model)}>
      Train, no run yet
    </Button>
  );
}
