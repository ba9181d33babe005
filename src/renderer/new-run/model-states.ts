import { useQueries } from '@tanstack/react-query';
import type { ErrorDetails } from '../../core/api/contract.ts';
import type { ModelInfo, SourceChoice } from '../../core/api/models.ts';
import { schemaFields } from '../components/schema.ts';
import { api, errorDetails, useKeptAnswers } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { type Config, type ModelDraft, overridesOf, type RunDraft } from './draft.ts';
import { publishedPreset } from './searches.ts';
import { withSources } from './sources.ts';
import { valuesOf, variedKeys } from './vary.ts';

const SETTLE_MS = 250;

/** A model of the draft, and what is known of its config. */
export interface ModelState {
  draft: ModelDraft;
  info: ModelInfo;
  /** The config of defaults and preset alone. */
  plain: Config;
  /** Defaults, preset and all changes as one; null while they do not go together. */
  resolved: Config | null;
  problem: ErrorDetails | null;
  sources: Readonly<Record<string, readonly SourceChoice[]>>;
}

type SourceKey = keyof NonNullable<ModelInfo['sources']>;

const sourceKeys = ({ sources = {} }: ModelInfo) => Object.keys(sources) as SourceKey[];

/** The draft with the runs that its models need, and each model's state in it. */
export function useModelStates(typed: RunDraft, models: readonly ModelInfo[]) {
  const infoOf = (id: string) => models.find((model) => model.id === id) ?? models[0];
  const { dataset } = typed;
  const wanted = typed.models.flatMap(({ model }) =>
    sourceKeys(infoOf(model)).map((key) => ({ key, model })),
  );
  const found = useQueries({
    queries: wanted.map(({ key, model }) => ({
      ...api.models.sources.queryOptions({ input: { key, model, dataset } }),
      enabled: dataset !== '',
    })),
  });
  const sources = typed.models.map(({ model }) =>
    Object.fromEntries(
      wanted.flatMap((one, at) => (one.model === model ? [[one.key, found[at].data ?? []]] : [])),
    ),
  );
  const draft = withScaling(withSources(typed, models, sources), infoOf);
  const asked = draft.models.map((one) => ({
    input: {
      model: one.model,
      preset: one.preset || undefined,
      overrides: {
        ...overridesOf(one, draft.shared, infoOf(one.model)),
        ...firstValues(one, infoOf(one.model)),
      },
      dataset: dataset || undefined,
    },
    varied: variedKeys(one.vary),
  }));
  /** What a config is of: the model, the data set, the runs it builds on, what is varied. An answer of another says nothing of it. */
  const subjectOf = ({ input: { model, dataset, overrides }, varied }: (typeof asked)[number]) =>
    JSON.stringify([model, dataset, sourceKeys(infoOf(model)).map((key) => overrides[key]), varied]);
  const settled = useDebounced(asked, SETTLE_MS);
  const subjects = asked.map(subjectOf);
  const resolved = useQueries({
    queries: asked.map(({ input: { model } }, at) => ({
      ...api.models.resolve.queryOptions({
        input: (settled[at] && subjectOf(settled[at]) === subjects[at] ? settled[at] : asked[at]).input,
      }),
      // Until it is known which runs there are, a model that needs one would be called wrong without it.
      enabled: !found.some(({ isLoading }, one) => isLoading && wanted[one].model === model),
    })),
  });
  const plain = useQueries({
    queries: asked.map(({ input: { model, preset } }) =>
      api.models.resolve.queryOptions({ input: { model, preset } }),
    ),
  });
  const answers = useKeptAnswers(subjects, resolved);
  /** What the states say is of the draft as it is now, not of one a moment ago. */
  const isCurrent =
    JSON.stringify(settled) === JSON.stringify(asked) &&
    found.every(({ isLoading }) => !isLoading) &&
    resolved.every(({ isPending }) => !isPending);
  const states = draft.models.map((one, at): ModelState => {
    const data = answers[at];
    const { error } = resolved[at];
    return {
      draft: one,
      info: infoOf(one.model),
      plain: plain[at].data?.config ?? {},
      resolved: data?.config ?? null,
      problem: error ? errorDetails(error) : (data?.problem ?? null),
      sources: sources[at],
    };
  });
  return { draft, states, isCurrent };
}

/** The loss that a law is of. */
const LAW_LOSS = 'full-softmax';

/** A law is of the cross-entropy over all items, unless a loss was chosen; base and Large have their published settings. */
function withScaling(draft: RunDraft, infoOf: (id: string) => ModelInfo): RunDraft {
  const { sizes, shares, blocks } = draft.scaling;
  if (!sizes.on && !shares.on && !blocks.on) return draft;
  const scaled = (one: ModelDraft): ModelDraft => {
    if (blocks.on)
      return { ...one, preset: publishedPreset(draft.scaling, one.model) ?? one.preset, overrides: {} };
    const loss = schemaFields(infoOf(one.model).configSchema).find(({ key }) => key === 'loss');
    return loss?.enum?.includes(LAW_LOSS) ? { ...one, overrides: { loss: LAW_LOSS, ...one.overrides } } : one;
  };
  return { ...draft, models: draft.models.map(scaled) };
}

/** What is varied, as the first trial has it: other settings may follow from it. */
function firstValues({ vary }: ModelDraft, { configSchema }: ModelInfo): Config {
  const varied = schemaFields(configSchema).filter(({ key }) => vary[key]?.on);
  return Object.fromEntries(
    varied.flatMap((field) => {
      const [first] = valuesOf(field, { ...vary[field.key], count: '2' });
      return first === undefined ? [] : [[field.key, first]];
    }),
  );
}
