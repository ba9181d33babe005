import { Figure } from '../charts/Figure.tsx';
import { type HidingRun, shareFigures } from './share-figures.ts';

/** Hits by the share of a list that hidden items may have; nothing where no run generates within a share. */
export function ShareCurves({ runs }: { runs: readonly HidingRun[] }) {
  const specs = shareFigures(runs);
  if (specs.length === 0) return null;
  return (
    <div className="compare-charts">
      {specs.map((spec) => (
        <Figure key={spec.title} spec={spec} />
      ))}
    </div>
  );
}
