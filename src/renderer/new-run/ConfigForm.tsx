import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ErrorDetails } from '../../core/api/contract.ts';
import type { ConfigGroup, ModelInfo } from '../../core/api/models.ts';
import { Button } from '../components/Button.tsx';
import { type Choice, SearchField } from '../components/controls.tsx';
import { type FormSection, SchemaForm, type SchemaFormProps } from '../components/SchemaForm.tsx';
import { api, windowText } from '../state/api.ts';

export interface ConfigFormProps {
  model: ModelInfo;
  /** Name of the data set, whose runs can be named in the config. */
  dataset: string;
  preset: string;
  overrides: Record<string, unknown>;
  /** Defaults, preset and overrides as one; null while they do not go together. */
  resolved: Record<string, unknown> | null;
  problem: ErrorDetails | null;
  onChange(overrides: Record<string, unknown>, problems: number): void;
}

const TITLES: Record<ConfigGroup, string> = { model: 'Model', training: 'Training', protocol: 'Protocol' };
const GROUPS = Object.keys(TITLES) as ConfigGroup[];

/** What decides most of a model's quality and time; it stands before all else. */
const ESSENTIAL = [
  ...['file', 'itemsFile', 'dropLast', 'tokeniser', 'vectorsFrom', 'startFrom', 'retriever', 'content'],
  ...['epochs', 'dim', 'blocks', 'heads', 'maxLength', 'learningRate', 'batchSize', 'dropout', 'patience'],
];
/** A model with fewer settings shows them all. */
const FEW = 12;

/** The essential settings, and the others by topic to be opened. */
function sectionsOf({ groups }: ModelInfo): FormSection[] {
  const all = Object.keys(groups);
  const isFirst = (key: string) => all.length <= FEW || ESSENTIAL.includes(key);
  return [
    { title: 'Essentials', keys: all.filter(isFirst) },
    ...GROUPS.map((group) => ({
      title: TITLES[group],
      keys: all.filter((key) => groups[key] === group && !isFirst(key)),
      folded: true,
    })),
  ];
}

/** The config of a model, with what its preset says and what was changed of that. */
export function ConfigForm({
  model,
  dataset,
  preset,
  overrides,
  resolved,
  problem,
  onChange,
}: ConfigFormProps) {
  const input = { model: model.id, preset: preset || undefined };
  const { data: plain } = useQuery(api.models.resolve.queryOptions({ input }));
  const [search, setSearch] = useState('');
  const sections = sectionsOf(model);
  const runs = useSourceChoices(model, dataset, overrides);
  const { choices, names } = useColumnChoices(model, dataset);
  const changed = Object.keys(overrides).length;
  const field = problem?.field !== undefined && problem.field in model.groups ? problem.field : null;
  // The protocol changes the defaults of other keys, so what an untouched key comes to is asked of the whole.
  const untouched = Object.entries(resolved ?? {}).filter(([key]) => !(key in overrides));
  const defaults = { ...plain?.config, ...Object.fromEntries(untouched) };
  const change = (values: Record<string, unknown>, problems: number) => {
    const same = (key: string) => !('protocol' in values) && values[key] === plain?.config?.[key];
    onChange(Object.fromEntries(Object.entries(values).filter(([key]) => !same(key))), problems);
  };
  return (
    <>
      <div className="new-run-config-head">
        <div>
          <strong>{model.title}</strong> <span className="muted">{model.summary}</span>
          <p className="field-help">
            {model.paper.authors}: {model.paper.title}, {model.paper.where}
          </p>
        </div>
        <span className="new-run-config-tools">
          <SearchField
            label="Find a setting"
            placeholder="Find a setting"
            value={search}
            onValue={setSearch}
          />
          {changed > 0 && (
            <span className="muted">
              {changed} changed from {preset || 'the defaults'}
              <Button kind="quiet" onClick={() => onChange({}, 0)}>
                Reset all
              </Button>
            </span>
          )}
        </span>
      </div>
      {problem && field === null && (
        <p className="problem" role="alert">
          {windowText(problem)}
        </p>
      )}
      <SchemaForm
        schema={model.configSchema}
        values={overrides}
        defaults={defaults}
        problems={problem && field !== null ? { [field]: windowText({ ...problem, field: undefined }) } : {}}
        sections={sections}
        search={search.trim()}
        choices={{ ...runs, ...choices }}
        names={names}
        onChange={change}
      />
    </>
  );
}

/** The runs that each key of the config can name. One that the overrides name already stays, whatever it is of. */
function useSourceChoices(model: ModelInfo, dataset: string, overrides: Record<string, unknown>) {
  const keys = Object.keys(model.sources ?? {}) as (keyof NonNullable<ModelInfo['sources']>)[];
  const queries = keys.map((key) => ({
    ...api.models.sources.queryOptions({ input: { key, model: model.id, dataset } }),
    enabled: dataset !== '',
  }));
  const answers = useQueries({ queries });
  const choicesOf = (key: (typeof keys)[number], index: number): Choice<string>[] => {
    const runs = answers[index].data ?? [];
    const named = overrides[key];
    const unknown = typeof named === 'string' && !runs.some(({ id }) => id === named);
    const none = model.sources?.[key] === 'required' ? 'Choose a run' : 'None';
    return [
      { value: '', label: runs.length === 0 ? 'No suitable run yet' : none },
      ...runs.map(({ id, name, model: of }) => ({ value: id, label: `${name} (${of})` })),
      ...(unknown ? [{ value: named, label: named }] : []),
    ];
  };
  return Object.fromEntries(keys.map((key, index) => [key, choicesOf(key, index)]));
}

const FOUND = [
  { value: '', label: 'Those found' },
  { value: '-', label: 'None' },
];
const COLUMN_KEYS = ['features', 'actions', 'textColumns', 'categoryColumns', 'numberColumns'];

type ColumnChoices = Required<Pick<SchemaFormProps, 'choices' | 'names'>>;

/** What the data set has for keys that name columns, actions or labels. */
function useColumnChoices({ groups }: ModelInfo, dataset: string): ColumnChoices {
  const enabled = dataset !== '' && COLUMN_KEYS.some((key) => key in groups);
  const { data } = useQuery({ ...api.models.columns.queryOptions({ input: { dataset } }), enabled });
  if (!data) return { choices: {}, names: {} };
  const { features, items, actions, labels } = data;
  const ofItems = { names: items, others: FOUND };
  return {
    choices: {
      labels: labels.map(({ value, obstacle }) => ({
        value,
        label: obstacle === null ? value : `${value}: ${obstacle}`,
        disabled: obstacle !== null,
      })),
    },
    names: {
      features: { names: features, others: [{ value: 'all', label: 'All columns' }] },
      ...(actions.length > 0 ? { actions: { names: actions, others: [] } } : {}),
      textColumns: ofItems,
      categoryColumns: ofItems,
      numberColumns: ofItems,
    },
  };
}
