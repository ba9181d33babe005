import { metricLabel } from '../../core/api/metrics.ts';
import { Select } from '../components/Select.tsx';

interface MetricSelectProps {
  metrics: readonly string[];
  value: string;
  onValue(metric: string): void;
}

/** A choice of one of several metrics, by their titles. */
export function MetricSelect({ metrics, value, onValue }: MetricSelectProps) {
  const choices = metrics.map((name) => ({ value: name, label: metricLabel(name) }));
  return <Select aria-label="Metric" value={value} choices={choices} onValue={onValue} />;
}
