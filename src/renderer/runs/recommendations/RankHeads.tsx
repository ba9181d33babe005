import type { ShownRun } from './shown-runs.ts';

/** A tile for each run, above the ranks it gives. */
export function RankHeads({ runs }: { runs: readonly ShownRun[] }) {
  return runs.map(({ id, name, colour }) => (
    <span key={id} title={name}>
      <span className="run-swatch" style={{ background: colour }} />
    </span>
  ));
}
