import { Plus, X } from 'lucide-react';
import type { ModelInfo } from '../../../core/api/models.ts';
import { Button } from '../../components/Button.tsx';
import { SelectField, TextField } from '../../components/controls.tsx';
import { fieldText, type SchemaField } from '../../components/schema.ts';
import { type Varied, variedFields } from '../../studies/study-drafts.ts';

interface VariedSettingsProps {
  model: ModelInfo;
  /** What counts for a setting that is not varied, before the schema's own default. */
  defaults: Record<string, unknown>;
  vary: readonly Varied[];
  /** By "vary.0.values". */
  problems: Readonly<Record<string, string>>;
  onChange(vary: Varied[]): void;
}

/** One line a varied setting: which one, and its values or its range. */
export function VariedSettings({ model, defaults, vary, problems, onChange }: VariedSettingsProps) {
  const fields = variedFields(model);
  const free = fields.filter(({ key }) => !vary.some((one) => one.key === key));
  const put = (at: number, changes: Partial<Varied>) =>
    onChange(vary.map((one, place) => (place === at ? { ...one, ...changes } : one)));
  return (
    <fieldset className="report-group study-wide sweep-varied grid gap-3">
      <legend>Varied settings</legend>
      {vary.map(({ key, values }, at) => {
        const field = fields.find((one) => one.key === key);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line keeps its place while its setting changes
          <div key={at} className="sweep-setting stack">
            <SelectField
              label={`Setting ${at + 1}`}
              value={key}
              choices={fields
                .filter((one) => one.key === key || free.includes(one))
                .map((one) => ({
                  value: one.key,
                  label: one.label,
                  group: model.groups[one.key] === 'model' ? 'Model' : 'Training',
                }))}
              onValue={(chosen) => put(at, { key: chosen, values: '' })}
            />
            <TextField
              label={`Values of setting ${at + 1}`}
              help={field && helpOf(field, defaults[key])}
              placeholder={field?.enum ? field.enum.join(', ') : '0.1, 0.2 or 0.1..0.5 or log:0.001..0.1'}
              problem={problems[`vary.${at}.values`]}
              value={values}
              onValue={(text) => put(at, { values: text })}
            />
            <Button
              icon={X}
              kind="quiet"
              aria-label={`Remove setting ${at + 1}`}
              title="Remove"
              disabled={vary.length === 1}
              onClick={() => onChange(vary.filter((_, place) => place !== at))}
            />
          </div>
        );
      })}
      <div>
        <Button
          icon={Plus}
          disabled={free.length === 0}
          onClick={() => onChange([...vary, { key: free[0].key, values: '' }])}
        >
          Add a setting
        </Button>
      </div>
    </fieldset>
  );
}

function helpOf(field: SchemaField, fallback: unknown): string {
  const choices = field.enum ? `. One of ${field.enum.join(', ')}` : '';
  return `${field.description ?? field.label}${choices}. Default: ${fieldText(fallback ?? field.default) || 'nothing'}`;
}
