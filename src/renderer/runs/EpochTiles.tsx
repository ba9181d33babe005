/** More epochs than this share tiles. */
const MAX_TILES = 100;

interface EpochTilesProps {
  label: string;
  /** Of the whole run, 0..1. */
  fraction: number;
  epochs: number;
  colour: string;
  /** Nothing has begun. */
  hollow?: boolean;
}

/** A tile for each epoch, filled as training goes on. */
export function EpochTiles({ label, fraction, epochs, colour, hollow }: EpochTilesProps) {
  const count = Math.min(MAX_TILES, Math.max(1, epochs));
  return (
    <div
      className="epoch-tiles flex"
      data-hollow={hollow || undefined}
      role="progressbar"
      aria-label={label}
      aria-valuenow={Math.round(100 * fraction)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      {Array.from({ length: count }, (_, index) => {
        const filled = Math.min(1, Math.max(0, fraction * count - index));
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an epoch is its place
          <i key={index}>{filled > 0 && <b style={{ width: `${100 * filled}%`, background: colour }} />}</i>
        );
      })}
    </div>
  );
}
