import { CheckField, SelectField, TextField } from '../../components/controls.tsx';
import {
  draftProblems,
  ENCODING_CHOICES,
  HEADERS,
  type ImportDraft,
  KINDS,
  PRESET_CHOICES,
  REPEATS,
  SEPARATORS,
  TIES,
  TIME_UNIT_CHOICES,
} from './import-draft.ts';

export interface ImportOptionsProps {
  draft: ImportDraft;
  /** Name of the data set if none is given. */
  suggested: string;
  nameTaken: boolean;
  /** Which options mean something for these files. */
  has: { separator: boolean; time: boolean; rating: boolean; filters: boolean };
  onChange(changes: Partial<ImportDraft>): void;
}

/** Everything about an import beside the meaning of columns. */
export function ImportOptions({ draft, suggested, nameTaken, has, onChange }: ImportOptionsProps) {
  const select = <K extends 'kind' | 'separator' | 'header' | 'encoding' | 'timeUnit'>(key: K) => ({
    value: draft[key],
    onValue: (value: ImportDraft[K]) => onChange({ [key]: value }),
  });
  return (
    <>
      <TextField
        label="Name"
        placeholder={suggested}
        problem={nameTaken ? 'there is already a data set of this name; choose another' : null}
        value={draft.name}
        onValue={(name) => onChange({ name })}
      />
      <SelectField
        label="Read as"
        help="Labelled rows are for ranking models such as DLRM, sequences for all others"
        choices={KINDS}
        {...select('kind')}
      />
      {has.filters && <Filters draft={draft} has={has} onChange={onChange} />}
      <section className="form-section">
        <h2 className="form-title">Reading</h2>
        <div className="import-pair">
          {has.separator && (
            <SelectField label="Separator" choices={separators(draft)} {...select('separator')} />
          )}
          {has.separator && <SelectField label="First line" choices={HEADERS} {...select('header')} />}
          <SelectField label="Encoding" choices={ENCODING_CHOICES} {...select('encoding')} />
          {has.time && <SelectField label="Time unit" choices={TIME_UNIT_CHOICES} {...select('timeUnit')} />}
        </div>
        <CheckField
          label="Leave out rows that cannot be read"
          checked={draft.skipBadRows}
          onChecked={(skipBadRows) => onChange({ skipBadRows })}
        />
      </section>
    </>
  );
}

type FilterProps = Pick<ImportOptionsProps, 'draft' | 'has' | 'onChange'>;

/** What of the interactions is kept, and in which order. */
function Filters({ draft, has, onChange }: FilterProps) {
  const problems = draftProblems(draft);
  const text = (key: 'minUser' | 'minItem' | 'minRating' | 'seed') => ({
    mode: 'decimal' as const,
    problem: problems[key],
    value: draft[key],
    onValue: (value: string) => onChange({ [key]: value }),
  });
  const select = <K extends 'preset' | 'dedupe' | 'ties'>(key: K) => ({
    value: draft[key],
    onValue: (value: ImportDraft[K]) => onChange({ [key]: value }),
  });
  return (
    <section className="form-section">
      <h2 className="form-title">Filters</h2>
      <div className="import-pair">
        <TextField label="Min. per user" {...text('minUser')} placeholder="0" />
        <TextField label="Min. per item" {...text('minItem')} placeholder="0" />
      </div>
      <p className="field-help">
        Users and items with fewer interactions go, until none is left to go (k-core).
      </p>
      <SelectField label="Published cut" choices={PRESET_CHOICES} {...select('preset')} />
      {has.rating && <TextField label="Lowest rating kept" {...text('minRating')} placeholder="any" />}
      {has.time && (
        <div className="import-pair">
          <TextField label="From day" type="date" value={draft.from} onValue={(from) => onChange({ from })} />
          <TextField
            label="Before day"
            type="date"
            problem={problems.to}
            value={draft.to}
            onValue={(to) => onChange({ to })}
          />
        </div>
      )}
      <SelectField label="Repeats" choices={REPEATS} {...select('dedupe')} />
      <SelectField
        label="Interactions of the same time"
        help="Their order decides what is held out for the test; copies of one data set often differ in it"
        choices={TIES}
        {...select('ties')}
      />
      {draft.ties === 'shuffle' && (
        <TextField label="Seed of the shuffle" {...text('seed')} placeholder="0" />
      )}
    </section>
  );
}

function separators({ separator }: ImportDraft) {
  const known = SEPARATORS.some(({ value }) => value === separator);
  return known ? SEPARATORS : [...SEPARATORS, { value: separator, label: separator }];
}
