import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { z } from 'zod';
import { type DatasetSummary, HELD_OUT } from '../../core/api/datasets.ts';
import {
  LIST_ROLES,
  RESULT_PHASES,
  type ResultFile,
  type ResultPhase,
  type ResultPreview,
  type ResultRequest,
} from '../../core/api/results.ts';
import { Button } from '../components/Button.tsx';
import { CheckField, draftFields, SelectField, TextField } from '../components/controls.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { FactList } from '../components/lists.tsx';
import { Working } from '../components/Progress.tsx';
import { fileNames } from '../format/files.ts';
import { capital } from '../format/format.ts';
import { useLastChoice } from '../new-run/new-run.ts';
import { comparisonQuery } from '../runs/comparison-query.ts';
import { api, client, problemText } from '../state/api.ts';
import { useDraft } from '../state/drafts.ts';
import { discardUploads, importPaths, openIds } from '../state/drops.ts';
import { goTo } from '../state/navigation.ts';
import { resultOf } from '../state/steps.ts';
import { useProgressQuery } from '../state/use-progress-query.ts';
import { ChosenFile, IdFileButtons, type IdFiles } from './IdFileButtons.tsx';
import { type OpenResult, openResult, useResultImport } from './result-import.ts';
import './results.css';

const SPLITS = [
  { value: 'test' as const, label: 'Test items' },
  { value: 'valid' as const, label: 'Validation items' },
];
const UNKNOWN = { value: 'unknown' as const, label: 'Not known' };
const SPLIT_OF = [{ ...UNKNOWN, label: 'Not known, unless a manifest says it' }, ...HELD_OUT];
const SELECTIONS = [
  UNKNOWN,
  { value: 'validation' as const, label: 'Validation' },
  { value: 'final-epoch' as const, label: 'Nothing: the last epoch' },
  { value: 'test' as const, label: 'Test items' },
];
const TUNINGS = [
  UNKNOWN,
  { value: 'validation' as const, label: 'Validation' },
  { value: 'test' as const, label: 'Test items' },
  { value: 'none' as const, label: 'Not tuned' },
];
const TRAINED = [UNKNOWN, { value: 'yes' as const, label: 'Yes' }, { value: 'no' as const, label: 'No' }];
const CANDIDATES = [
  UNKNOWN,
  { value: 'all' as const, label: 'All candidates' },
  { value: 'sampled' as const, label: 'A sample with the held-out item' },
];

const oneOf = <Value extends string>(choices: readonly { value: Value }[]) =>
  z.enum(choices.map(({ value }) => value)).default(choices[0].value);
const text = z.string().default('');
const path = z.string().nullable().default(null);

/** What is said of a file: which file, and its parts. */
const ofFile = z.object({
  file: path,
  map: z.partialRecord(z.enum(LIST_ROLES), z.string()).default({}),
  ids: z.object({ users: path, items: path }).prefault({}),
});
const NO_FILE = ofFile.parse({});

const resultDraft = z.object({
  /** Null until one is chosen. */
  dataset: z.string().nullable().default(null),
  split: oneOf(SPLITS),
  held: oneOf(SPLIT_OF),
  selection: oneOf(SELECTIONS),
  tuning: oneOf(TUNINGS),
  trained: oneOf(TRAINED),
  candidates: oneOf(CANDIDATES),
  keepHistory: z.boolean().default(false),
  ascending: z.boolean().default(false),
  program: text,
  model: text,
  seed: text,
  name: text,
  figures: text,
  of: ofFile.default(NO_FILE),
});
type Draft = z.output<typeof resultDraft>;
const FIRST = resultDraft.parse({});

/** Measures a file of another program's recommendations: what it is, what it comes to, and nothing is kept before that is seen. */
export function ResultDialog() {
  const open = useResultImport((state) => state.open);
  const { data: datasets } = useQuery({ ...api.datasets.list.queryOptions(), enabled: open !== null });
  const [last] = useLastChoice();
  if (open === null || !datasets) return null;
  return <ResultForm open={open} datasets={datasets.filter(({ clicks }) => !clicks)} last={last?.dataset} />;
}

interface ResultFormProps {
  open: OpenResult;
  datasets: readonly DatasetSummary[];
  /** The one that was last trained on. */
  last: string | undefined;
}

