import { useMemo } from 'react';
import { useChartColours } from '../../charts/use-chart-colours.ts';

const [COLUMNS, ROWS, STEP, SIZE] = [26, 25, 14, 11];
/** Columns at the right that are in order; to the left tiles lie ever further apart. */
const ORDERED = 12;

interface Tile {
  x: number;
  y: number;
  turn: number;
  colour: number;
  opacity: number;
}

/** The same scattered numbers in [0, 1) in every window. */
function scatter(): () => number {
  let state = 7;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function tiles(): Tile[] {
  const next = scatter();
  return Array.from({ length: COLUMNS * ROWS }, (_, index): Tile => {
    const [column, row] = [index % COLUMNS, Math.floor(index / COLUMNS)];
    const loose = Math.max(0, 1 - column / (COLUMNS - ORDERED));
    const spread = loose * 2.4 * STEP;
    const block = (Math.floor(row / 5) * 3 + Math.floor(column / 6)) % 8;
    return {
      x: column * STEP + (next() - 0.5) * spread,
      y: row * STEP + (next() - 0.5) * spread,
      turn: (next() - 0.5) * 90 * loose,
      colour: next() < 0.8 * (1 - loose) + 0.1 ? block : Math.floor(next() * 8),
      opacity: next() < loose * 0.96 ? 0 : 0.45 + 0.55 * next(),
    };
  }).filter(({ opacity }) => opacity > 0);
}

/** Loose tiles that fall into order: what importing data and learning codes do. */
export function Mosaic() {
  const { palette } = useChartColours();
  const all = useMemo(tiles, []);
  return (
    <svg
      className="first-mosaic"
      viewBox={`0 0 ${COLUMNS * STEP} ${ROWS * STEP}`}
      preserveAspectRatio="xMaxYMid slice"
      aria-hidden="true"
    >
      {all.map(({ x, y, turn, colour, opacity }) => (
        <rect
          key={`${x} ${y}`}
          x={x}
          y={y}
          width={SIZE}
          height={SIZE}
          rx={2}
          fill={palette[colour]}
          opacity={opacity}
          transform={`rotate(${turn} ${x + SIZE / 2} ${y + SIZE / 2})`}
        />
      ))}
    </svg>
  );
}
