import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelInfo } from '../../../core/api/models.ts';
import type { PlanModelView } from '../../../core/api/plans.ts';
import { Button } from '../../components/Button.tsx';
import { NumberField, SelectField } from '../../components/controls.tsx';
import { fieldChoices, SchemaForm } from '../../components/SchemaForm.tsx';
import { choicesOf, type SchemaField, schemaFields } from '../../components/schema.ts';
import { VaryButton, VaryField } from '../../new-run/VaryField.tsx';
import {
  firstVaried,
  type Varied,
  type VariedByKey,
  valuesOf,
  variedFields,
  variedOf,
  variedProblem,
} from '../../new-run/vary.ts';
import { api, useKeptQuery } from '../../state/api.ts';

/** Sets what stands at a path of the file; undefined takes it away. */
export type ChangePlan = (path: (string | number)[], value: unknown) => void;

const NO_PRESET = '';

interface ModelFieldsProps {
  model: PlanModelView;
  onChange: ChangePlan;
}

/** A row of the plan as a new run has it: preset, trials, and its settings, each to be varied. */
export function ModelFields({ model: view, onChange }: ModelFieldsProps) {
  const { entry, model, preset, trials, tuned } = view;
  const { data: models = [] } = useQuery(api.models.list.queryOptions());
  const info = models.find(({ id }) => id === model);
  const presets = Object.keys(info?.presets ?? {});
  const known = new Set([...presets, ...(preset === null ? [] : [preset])]);
  return (
    <div className="stack panel-inset">
      <div className="row wrap gap-4">
        <SelectField
          label="Preset"
          value={preset ?? NO_PRESET}
          choices={[
            { value: NO_PRESET, label: 'Defaults' },
            ...[...known].map((id) => ({ value: id, label: id })),
          ]}
          onValue={(value) => onChange(['models', entry, 'preset'], value === NO_PRESET ? undefined : value)}
        />
        <NumberField
          label="Trials"
          help={tuned === null ? 'Empty: trained as given.' : undefined}
          value={tuned === null ? null : trials}
          least={1}
          most={1000}
          onCommit={(value) => onChange(['models', entry, 'trials'], value ?? undefined)}
        />
        <Button kind="quiet" onClick={() => onChange(['models', entry], undefined)}>
          Leave this model out
        </Button>
      </div>
      {info && <Settings info={info} view={view} onChange={onChange} />}
    </div>
  );
}

/** What the file says of a range or a list. */
const inFile = (field: SchemaField, vary: Varied): unknown => {
  if (vary.as === 'values') return valuesOf(field, vary);
  const [from, to] = [Number(vary.from), Number(vary.to)];
  return vary.log ? { log: [from, to] } : { from, to };
};

interface SettingsProps {
  info: ModelInfo;
  view: PlanModelView;
  onChange: ChangePlan;
}

function Settings({ info, view, onChange }: SettingsProps) {
  const { entry, preset, settings, space } = view;
  const [all, setAll] = useState(false);
  const [texts, setTexts] = useState<Record<string, string>>({});
  /** What is typed of ranges and lists, which may be none yet. */
  const [typed, setTyped] = useState<VariedByKey>({});
  const request = { model: info.id, preset: preset ?? undefined, overrides: {} };
  const { data: resolved } = useKeptQuery(api.models.resolve.queryOptions({ input: request }));
  const fields = schemaFields(info.configSchema).filter(({ key }) => info.groups[key] !== 'protocol');
  const path = ['models', entry] as const;
  const varied: VariedByKey = {
    ...Object.fromEntries(space.map(({ key, values }) => [key, variedOf(values)])),
    ...typed,
  };
  const vary = (field: SchemaField, one: Varied) => {
    setTyped({ ...typed, [field.key]: one });
    const isLast = space.every(({ key }) => key === field.key);
    if (!one.on) onChange(isLast ? [...path, 'space'] : [...path, 'space', field.key], undefined);
    else if (variedProblem(field, one, false) === null)
      onChange([...path, 'space', field.key], inFile(field, one));
  };
  const canVary = variedFields(info);
  return (
    <>
      <SchemaForm
        fields={fields}
        values={settings}
        texts={texts}
        defaults={resolved?.config ?? {}}
        shown={all ? undefined : info.essentials}
        terse
        beside={(field) =>
          canVary.includes(field.key) && (
            <VaryButton
              label={field.label}
              deed="Vary"
              onDeed={() => {
                const now = settings[field.key] ?? resolved?.config?.[field.key] ?? field.default;
                vary(field, firstVaried(field, now, choicesOf(field)));
              }}
            />
          )
        }
        instead={(field) =>
          varied[field.key]?.on && (
            <VaryField
              field={field}
              choices={fieldChoices(field)}
              varied={varied[field.key]}
              listed={false}
              tried={[]}
              problem={variedProblem(field, varied[field.key], false)}
              onVaried={(one) => vary(field, one)}
            />
          )
        }
        onChange={(values, _, now) => {
          setTexts(now);
          const keys = new Set([...Object.keys(settings), ...Object.keys(values)]);
          const changed = [...keys].find((key) => settings[key] !== values[key]);
          if (changed !== undefined) onChange([...path, 'settings', changed], values[changed]);
        }}
      />
      <p>
        <Button kind="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Fewer settings' : `All ${fields.length} settings`}
        </Button>
      </p>
    </>
  );
}
