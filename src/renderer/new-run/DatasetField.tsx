import { Database } from 'lucide-react';
import type { DatasetSummary } from '../../core/api/datasets.ts';
import { Icon } from '../components/Button.tsx';
import { PickField } from '../components/PickField.tsx';
import { countText } from '../format/format.ts';

export interface DatasetFieldProps {
  datasets: readonly DatasetSummary[];
  /** Its name. */
  chosen: string;
  onChosen(name: string): void;
}

/** A data set, with its size. */
export function DatasetField({ datasets, chosen, onChosen }: DatasetFieldProps) {
  const current = datasets.find(({ name }) => name === chosen);
  const line = (dataset: DatasetSummary) => (
    <>
      <Icon of={Database} />
      <strong className="clip">{dataset.name}</strong>
      <span className="clip muted">{sizeText(dataset)}</span>
    </>
  );
  return (
    <PickField
      label="Data set"
      placeholder="Search data sets"
      groups={[
        {
          title: '',
          rows: datasets.map((dataset) => ({ id: dataset.name, name: dataset.name, content: line(dataset) })),
        },
      ]}
      chosen={current ? [chosen] : []}
      onChosen={([name]) => onChosen(name)}
    >
      {current && <span className="pick-chosen row shrinks">{line(current)}</span>}
    </PickField>
  );
}

function sizeText({ clicks, statistics: { users, items } }: DatasetSummary): string {
  return clicks
    ? `click log of ${countText(clicks.rows, 'row')}`
    : `${countText(users, 'user')}, ${countText(items, 'item')}`;
}