function ResultForm({ open, datasets, last }: ResultFormProps) {
  const { path } = open;
  const { draft, change, isKept, forget } = useDraft('result', resultDraft, FIRST);
  const found = [open.dataset, draft.dataset, last].flatMap(
    (wanted) => datasets.find(({ id, name }) => id === wanted || name === wanted) ?? [],
  );
  const dataset = (found[0] ?? datasets[0])?.name ?? '';
  const of = draft.of.file === path ? draft.of : { ...NO_FILE, file: path };
  const takeIds = (role: keyof IdFiles, arrived: string) =>
    change((now) => ({
      of: { ...of, ids: { ...(now.of.file === path ? now.of : of).ids, [role]: arrived } },
    }));
  const wrongSeed = /^\s*(\d{0,9}|none)\s*$/.test(draft.seed)
    ? undefined
    : 'Enter a whole number, 0 or more, or "none"';
  const figures = figuresOf(draft.figures);
  const field = draftFields(draft, change, {
    seed: wrongSeed,
    figures: figures === null ? 'Enter metric=number, parted by commas' : undefined,
  });
  const file = useQuery({
    ...api.results.look.queryOptions({ input: { path: path ?? '' } }),
    enabled: path !== null,
    gcTime: 0,
  });
  const request = requestOf(path ?? '', { ...draft, dataset, of });
  const preview = usePreview(request, path !== null && dataset !== '' && file.data !== undefined);
  const close = () => {
    discardUploads([path, of.ids.users, of.ids.items].filter((file) => file !== null));
    // They were uploaded for it.
    if (draft.of.ids.users !== null || draft.of.ids.items !== null) change({ of: NO_FILE });
    useResultImport.setState({ open: null });
  };
  const keep = async () => {
    const { program, model, seed, name } = draft;
    const { runs } = await resultOf(
      await client.results.import({
        ...request,
        ...{ program, model, name },
        seed: seedOf(seed.trim()),
        figures: figures ?? {},
      }),
      () => {},
    );
    forget();
    if (runs.length === 1) goTo('run', [runs[0].id]);
    else goTo('compare', [], comparisonQuery({ runs: runs.map(({ id }) => id) }));
  };
  return (
    <FormDialog
      title="Measure recommendations"
      width={720}
      submit="Keep as a run"
      failure="Could not keep them"
      ready={preview.data !== undefined && !preview.stale && wrongSeed === undefined && figures !== null}
      onSubmit={keep}
      onClose={close}
      onDiscard={isKept ? forget : undefined}
    >
      <ResultSource path={path} dataset={dataset} file={file.data} error={file.error} />
      {file.data?.arrays && <IdFileButtons ids={of.ids} onPath={takeIds} />}
      {file.data && (
        <Columns file={file.data} map={of.map} onChange={(map) => change({ of: { ...of, map } })} />
      )}
      <div className="result-pair grid gap-3">
        <SelectField
          label="Data set"
          choices={datasets.map(({ name }) => ({ value: name, label: name }))}
          value={dataset}
          onValue={(name) => {
            change({ dataset: name });
            openResult({ path, dataset: name });
          }}
        />
        <SelectField label="Predictions for" choices={SPLITS} {...field('split')} />
        <SelectField
          label="Held out"
          help="By time: last 10 % test, 10 % before it validation. manifest.json beside the file decides."
          choices={SPLIT_OF}
          {...field('held')}
        />
        <SelectField label="Its epoch was chosen by" choices={SELECTIONS} {...field('selection')} />
        <SelectField label="Its settings were tuned on" choices={TUNINGS} {...field('tuning')} />
        <SelectField label="Trained on the validation items" choices={TRAINED} {...field('trained')} />
        <SelectField label="The lists were ranked among" choices={CANDIDATES} {...field('candidates')} />
        <TextField label="Program" placeholder="RecBole 1.2" {...field('program')} />
        <TextField label="Model" placeholder="BERT4Rec" {...field('model')} />
        <TextField label="Name" placeholder="made of model, or program, and data set" {...field('name')} />
        <TextField label="Seed" placeholder="a number, or none" {...field('seed')} />
      </div>
      <CheckField label="Keep items of the history in the lists" {...field('keepHistory')} />
      <CheckField label="The smallest score is the best" {...field('ascending')} />
      <TextField
        label="Reported metrics"
        help="What the program itself found; shown beside what is measured here, and never ranked"
        placeholder="ndcg@10=0.0431, hr@10=0.0792"
        {...field('figures')}
      />
      <Found preview={preview} />
    </FormDialog>
  );
}

/** Of "ndcg@10=0.0431, hr@10=0.0792"; null for a text that is not such a list. */
function figuresOf(text: string): Record<string, number> | null {
  const pairs = text.split(',').map((part) => /^\s*(\S+?)\s*=\s*(-?\d*\.?\d+(?:e-?\d+)?)\s*$/i.exec(part));
  if (text.trim() === '') return {};
  return pairs.some((pair) => pair === null)
    ? null
    : Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1], Number(pair[2])]] : [])));
}

