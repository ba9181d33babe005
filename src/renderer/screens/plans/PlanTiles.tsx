import type { SeedState } from '../../../core/api/plans.ts';

/** Of one in the sidebar's words; to come is what waits, too. */
const WORDS: Record<SeedState, string> = {
  done: 'done',
  running: 'running',
  failed: 'failed',
  diverged: 'diverged',
  waiting: 'to come',
  open: 'to come',
};

/** "22 of 44 done, 2 running, 1 failed" */
export function statesText(states: readonly SeedState[]): string {
  const count = (state: SeedState) => states.filter((one) => one === state).length;
  const others = (['running', 'failed', 'diverged'] as const).flatMap((state) =>
    count(state) > 0 ? [`${count(state)} ${WORDS[state]}`] : [],
  );
  return [`${count('done')} of ${states.length} done`, ...others].join(', ');
}

interface PlanTilesProps {
  states: readonly SeedState[];
  colour: string;
  /** Pixels of a tile and of the gap behind it. */
  size: number;
  gap: number;
  /** Tiles a line. */
  line: number;
}

/** A tile a run: filled done, half-filled running, hollow to come, with a bad edge failed or diverged. */
export function PlanTiles({ states, colour, size, gap, line }: PlanTilesProps) {
  const pitch = size + gap;
  const width = Math.min(line, states.length) * pitch - gap;
  const height = Math.ceil(states.length / line) * pitch - gap;
  if (states.length === 0) return null;
  const edge = size > 6 ? 1.5 : 0.75;
  return (
    <svg className="block rigid" width={width} height={height} style={{ color: colour }} role="img">
      <title>{statesText(states)}</title>
      {states.map((state, at) => (
        <Tile
          // biome-ignore lint/suspicious/noArrayIndexKey: a tile is its place
          key={at}
          {...{ state, size, edge, x: (at % line) * pitch, y: Math.floor(at / line) * pitch }}
        />
      ))}
    </svg>
  );
}

interface TileProps {
  state: SeedState;
  x: number;
  y: number;
  size: number;
  edge: number;
}

function Tile({ state, x, y, size, edge }: TileProps) {
  const radius = size > 6 ? 2 : 1;
  if (state === 'done')
    return <rect {...{ x, y, width: size, height: size, rx: radius }} fill="currentColor" />;
  const isBad = state === 'failed' || state === 'diverged';
  const stroke = isBad ? 'var(--bad)' : state === 'running' ? 'var(--accent)' : 'currentColor';
  const inner = { x: x + edge / 2, y: y + edge / 2, width: size - edge, height: size - edge, rx: radius };
  return (
    <>
      <rect
        {...inner}
        {...{ stroke, strokeWidth: edge, fill: isBad ? 'var(--bad-soft)' : 'none' }}
        strokeOpacity={state === 'waiting' || state === 'open' ? 0.35 : 1}
      />
      {state === 'running' && (
        <rect {...{ x, y: y + size / 2, width: size, height: size / 2 }} fill="var(--accent)" />
      )}
    </>
  );
}

/** Tiles of trials, of which nobody shows which is which. */
export function trialStates({
  done,
  running,
  failed,
  total,
}: {
  done: number;
  running: number;
  failed: number;
  total: number;
}): SeedState[] {
  return Array.from({ length: total }, (_, at) => {
    if (at < done - failed) return 'done';
    if (at < done) return 'failed';
    return at < done + running ? 'running' : 'open';
  });
}
