import type { ComparisonView } from '../../../core/api/compare.ts';
import { Select } from '../../components/Select.tsx';
import { useCompareRoute } from './compare-route.ts';

const NO_BASELINE = '';

/** The row that the others are tested against. */
export function BaselineChoice({ view: { rows, baseline } }: { view: ComparisonView }) {
  const [, change] = useCompareRoute();
  return (
    <span className="toolbar-item middle gap-2 muted">
      Baseline
      <Select
        aria-label="Baseline"
        value={baseline === null ? NO_BASELINE : rows[baseline].id}
        choices={[
          { value: NO_BASELINE, label: 'None' },
          ...rows.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        onValue={(id) => change({ baseline: id === NO_BASELINE ? null : id })}
      />
    </span>
  );
}
