import { useQuery } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ErrorDetails } from '../../core/api/contract.ts';
import { type ConfigGroup, type ModelInfo, settingsPhrase, settingTitle } from '../../core/api/models.ts';
import { Button, Icon } from '../components/Button.tsx';
import { Menu } from '../components/Menu.tsx';
import { fieldChoices, isFound, SchemaForm, type SchemaFormProps } from '../components/SchemaForm.tsx';
import type { Choice } from '../components/Select.tsx';
import { choicesOf, type SchemaField, schemaFields } from '../components/schema.ts';
import { RunTile } from '../runs/RunTile.tsx';
import { api, windowText } from '../state/api.ts';
import { type Config, type ModelDraft, withPreset } from './draft.ts';
import type { ModelState } from './model-states.ts';
import { isSame, keepPreset, useOwnPresets } from './own-presets.tsx';
import { Section } from './Section.tsx';
import { sourceNote } from './sources.ts';
import { VaryButton, VaryField } from './VaryField.tsx';
import { condition, firstVaried, type Varied, variedFields, variedKeys } from './vary.ts';

interface ModelSectionProps {
  state: ModelState;
  /** As the user left it. */
  typed: ModelDraft;
  dataset: string;
  shared: Config;
  search: string;
  /** What is missing is shown as wrong only once something was touched. */
  touched: boolean;
  varying: Varying;
  onChange(changes: Partial<ModelDraft>): void;
}

/** What a model's section has to know of the search that it is part of. */
export interface Varying {
  /** Settings can be varied: it is no study of something else. */
  can: boolean;
  /** The values of a range are listed, not drawn. */
  listed: boolean;
  /** What is wrong with what is varied, by key. */
  problems: Readonly<Record<string, string>>;
  trials: readonly Config[];
}

const TOPICS: Record<Exclude<ConfigGroup, 'protocol'>, string> = { model: 'Model', training: 'Training' };

