import type { ImportPreset } from '../../../core/api/datasets.ts';
import { CheckField, draftFields, SelectField, TextField } from '../../components/controls.tsx';
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
  /** Published filters that were made for such files. */
  presets: readonly ImportPreset[];
  /** Which options mean something for these files. */
  has: { separator: boolean; time: boolean; rating: boolean; filters: boolean };
  onChange(changes: Partial<ImportDraft>): void;
}

/** Everything about an import beside the meaning of columns. */
export function ImportOptions({ draft, presets, has, onChange }: ImportOptionsProps) {
  const field = draftFields(draft, onChange);
  return (
    <>
      <SelectField
        label="Read as"
        help="Use labelled rows for ranking models such as DLRM, and interactions for all others"
        choices={KINDS}
        {...field('kind')}
      />
      {has.filters && <Filters draft={draft} presets={presets} has={has} onChange={onChange} />}
      <section className="grid gap-2">
        <h2 className="form-title line-below strong">Reading</h2>
        <div className="import-pair grid">
          {has.separator && (
            <SelectField label="Separator" choices={separators(draft)} {...field('separator')} />
          )}
          {has.separator && <SelectField label="First line" choices={HEADERS} {...field('header')} />}
          <SelectField label="Encoding" choices={ENCODING_CHOICES} {...field('encoding')} />
          {has.time && <SelectField label="Time unit" choices={TIME_UNIT_CHOICES} {...field('timeUnit')} />}
        </div>
        <CheckField label="Skip rows that cannot be read" {...field('skipBadRows')} />
      </section>
    </>
  );
}

type FilterProps = Pick<ImportOptionsProps, 'draft' | 'presets' | 'has' | 'onChange'>;

/** What of the interactions is kept, and in which order. */
function Filters({ draft, presets, has, onChange }: FilterProps) {
  const problems = draftProblems(draft);
  const field = draftFields(draft, onChange, problems);
  return (
    <section className="grid gap-2">
      <h2 className="form-title line-below strong">Filters</h2>
      <div className="import-pair grid">
        <TextField label="Min. per user" mode="decimal" {...field('minUser')} placeholder="0" />
        <TextField label="Min. per item" mode="decimal" {...field('minItem')} placeholder="0" />
      </div>
      <p className="field-help">
        Users and items with fewer interactions are removed repeatedly until all meet the minimum (k-core).
      </p>
      {(presets.length > 0 || draft.preset !== '') && (
        <SelectField label="Published preset" choices={PRESET_CHOICES} {...field('preset')} />
      )}
      {has.rating && (
        <TextField label="Minimum rating" mode="decimal" {...field('minRating')} placeholder="any" />
      )}
      {has.time && (
        <div className="import-pair grid">
          <TextField label="From day" type="date" {...field('from')} />
          <TextField label="Until (exclusive)" type="date" {...field('to')} />
        </div>
      )}
      <SelectField label="Repeats" choices={REPEATS} {...field('dedupe')} />
      {has.time && (
        <SelectField
          label="Tied timestamps"
          help="The order of ties decides which item is held out; copies of a data set often differ"
          choices={TIES}
          {...field('ties')}
        />
      )}
      {has.time && draft.ties === 'shuffle' && (
        <TextField label="Seed of the shuffle" mode="decimal" {...field('seed')} placeholder="0" />
      )}
    </section>
  );
}

function separators({ separator }: ImportDraft) {
  const isListed = SEPARATORS.some(({ value }) => value === separator);
  return isListed ? SEPARATORS : [...SEPARATORS, { value: separator, label: separator }];
}