function requestOf(path: string, draft: Draft & { dataset: string }): ResultRequest {
  const { dataset, split, held, selection, tuning, trained, candidates, keepHistory, ascending, of } = draft;
  const { map, ids } = of;
  return {
    path,
    dataset,
    split,
    map,
    ids,
    ascending,
    candidates: said(candidates),
    held: {
      ...(held === 'unknown' ? {} : { split: held }),
      ...(keepHistory ? { historyFilter: 'none' } : {}),
    },
    stated: {
      selection: said(selection),
      tuning: said(tuning),
      trainedOnValidation: trained === 'unknown' ? null : trained === 'yes',
    },
  };
}

const said = <Value extends string>(value: Value | 'unknown'): Value | null =>
  value === 'unknown' ? null : value;

const seedOf = (seed: string) => (seed === '' ? null : seed === 'none' ? ('none' as const) : Number(seed));

function usePreview(request: ResultRequest, enabled: boolean) {
  return useProgressQuery<{ phase: ResultPhase }, ResultPreview>(
    api.results.preview.key({ type: 'query', input: request }),
    (signal) => client.results.preview(request, { signal }),
    ({ phase }) => phase,
    { enabled, keepPrevious: true, forget: true },
  );
}

interface ResultSourceProps {
  path: string | null;
  dataset: string;
  file: ResultFile | undefined;
  error: unknown;
}

/** The file, or how to choose one; and what else it may be. */
function ResultSource({ path, dataset, file, error }: ResultSourceProps) {
  if (path === null)
    return (
      <ChosenFile
        label="Choose a file"
        note="Rows of user, item, and score or rank: CSV, TSV, JSON lines, Parquet, TREC; or arrays of NumPy"
        onPath={(chosen) => openResult({ path: chosen, dataset })}
      />
    );
  const instead = () => {
    useResultImport.setState({ open: null });
    if (file?.arrays) openIds(path);
    else importPaths([path]);
  };
  return (
    <div className="row gap-3">
      <strong>{fileNames([path])[0]}</strong>
      {error ? <span className="field-problem">{problemText(error)}</span> : null}
      {(error || file) && file?.likeness !== 'surely' ? (
        <Button kind="quiet" onClick={instead}>
          {file?.arrays ? 'Import as Semantic IDs instead' : 'Import as a data set instead'}
        </Button>
      ) : null}
    </div>
  );
}

interface ColumnsProps {
  file: ResultFile;
  map: Draft['of']['map'];
  onChange(map: Draft['of']['map']): void;
}

/** Which column is what; nothing to choose where the format says so. */
function Columns({ file: { columns, roles }, map, onChange }: ColumnsProps): ReactNode {
  if (columns.length === 0) return null;
  const named = columns.map((value) => ({ value, label: value }));
  const fieldOf = (role: (typeof LIST_ROLES)[number]) => {
    const optional = role === 'score' || role === 'rank';
    const none = [{ value: '', label: optional ? 'None' : 'Choose one' }];
    return (
      <SelectField
        key={role}
        label={`Column of the ${role}`}
        choices={optional || !roles ? [...none, ...named] : named}
        value={map[role] ?? roles?.[role] ?? ''}
        onValue={(column) => {
          const { [role]: _, ...others } = map;
          onChange(column === '' ? others : { ...others, [role]: column });
        }}
      />
    );
  };
  return <div className="result-columns grid gap-3">{LIST_ROLES.map(fieldOf)}</div>;
}

/** What the file comes to. */
function Found({ preview }: { preview: ReturnType<typeof usePreview> }) {
  const { data, error, working, progress, cancel } = preview;
  if (working)
    return (
      <Working
        label={RESULT_PHASES[progress?.phase ?? 'read']}
        fraction={progress?.phase === 'measure' ? 0.5 : 0}
        onCancel={cancel}
      />
    );
  if (error)
    return (
      <p className="field-problem" role="alert">
        {problemText(error)}
      </p>
    );
  if (!data) return null;
  const metrics = data.metrics.map(([title, value]) => `${title} ${value}`).join(', ');
  const facts = data.facts.map(([name, texts]) => [name, `${capital(texts.join('; '))}.`] as const);
  return (
    <section className="result-found stack line-above" aria-label="What the file comes to">
      {metrics && <strong>{metrics}</strong>}
      <FactList className="grid gap-1 small" width={64} facts={facts} />
    </section>
  );
}