/** A model with its preset, in one line; open, its essential settings and on demand all others. */
export function ModelSection(props: ModelSectionProps) {
  const { state, typed, dataset, shared, search, touched, varying, onChange } = props;
  const { info, draft, plain, resolved } = state;
  const varied = variedKeys(typed.vary);
  const [opened, setOpened] = useState(Object.keys(typed.overrides).length + varied.length > 0);
  const [all, setAll] = useState(false);
  const fields = schemaFields(info.configSchema).filter(({ key }) => info.groups[key] !== 'protocol');
  const problem = ownProblem(state, touched);
  const atField = problem?.field !== undefined && problem.field in info.groups ? problem.field : null;
  const found = search !== '' && fields.some((field) => isFound(field, search));
  const isWrong = problem !== null || typed.problems > 0 || varied.some((key) => key in varying.problems);
  // What a problem has opened stays open: somebody is typing there.
  useEffect(() => {
    if (isWrong) setOpened(true);
  }, [isWrong]);
  const open = found || isWrong || opened;
  const { choices, names } = useColumnChoices(info, dataset);
  // The protocol changes the defaults of other keys, so what an untouched key comes to is asked of the whole.
  const untouched = Object.entries(resolved ?? {}).filter(([key]) => !(key in typed.overrides));
  const defaults = { ...plain, ...Object.fromEntries(untouched) };
  const change = (values: Config, problems: number, texts: Record<string, string>) => {
    const same = (key: string) => !('protocol' in shared) && values[key] === plain[key];
    onChange({
      overrides: Object.fromEntries(Object.entries(values).filter(([key]) => !same(key))),
      problems,
      texts,
    });
  };
  const changed = Object.keys(typed.overrides).length;
  // What was chosen for the user shows as if it were the default.
  const given = Object.fromEntries(
    Object.entries(draft.overrides).filter(([key]) => !(key in typed.overrides)),
  );
  const allChoices = { ...sourceChoices(state), ...choices };
  const fieldVaried = (key: string, one: Varied) => onChange({ vary: { ...typed.vary, [key]: one } });
  const vary = (field: SchemaField) => {
    const { key } = field;
    const now = draft.overrides[key] ?? defaults[key] ?? field.default;
    const texts = allChoices[key]?.map(({ value }) => value) ?? choicesOf(field);
    fieldVaried(key, typed.vary[key] ? { ...typed.vary[key], on: true } : firstVaried(field, now, texts));
  };
  const canVary = varying.can ? variedFields(info) : [];
  return (
    <Section
      title={info.title}
      tile={<RunTile model={info.id} />}
      beside={
        <PresetMenu
          info={info}
          draft={typed}
          onPreset={(name, own) => {
            const next = withPreset(typed, name, info);
            onChange({ ...next, overrides: { ...next.overrides, ...own } });
          }}
        />
      }
      summary={summaryText(state, { ...defaults, ...draft.overrides }, varied)}
      open={open}
      onOpen={setOpened}
      tools={
        <>
          {varied.length > 0 && <span className="new-run-changed small">{varied.length} varied</span>}
          {changed > 0 && (
            <button
              type="button"
              className="new-run-changed small"
              onClick={() => onChange({ overrides: {}, problems: 0, texts: {} })}
            >
              {changed} changed <span className="muted">Reset</span>
            </button>
          )}
          {fields.length > info.essentials.length && (
            <Button kind="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
              {all ? 'Fewer settings' : `All ${fields.length} settings`}
            </Button>
          )}
        </>
      }
    >
      {problem && atField === null && (
        <p className="problem" role="alert">
          {windowText(problem)}
        </p>
      )}
      {all && (
        <p className="field-help">
          {info.paper.authors}: {info.paper.title}, {info.paper.where}
        </p>
      )}
      <SchemaForm
        fields={fields}
        values={typed.overrides}
        texts={typed.texts}
        defaults={{ ...defaults, ...given }}
        problems={
          problem && atField !== null ? { [atField]: windowText({ ...problem, field: undefined }) } : {}
        }
        sections={all ? topics(info) : undefined}
        shown={all ? undefined : info.essentials}
        search={search}
        terse={!all}
        choices={allChoices}
        names={names}
        notes={notesOf(state, typed)}
        beside={(field) =>
          canVary.includes(field.key) && (
            <VaryButton label={field.label} deed="Vary" onDeed={() => vary(field)} />
          )
        }
        instead={(field) =>
          typed.vary[field.key]?.on && (
            <VaryField
              field={field}
              choices={allChoices[field.key] ?? fieldChoices(field)}
              varied={typed.vary[field.key]}
              listed={varying.listed}
              tried={[...new Set(varying.trials.map((trial) => trial[field.key]))]}
              problem={
                varying.problems[field.key] ??
                (atField === field.key && problem ? windowText({ ...problem, field: undefined }) : null)
              }
              note={conditionNote(field, fields, { typed, resolved })}
              onVaried={(one) => fieldVaried(field.key, one)}
            />
          )
        }
        onChange={change}
      />
    </Section>
  );
}

/** What is wrong with the model's own settings; what is only missing counts once something was touched. */
function ownProblem({ problem, info, sources, draft }: ModelState, touched: boolean): ErrorDetails | null {
  const field = problem?.field;
  if (field === undefined) return problem;
  if (info.groups[field] === 'protocol') return null;
  const isMissing = field in sources && !draft.overrides[field];
  return isMissing && !touched ? null : problem;
}

/** Why runs were chosen for the user, by the key that names them. */
function notesOf({ info, sources }: ModelState, typed: ModelDraft): Record<string, string> {
  return Object.fromEntries(
    Object.entries(sources).flatMap(([key, runs]) => {
      const need = info.sources?.[key as keyof typeof info.sources];
      const note = need === 'required' ? sourceNote(typed.overrides, key, runs) : null;
      return note ? [[key, note]] : [];
    }),
  );
}

function conditionNote(
  field: SchemaField,
  fields: readonly SchemaField[],
  { typed, resolved }: { typed: ModelDraft; resolved: Config | null },
): string | undefined {
  const found = condition(field, fields, typed.vary, resolved ?? {});
  return found && 'note' in found ? found.note : undefined;
}

