interface SparklineProps {
  label: string;
  /** Finite numbers, at least two. */
  values: readonly number[];
  colour: string;
  width: number;
  height: number;
  /** A value to be seen against: a dashed line. */
  level?: number;
}

/** The shape of a curve in a line of text, its last point as a tile. */
export function Sparkline({ label, values, colour, width, height, level }: SparklineProps) {
  const [low, high] = [Math.min(level ?? Infinity, ...values), Math.max(level ?? -Infinity, ...values)];
  const x = (at: number) => 2 + (at / (values.length - 1)) * (width - 8);
  const y = (value: number) => height - 4 - ((value - low) / (high - low || 1)) * (height - 8);
  const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const last = values.length - 1;
  return (
    <svg className="sparkline block" width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke={colour}
        strokeWidth={1.5}
        strokeLinejoin="round"
      />
      {level !== undefined && <path d={`M0 ${y(level)}H${width}`} stroke={colour} strokeDasharray="3 3" />}
      <rect x={x(last) - 2.5} y={y(values[last]) - 2.5} width={5} height={5} fill={colour} />
    </svg>
  );
}
