import { useState } from 'react';
import type { ErrorDetails } from '../../core/api/contract.ts';
import { SelectField, TextField } from '../components/controls.tsx';
import { countText } from '../format/format.ts';
import { windowText } from '../state/api.ts';
import type { Problems } from './asked.ts';
import { Section } from './Section.tsx';
import { SEARCHES, type SearchBy, type SearchDraft } from './searches.ts';

interface SearchSectionProps {
  search: SearchDraft;
  /** Null until they are counted. */
  trials: number | null;
  problems: Problems['search'];
  /** Of no single field. */
  problem: ErrorDetails | null;
  onSearch(changes: Partial<SearchDraft>): void;
}

const FIELDS = {
  trials: { label: 'Trials', help: 'Up to 1,000' },
  draw: { label: 'Seed of the draw', help: 'The same seed draws the same trials' },
  asha: { label: 'First rung', help: 'Epochs; one in 3 continues, 3 times as long. Empty: no early stops' },
  unimproved: { label: 'Stop when no better for', help: 'Trials. Empty: never' },
};

/** How trials are chosen, and how many there are. */
export function SearchSection({ search, trials, problems, problem, onSearch }: SearchSectionProps) {
  const [opened, setOpened] = useState(false);
  const { words, fields } = SEARCHES[search.by];
  const isWrong = problem !== null || Object.keys(problems).length > 0;
  return (
    <Section
      title="Search"
      summary={[trials === null ? '' : countText(trials, 'trial'), words].filter(Boolean).join(', ')}
      open={opened || isWrong}
      onOpen={setOpened}
    >
      {problem && (
        <p className="problem" role="alert">
          {windowText(problem)}
        </p>
      )}
      <div className="form grid">
        <SelectField
          label="Choice of trials"
          value={search.by}
          choices={Object.entries(SEARCHES).map(([value, { label }]) => ({
            value: value as SearchBy,
            label,
          }))}
          onValue={(by) => onSearch({ by })}
        />
        {fields.map((key) => (
          <TextField
            key={key}
            mode="decimal"
            {...FIELDS[key]}
            value={search[key]}
            problem={problems[key]}
            onValue={(text) => onSearch({ [key]: text })}
          />
        ))}
      </div>
    </Section>
  );
}