/** What is varied, the essential settings in words, and the names of the runs among them. */
function summaryText(
  { info: { essentials }, sources }: ModelState,
  config: Config,
  varied: readonly string[],
): string {
  const named = essentials.flatMap((key) => sources[key]?.find(({ id }) => id === config[key])?.name ?? []);
  const fixed = essentials.filter((key) => !varied.includes(key));
  const words = [
    ...varied.map((key) => `${settingTitle(key).toLowerCase()} varied`),
    settingsPhrase(fixed, config),
    ...named,
  ].filter((part) => part !== '');
  return words.join(', ') || 'No settings';
}

function topics({ groups, essentials }: ModelInfo) {
  const others = Object.entries(groups).filter(([key]) => !essentials.includes(key));
  return [
    { title: 'Essentials', keys: essentials },
    ...Object.entries(TOPICS).map(([topic, title]) => ({
      title,
      keys: others.filter(([, group]) => group === topic).map(([key]) => key),
    })),
  ];
}

interface PresetMenuProps {
  info: ModelInfo;
  draft: ModelDraft;
  /** Of one that the user has saved, with what it changes. */
  onPreset(name: string, own?: Config): void;
}

function PresetMenu({ info, draft: { preset, overrides }, onPreset }: PresetMenuProps) {
  const presets = Object.entries(info.presets);
  const own = useOwnPresets(info.id);
  const chosen = own.find((one) => one.preset === preset && isSame(one.overrides, overrides))?.name;
  const shown = chosen ?? (preset || 'none');
  if (presets.length + own.length === 0) return <span className="new-run-preset rigid gap-1" />;
  return (
    <Menu
      trigger={
        <Button
          kind="quiet"
          className="new-run-preset rigid gap-1"
          aria-label={`Preset ${shown} of ${info.title}`}
          title={info.presets[preset]?.description}
        >
          <span>Preset </span>
          <strong className="clip">{shown}</strong>
          <Icon of={ChevronDown} />
        </Button>
      }
      choices={[
        { label: 'Defaults', perform: () => onPreset('') },
        ...presets.map(([name]) => ({ label: name, perform: () => onPreset(name) })),
        ...(own.length > 0 ? [null] : []),
        ...own.map((one) => ({ label: one.name, perform: () => onPreset(one.preset, one.overrides) })),
        ...(chosen === undefined
          ? []
          : [null, { label: `Delete preset ${chosen}`, perform: () => keepPreset(chosen, null) }]),
      ]}
    />
  );
}

/** The runs that each key of the config can name. One that the overrides name already stays, whatever it is of. */
function sourceChoices({ info, draft, sources }: ModelState): Record<string, Choice<string>[]> {
  return Object.fromEntries(
    Object.entries(sources).map(([key, runs]) => {
      const named = draft.overrides[key];
      const isUnknown = typeof named === 'string' && named !== '' && !runs.some(({ id }) => id === named);
      const none = info.sources?.[key as keyof typeof info.sources] === 'required' ? 'Choose a run' : 'None';
      return [
        key,
        [
          { value: '', label: runs.length === 0 ? 'No suitable run yet' : none },
          ...runs.map(({ id, name, about }) => ({ value: id, label: about ? `${name}, ${about}` : name })),
          ...(isUnknown ? [{ value: named, label: 'A run that does not fit' }] : []),
        ],
      ];
    }),
  );
}

const FOUND = [
  { value: '', label: 'Those found' },
  { value: '-', label: 'None' },
];
const COLUMN_KEYS = [
  'features',
  'sideFeatures',
  'actions',
  'textColumns',
  'categoryColumns',
  'numberColumns',
];

type ColumnChoices = Required<Pick<SchemaFormProps, 'choices' | 'names'>>;

/** What the data set has for keys that name columns, actions or labels. */
function useColumnChoices({ groups }: ModelInfo, dataset: string): ColumnChoices {
  const enabled = dataset !== '' && COLUMN_KEYS.some((key) => key in groups);
  const { data } = useQuery({ ...api.models.columns.queryOptions({ input: { dataset } }), enabled });
  if (!data) return { choices: {}, names: {} };
  const { features, items, side, actions, labels } = data;
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
      sideFeatures: { names: side, others: [{ value: '', label: 'None' }] },
      ...(actions.length > 0 ? { actions: { names: actions, others: [] } } : {}),
      textColumns: ofItems,
      categoryColumns: ofItems,
      numberColumns: ofItems,
    },
  };
}
