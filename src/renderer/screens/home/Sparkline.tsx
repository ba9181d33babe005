const [WIDTH, HEIGHT] = [180, 44];

interface SparklineProps {
  label: string;
  /** Finite numbers, at least two. */
  values: readonly number[];
  colour: string;
}

/** The shape of a curve in a line of text, its last point as a tile. */
export function Sparkline({ label, values, colour }: SparklineProps) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (at: number) => 2 + (at / (values.length - 1)) * (WIDTH - 8);
  const y = (value: number) => HEIGHT - 4 - ((value - low) / (high - low || 1)) * (HEIGHT - 8);
  const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const last = values.length - 1;
  return (
    <svg className="sparkline" width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke={colour}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      <rect x={x(last) - 2.5} y={y(values[last]) - 2.5} width={5} height={5} fill={colour} />
    </svg>
  );
}
