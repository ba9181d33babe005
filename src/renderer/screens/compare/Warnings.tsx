import type { ComparisonView } from '../../../core/api/compare.ts';
import { phaseOf } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { capital, countText, someNames } from '../../format/format.ts';
import { RunStatus } from '../../runs/RunStatus.tsx';
import { useStartText } from '../../runs/use-clock.ts';
import { routeLink } from '../../state/navigation.ts';
import { useCompareRoute } from './compare-route.ts';

export interface WarningsProps {
  view: ComparisonView;
  /** Whether the view below says itself which rows are not compared. */
  hasGroups: boolean;
}

/** Above every view: what a reader must know before reading the numbers. */
export function Warnings({ view, hasGroups }: WarningsProps) {
  const [, change] = useCompareRoute();
  const { warnings, withoutResults, deleted } = view;
  const ended = withoutResults.filter((run) => !isPending(run));
  const missing = someNames(ended.map(({ title, status }) => `${title} (${status})`));
  const apart = hasGroups ? null : apartText(view);
  if (apart === null && warnings.length === 0 && missing === '' && deleted.length === 0) return null;
  return (
    <section className="compare-warnings rigid muted scrolls line-below bar-inset" aria-label="Warnings">
      {apart !== null && (
        <p>
          {apart}{' '}
          <Button kind="quiet" onClick={() => change({ view: 'configs' })}>
            Show the protocols
          </Button>
        </p>
      )}
      {warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
      {missing !== '' && <p>Excluded, no results: {missing}.</p>}
      {deleted.length > 0 && <p>Excluded: {countText(deleted.length, 'deleted run')}.</p>}
    </section>
  );
}

/** Why rows are not compared with each other; null where all are. */
function apartText({ protocols, rows, protocolFields }: ComparisonView): string | null {
  if (protocols.length < 2) return null;
  const datasets = [...new Set(rows.flatMap(({ dataset }) => dataset ?? []))];
  if (datasets.length > 1) return `Different data sets: ${datasets.join(', ')}.`;
  const differing = protocolFields.filter(({ values }) => new Set(values).size > 1).map(({ title }) => title);
  return differing.length > 0
    ? `Different protocols: ${differing.join(', ')}.`
    : 'The protocol of some runs was not recorded.';
}

type Pending = ComparisonView['withoutResults'];

/** Whether a run without results will have some. */
export const isPending = ({ status }: Pending[number]): boolean => phaseOf(status) !== 'ended';

/** The runs that the comparison waits for, and how far each is. */
export function PendingRuns({ runs }: { runs: Pending }) {
  const start = useStartText(runs.map(({ id }) => id));
  if (runs.length === 0) return null;
  return (
    <section className="flex wrap gap-4 bar-inset" aria-label="In progress">
      <h2>In progress</h2>
      <ul className="flex wrap gap-6">
        {runs.map(({ id, title, status }) => (
          <li key={id} className="row">
            <a className="row-link" href={routeLink('run', [id])}>
              {title}
            </a>
            <RunStatus status={status} run={id} message={null} />
          </li>
        ))}
      </ul>
      {start && <span className="muted">{capital(start)}</span>}
    </section>
  );
}
