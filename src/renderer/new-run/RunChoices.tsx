import type { DatasetSummary } from '../../core/api/datasets.ts';
import { FAMILY_TITLES, type ModelInfo } from '../../core/api/models.ts';
import type { Settings } from '../../core/api/settings.ts';
import { Button } from '../components/Button.tsx';
import { CheckMenu } from '../components/CheckMenu.tsx';
import { draftFields, SelectField, TextField } from '../components/controls.tsx';
import { DeviceChoice } from '../components/DeviceChoice.tsx';
import { countText } from '../format/format.ts';
import { ProjectField } from '../runs/ProjectField.tsx';
import { furtherModels, type RunDraft, threadsProblem } from './draft.ts';
import { parseSeeds } from './seeds.ts';

export interface RunChoicesProps {
  draft: RunDraft;
  datasets: readonly DatasetSummary[];
  models: readonly ModelInfo[];
  settings: Settings;
  /** Of every model what the data set lacks to train it, or null. */
  obstacles: Record<string, string | null>;
  onChange(changes: Partial<RunDraft>): void;
}

/** All that is chosen beside the model's own config. */
export function RunChoices({ draft, datasets, models, settings, obstacles, onChange }: RunChoicesProps) {
  const field = draftFields(draft, onChange);
  const dataset = datasets.find(({ name }) => name === draft.dataset);
  const model = models.find(({ id }) => id === draft.model);
  const presets = Object.entries(model?.presets ?? {});
  const seeds = parseSeeds(draft.seeds);
  return (
    <>
      <SelectField
        label="Data set"
        help={dataset ? sizeText(dataset) : undefined}
        choices={datasets.map(({ name }) => ({ value: name, label: name }))}
        {...field('dataset')}
      />
      <SelectField
        label="Model"
        value={draft.model}
        choices={modelChoices(models, obstacles, draft.model)}
        onValue={(value) => onChange({ model: value, preset: '', overrides: {}, problems: 0 })}
      />
      <FurtherModels
        options={furtherModels(models, obstacles, draft)}
        also={draft.also}
        onAlso={(also) => onChange({ also })}
      />
      <SelectField
        label="Preset"
        help={
          model?.presets[draft.preset]?.description ??
          (presets.length === 0 ? 'This model has none' : undefined)
        }
        value={draft.preset}
        choices={[
          { value: '', label: 'Defaults' },
          ...presets.map(([name]) => ({ value: name, label: name })),
        ]}
        onValue={(value) => onChange({ preset: value, overrides: namedRuns(draft, model), problems: 0 })}
      />
      <TextField
        label="Seeds"
        help={
          'seeds' in seeds && seeds.seeds.length > 1
            ? `${seeds.seeds.length} runs`
            : 'One run per seed: 1, 2 or 1-5'
        }
        problem={'problem' in seeds ? seeds.problem : null}
        {...field('seeds')}
      />
      <TextField label="Name" placeholder={`${draft.model}-${draft.dataset}`} {...field('name')} />
      <ProjectField {...field('project')} />
      <TextField label="Tags" help="Separated by commas" {...field('tags')} />
      <DeviceChoice {...field('device')} />
      <TextField
        label="Threads"
        help={`CPU threads; empty for ${settings.threads ?? 'all'}`}
        mode="decimal"
        problem={threadsProblem(draft.threads)}
        {...field('threads')}
      />
    </>
  );
}

interface FurtherModelsProps {
  options: readonly ModelInfo[];
  also: readonly string[];
  onAlso(also: string[]): void;
}

/** What is trained beside the chosen model, to be compared with it. */
function FurtherModels({ options, also, onAlso }: FurtherModelsProps) {
  const chosen = options.filter(({ id }) => also.includes(id));
  return (
    <div className="field">
      <CheckMenu
        trigger={
          <Button title="They are trained with their defaults">
            {chosen.length === 0 ? 'Also train' : `Also ${chosen.map(({ title }) => title).join(', ')}`}
          </Button>
        }
        options={options.map(({ id, title }) => ({ id, label: title }))}
        checked={chosen.map(({ id }) => id)}
        onChange={onAlso}
      />
    </div>
  );
}

/** The runs that the config names, such as a tokeniser: a preset says nothing of them. */
function namedRuns({ overrides }: RunDraft, model: ModelInfo | undefined): RunDraft['overrides'] {
  const keys = Object.keys(model?.sources ?? {});
  return Object.fromEntries(Object.entries(overrides).filter(([key]) => keys.includes(key)));
}

/** Models by family; those that cannot be trained say what they lack, the chosen one beside its config. */
export function modelChoices(
  models: readonly ModelInfo[],
  obstacles: Record<string, string | null>,
  chosen: string,
) {
  const families = Object.keys(FAMILY_TITLES) as (keyof typeof FAMILY_TITLES)[];
  return families.flatMap((family) =>
    models
      .filter((model) => model.family === family)
      .map(({ id, title }) => {
        const obstacle = obstacles[id] ?? null;
        const label = obstacle === null || id === chosen ? title : `${title} (${obstacle})`;
        return { value: id, label, disabled: obstacle !== null, group: FAMILY_TITLES[family] };
      }),
  );
}

function sizeText({ clicks, statistics: { users, items, interactions } }: DatasetSummary): string {
  if (clicks) return `Click log of ${countText(clicks.rows, 'row')}, for ranking models`;
  return [countText(users, 'user'), countText(items, 'item'), countText(interactions, 'interaction')].join(
    ', ',
  );
}
