import type { ComparisonView } from '../../../core/api/compare.ts';
import { Button } from '../../components/Button.tsx';
import { countText } from '../../format/format.ts';
import { isPending } from './Pending.tsx';

export interface WarningsProps {
  view: ComparisonView;
  onShowProtocols(): void;
}

/** Above every view: what a reader must know before reading the numbers. Red where protocols differ. */
export function Warnings({ view, onShowProtocols }: WarningsProps) {
  const { warnings, withoutResults, deleted, protocols } = view;
  const crosses = protocols.length > 1;
  const ended = withoutResults.filter((run) => !isPending(run));
  const missing = ended.map(({ name, status }) => `${name} (${status})`).join(', ');
  if (warnings.length === 0 && missing === '' && deleted.length === 0) return null;
  return (
    <section className="compare-warnings" aria-label="Warnings" data-level={crosses ? 'bad' : 'warning'}>
      <div>
        {crosses && <p className="compare-warning-title">Different evaluation protocols</p>}
        {warnings.map((warning) => (
          <p key={warning}>{warning}</p>
        ))}
        {missing !== '' && <p>Without results, and left out: {missing}.</p>}
        {deleted.length > 0 && <p>Deleted since, and left out: {countText(deleted.length, 'run')}.</p>}
      </div>
      {crosses && <Button onClick={onShowProtocols}>Show the protocols</Button>}
    </section>
  );
}
