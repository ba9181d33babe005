import type { ReactNode } from 'react';
import type { Difference, DifferenceScale } from '../../../core/api/compare.ts';
import { signed, signedRange } from '../../format/format.ts';

/** Side of a tile, and height of the ends of an interval. */
const TILE = 9;
const CAP = 8;
/** Half of a tick's number, which must not be cut off. */
const EDGE = 16;
const PUBLISHED = { width: 2, height: 10 };

/** What a cell of the forest shows. */
export type ForestMark =
  | { kind: 'row'; difference: Difference; colour: string | undefined }
  | { kind: 'baseline' }
  | { kind: 'published'; difference: number };

export interface ForestProps {
  scale: DifferenceScale;
  width: number;
  height: number;
  decimals: number;
  mark: ForestMark | null;
}

/** A row's place around the line of no difference. Cells of one column share their scale, so that its lines run through. */
export function Forest({ scale, width, height, decimals, mark }: ForestProps) {
  const x = positionOn(scale, width);
  return (
    <svg className="block" width={width} height={height} aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line
          key={tick}
          stroke={`var(${tick === 0 ? '--text-faint' : '--line'})`}
          x1={x(tick)}
          x2={x(tick)}
          y1={0}
          y2={height}
        />
      ))}
      {mark && markOf(mark, { scale, width, height, decimals, x })}
    </svg>
  );
}

/** Pixels of a difference. */
function positionOn({ low, high }: DifferenceScale, width: number): (value: number) => number {
  return (value) => Math.round((width * (value - low)) / (high - low));
}

type Place = Omit<ForestProps, 'mark'> & { x(value: number): number };

function markOf(mark: ForestMark, place: Place): ReactNode {
  const { scale, height, x } = place;
  const middle = height / 2;
  if (mark.kind === 'baseline') {
    const side = TILE - 1;
    return (
      <rect
        fill="var(--row-background)"
        stroke="var(--text)"
        strokeWidth={1.5}
        x={x(0) - side / 2}
        y={middle - side / 2}
        width={side}
        height={side}
        transform={`rotate(45 ${x(0)} ${middle})`}
      />
    );
  }
  if (mark.kind === 'published') {
    const { difference } = mark;
    if (difference < scale.low || difference > scale.high) return null;
    const { width, height: tall } = PUBLISHED;
    return (
      <rect
        fill="var(--text-faint)"
        x={x(difference) - width / 2}
        y={middle - tall / 2}
        width={width}
        height={tall}
      />
    );
  }
  const { difference, colour } = mark;
  return scale.clipped.has(difference.id) ? (
    <FarRow difference={difference.difference} place={place} />
  ) : (
    <NearRow difference={difference} colour={colour} place={place} />
  );
}

/** A tile, hollow where the interval crosses 0 or there is none. */
function NearRow({ difference, colour, place }: { difference: Difference; colour?: string; place: Place }) {
  const { height, decimals, x } = place;
  const middle = height / 2;
  const { low, high } = difference;
  // What has no width is no interval.
  const ends = low < high ? [low, high] : [];
  const isHollow = ends.length === 0 || (low <= 0 && high >= 0);
  const interval = ends.length > 0 ? `, 95 % interval ${signedRange([low, high], decimals)}` : ', not tested';
  return (
    <g stroke={colour} strokeWidth={2}>
      <title>
        {signed(difference.difference, decimals)}
        {interval}
      </title>
      {ends.length > 0 && <line x1={x(low)} x2={x(high)} y1={middle} y2={middle} />}
      {ends.map((end) => (
        <line key={end} x1={x(end)} x2={x(end)} y1={middle - CAP / 2} y2={middle + CAP / 2} />
      ))}
      <rect
        x={x(difference.difference) - TILE / 2}
        y={middle - TILE / 2}
        width={TILE}
        height={TILE}
        rx={2}
        fill={isHollow ? 'var(--row-background)' : colour}
      />
    </g>
  );
}

/** An arrow at the edge with the number, for what is off the scale. */
function FarRow({ difference, place: { width, height, decimals } }: { difference: number; place: Place }) {
  const middle = height / 2;
  const left = difference < 0;
  const tip = left ? 1 : width - 1;
  const way = left ? 1 : -1;
  return (
    <g className="forest-words">
      <path stroke="var(--text-faint)" strokeWidth={2} d={`M${tip + 22 * way},${middle}H${tip + 6 * way}`} />
      <path d={`M${tip},${middle}l${8 * way},-4v8z`} />
      <text x={tip + 28 * way} y={middle + 4} textAnchor={left ? 'start' : 'end'}>
        {signed(difference, decimals)}
      </text>
    </g>
  );
}

/** The numbers above the lines; of those that would overprint, every second one. */
export function ForestAxis({ scale, width, decimals }: Pick<ForestProps, 'scale' | 'width' | 'decimals'>) {
  const x = positionOn(scale, width);
  const room = 44;
  const { ticks } = scale;
  const gap = ticks.length > 1 ? x(ticks[1]) - x(ticks[0]) : width;
  const every = Math.max(1, Math.ceil(room / Math.max(1, gap)));
  const zero = ticks.indexOf(0);
  const text = (value: number) =>
    value === 0 ? '0' : signed(value, tickDecimals(ticks, decimals)).replace('+', '');
  return (
    <svg className="forest-words block" width={width} height={20} aria-hidden="true">
      {ticks.map((tick, at) =>
        (at - zero) % every === 0 ? (
          <text key={tick} x={Math.max(EDGE, Math.min(width - EDGE, x(tick)))} y={14} textAnchor="middle">
            {text(tick)}
          </text>
        ) : null,
      )}
    </svg>
  );
}

/** As few as tell the ticks apart. */
function tickDecimals(ticks: readonly number[], most: number): number {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  return Math.min(most, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
}
