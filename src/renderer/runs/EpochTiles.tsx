import { useId } from 'react';

/** More epochs share tiles: two each, or as many as it takes. In a narrow window fewer have room. */
const maxTiles = () => (innerWidth <= 800 ? 16 : innerWidth <= 1180 ? 34 : 60);
/** Of a tile and the gap behind it, in pixels; narrower where there is less room. */
const [PITCH, GAP, HEIGHT] = [10, 2, 8];

interface EpochTilesProps {
  label: string;
  /** Of the whole run, 0..1. */
  fraction: number;
  epochs: number;
  /** Fewer, after which one like it ended: as many are shown until it has come further. */
  expected?: number | null;
  colour: string;
  /** It does not train: what is to come is outlined. */
  hollow?: boolean;
}

/** A tile for each epoch, filled as training goes on: deeper with every one, the present one upwards. */
export function EpochTiles({ label, fraction, epochs, expected, colour, hollow = false }: EpochTilesProps) {
  const id = useId();
  const isFurther = !expected || fraction * epochs > expected;
  const shown = Math.max(1, isFurther ? epochs : Math.min(expected, epochs));
  const each = Math.ceil(shown / maxTiles());
  const count = Math.ceil(shown / each);
  const done = Math.min(count, (Math.max(0, fraction) * Math.max(1, epochs)) / each);
  const [full, part] = [Math.floor(done), done % 1];
  const width = count * PITCH - GAP;
  return (
    <svg
      className="epoch-tiles block wide"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      height={8}
      overflow="visible"
      shapeRendering="crispEdges"
      style={{ maxWidth: width, color: colour }}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(100 * fraction)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <path
        fill={hollow ? 'none' : 'var(--sunken)'}
        stroke={hollow ? 'currentColor' : undefined}
        strokeOpacity={0.45}
        vectorEffect="non-scaling-stroke"
        d={tiles(full, count, hollow ? 0.5 : 0)}
      />
      {full > 0 && (
        <>
          <linearGradient id={id} gradientUnits="userSpaceOnUse" x1={0} x2={full * PITCH}>
            <stop offset={0} stopColor="currentColor" stopOpacity={0.45} />
            <stop offset={1} stopColor="currentColor" />
          </linearGradient>
          <path fill={`url(#${id})`} d={tiles(0, full)} />
        </>
      )}
      {part > 0 && (
        <path
          fill="currentColor"
          d={`M${full * PITCH} ${HEIGHT}v${-HEIGHT * part}h${PITCH - GAP}V${HEIGHT}z`}
        />
      )}
    </svg>
  );
}

/** One path for all: a queue has thousands of them. */
function tiles(from: number, to: number, inset = 0): string {
  const [wide, high] = [PITCH - GAP - 2 * inset, HEIGHT - 2 * inset];
  return Array.from(
    { length: to - from },
    (_, at) => `M${(from + at) * PITCH + inset} ${inset}h${wide}v${high}h${-wide}z`,
  ).join('');
}
