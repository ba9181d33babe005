import type { ModelInfo } from '../../../core/api/models.ts';
import { modelTitle } from '../../../core/api/models.ts';
import {
  BASE_LARGE_MODELS,
  BASE_LARGE_SETTINGS,
  DEPTH_WIDTH_SIZES,
  publishedSizes,
} from '../../../core/api/studies.ts';
import { Button } from '../../components/Button.tsx';
import { CheckField, draftFields, SelectField, TextField } from '../../components/controls.tsx';
import type { Problems, StudyDraft } from './study-draft.ts';

export interface StudyFieldsProps {
  draft: StudyDraft;
  problems: Problems | null;
  models: readonly ModelInfo[];
  onChange(changes: Partial<StudyDraft>): void;
}

/** One model over sizes and shares of the users. */
export function LawFields({ draft, problems, models, onChange }: StudyFieldsProps) {
  const field = draftFields(draft, onChange, problems);
  const scalable = models.filter(({ kind, task }) => kind === 'trained' && task === 'next-item');
  const model = scalable.find(({ id }) => id === draft.model);
  return (
    <>
      <SelectField
        label="Model"
        value={draft.model}
        choices={scalable.map(({ id, title }) => ({ value: id, label: title }))}
        onValue={(value) => onChange({ model: value, preset: '' })}
      />
      <SelectField
        label="Preset"
        {...field('preset')}
        choices={[
          { value: '', label: 'Defaults' },
          ...Object.keys(model?.presets ?? {}).map((value) => ({ value, label: value })),
        ]}
      />
      <div className="scaling-wide">
        <TextField
          label="Sizes"
          help="Width x depth, then heads and the feed-forward width where they differ; a law needs four, and a fifth to be predicted"
          {...field('sizes')}
        />
        <Button kind="quiet" onClick={() => onChange({ sizes: publishedSizes(draft.model).join(', ') })}>
          Published ladder, 98K to 829M
        </Button>
        <Button kind="quiet" onClick={() => onChange({ sizes: DEPTH_WIDTH_SIZES.join(', '), shares: '100' })}>
          Depth against width
        </Button>
      </div>
      <TextField label="Percent of the users trained on" {...field('shares')} />
    </>
  );
}

/** Several models, each as base and as Large. */
export function BaseLargeFields({ draft, problems, onChange }: StudyFieldsProps) {
  const field = draftFields(draft, onChange, problems);
  return (
    <>
      <SelectField
        label="Published settings for"
        choices={BASE_LARGE_SETTINGS.map((value) => ({ value, label: value }))}
        {...field('published')}
      />
      <TextField label="Blocks of base and Large" {...field('blocks')} />
      <fieldset className="report-group scaling-wide scaling-models">
        <legend>Models</legend>
        {BASE_LARGE_MODELS.map((id) => (
          <CheckField
            key={id}
            label={modelTitle(id)}
            value={draft.models.includes(id)}
            onValue={(on) =>
              onChange({
                models: BASE_LARGE_MODELS.filter((model) =>
                  model === id ? on : draft.models.includes(model),
                ),
              })
            }
          />
        ))}
        {problems?.models && <p className="field-problem">{problems.models}</p>}
      </fieldset>
    </>
  );
}
