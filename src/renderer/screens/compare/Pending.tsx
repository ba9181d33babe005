import type { ComparisonView } from '../../../core/api/compare.ts';
import { phaseOf } from '../../../core/api/runs.ts';
import { RunStatus } from '../../runs/RunStatus.tsx';
import { routeLink } from '../../state/navigation.ts';

type Pending = ComparisonView['withoutResults'];

/** Whether a run without results will have some. */
export const isPending = ({ status }: Pending[number]): boolean => phaseOf(status) !== 'ended';

/** The runs that the comparison waits for, and how far each is. */
export function PendingRuns({ runs }: { runs: Pending }) {
  if (runs.length === 0) return null;
  return (
    <section className="compare-pending flex wrap bar-inset" aria-label="In progress">
      <h2>In progress</h2>
      <ul>
        {runs.map(({ id, name, status }) => (
          <li key={id}>
            <a className="row-link" href={routeLink('run', [id])}>
              {name}
            </a>
            <RunStatus status={status} run={id} message={null} />
          </li>
        ))}
      </ul>
    </section>
  );
}
