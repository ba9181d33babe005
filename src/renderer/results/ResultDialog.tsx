import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { z } from 'zod';
import { type DatasetSummary, HELD_OUT } from '../../core/api/datasets.ts';
import {
  LIST_ROLES,
  partKey,
  type ResultPreview,
  type ResultProgress,
  type ResultRequest,
} from '../../core/api/results.ts';
import type { WorkAsked } from '../../core/api/work.ts';
import { Button } from '../components/Button.tsx';
import { CheckField, draftFields, SelectField, TextField } from '../components/controls.tsx';
import { FormDialog } from '../components/FormDialog.tsx';
import { Segments } from '../components/Segments.tsx';
import { useLastChoice } from '../new-run/new-run.ts';
import { api, client } from '../state/api.ts';
import { useDraft } from '../state/drafts.ts';
import { discardUploads } from '../state/drops.ts';
import { startWork } from '../state/long-work.ts';
import { useProgressQuery } from '../state/use-progress-query.ts';
import { IdFileButtons, type IdFiles } from './IdFileButtons.tsx';
import { Found, ResultList, StandsAs } from './ResultParts.tsx';
import { Columns, Readings, ResultSource } from './ResultSource.tsx';
import { type OpenResult, openResult, useResultImport } from './result-import.ts';
import './results.css';

const choicesOf = <Value extends string>(labels: Record<Value, string>) =>
  Object.entries<string>(labels).map(([value, label]) => ({ value: value as Value, label }));
const SPLITS = choicesOf({ test: 'Test items', valid: 'Validation items' });
const UNKNOWN = { unknown: 'Unknown' };
const SPLIT_OF = [...choicesOf({ unknown: 'Unknown, unless a manifest says it' }), ...HELD_OUT];
const SELECTIONS = choicesOf({
  ...UNKNOWN,
  validation: 'Validation',
  test: 'Test',
  'final-epoch': 'Last epoch',
});
const TUNINGS = choicesOf({ ...UNKNOWN, validation: 'Validation', test: 'Test', none: 'Not tuned' });
const TRAINED = choicesOf({ ...UNKNOWN, no: 'No', yes: 'Yes' });
const CANDIDATES = choicesOf({ ...UNKNOWN, all: 'All', sampled: 'Sampled' });

const oneOf = <Value extends string>(choices: readonly { value: Value }[]) =>
  z.enum(choices.map(({ value }) => value)).default(choices[0].value);
const text = z.string().default('');
const path = z.string().nullable().default(null);

/** What is said of a file: which file, its parts, and whether what of it cannot be read is left out. */
const ofFile = z.object({
  file: path,
  map: z.partialRecord(z.enum(LIST_ROLES), z.string()).default({}),
  ids: z.object({ users: path, items: path }).prefault({}),
  skipBadRows: z.boolean().default(false),
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
  return (
    <ResultForm
      key={open.path}
      open={open}
      datasets={datasets.filter(({ clicks }) => !clicks)}
      last={last?.dataset}
    />
  );
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
  const readings = file.data?.readings ?? [];
  const undecided = readings.length > 0 && !readings.some(({ role, column }) => of.map[role] === column);
  // What no order changes is counted before it is known.
  const map = undecided ? { ...of.map, [readings[0].role]: readings[0].column } : of.map;
  const request = requestOf(path ?? '', { ...draft, dataset, of: { ...of, map } });
  const preview = usePreview(request, path !== null && dataset !== '' && file.data !== undefined);
  const begun = useRef(false);
  const close = () => {
    if (begun.current) return useResultImport.setState({ open: null });
    discardUploads([path, of.ids.users, of.ids.items].filter((file) => file !== null));
    // They were uploaded for it.
    if (draft.of.ids.users !== null || draft.of.ids.items !== null) change({ of: NO_FILE });
    useResultImport.setState({ open: null });
  };
  const results = preview.data?.results ?? [];
  const [left, setLeft] = useState<ReadonlySet<string | null>>(NONE_LEFT);
  const [at, setAt] = useState<string | null>(null);
  const kept = results.filter(({ part }) => !left.has(partKey(part)));
  const shown = results.find(({ part }) => partKey(part) === at) ?? results[0];
  const needsReading =
    path === null ||
    preview.error !== null ||
    (file.data !== undefined && !file.data.roles && readings.length === 0);
  const [reading, setReading] = useState(false);
  // It stays while the file is read again: a file of ids may be on its way.
  if (needsReading && !reading) setReading(true);
  const keep = async () => {
    const { program, model, seed, name } = draft;
    const asked: WorkAsked = {
      of: 'result-import',
      input: {
        ...request,
        ...{ program, model, name },
        seed: seedOf(seed.trim()),
        figures: figures ?? {},
        only: kept.length === results.length ? null : kept.map(({ part }) => part),
      },
    };
    const typed = { key: 'result', value: draft };
    begun.current = await startWork('Could not save them', asked, typed);
    return begun.current;
  };
  const isReady =
    preview.data !== undefined &&
    !preview.stale &&
    !undecided &&
    wrongSeed === undefined &&
    figures !== null &&
    kept.length > 0;
  return (
    <FormDialog
      title="Evaluate external results"
      width={1008}
      submit={kept.length > 1 ? `Save ${kept.length} as runs` : 'Save as a run'}
      failure="Could not save them"
      ready={isReady}
      onSubmit={keep}
      onClose={close}
      // What began stays a draft until it is measured.
      draft={{ isKept, forget: () => begun.current || forget() }}
    >
      <ResultSource path={path} dataset={dataset} file={file.data} error={file.error} />
      <div className="result-body stack gap-6">
        {(results.length > 1 || (preview.data?.known.length ?? 0) > 0) && (
          <ResultList
            results={results}
            known={preview.data?.known ?? []}
            {...{ shown, left }}
            onAt={setAt}
            onLeft={setLeft}
          />
        )}
        <div className="stack">
          {!needsReading && (
            <Button
              style={{ justifySelf: 'start' }}
              aria-expanded={reading}
              onClick={() => setReading(!reading)}
            >
              Read differently
            </Button>
          )}
          {reading && (
            <section className="stack" aria-label="How the file is read">
              {file.data?.arrays && <IdFileButtons ids={of.ids} onPath={takeIds} />}
              {file.data && (
                <Columns file={file.data} map={of.map} onChange={(map) => change({ of: { ...of, map } })} />
              )}
              <div className="form grid">
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
              </div>
              <Said label="Candidates of the lists">
                <Segments label="Candidates of the lists" choices={CANDIDATES} {...field('candidates')} />
              </Said>
              <CheckField label="Keep items of the history in the lists" {...field('keepHistory')} />
              <CheckField label="The smallest score is the best" {...field('ascending')} />
              <CheckField
                label="Leave out rows that cannot be read"
                value={of.skipBadRows}
                onValue={(skipBadRows) => change({ of: { ...of, skipBadRows } })}
              />
            </section>
          )}
          {file.data && readings.length > 0 && (
            <Readings
              file={file.data}
              map={of.map}
              onChoose={(chosen) => {
                const { score: _, rank: __, ...others } = of.map;
                change({ of: { ...of, map: { ...others, ...chosen } } });
              }}
            />
          )}
          <Found
            undecided={undecided}
            preview={preview}
            shown={shown}
            onLeaveOut={() => change({ of: { ...of, skipBadRows: true } })}
          />
          {shown && !undecided && (
            <div className="result-pair grid gap-6 top">
              <section className="grid gap-2 packed" aria-label="Provenance">
                <h3>
                  Provenance <span className="muted">what the file does not say stays unknown</span>
                </h3>
                {shown.manifest === null ? (
                  <SelectField
                    label="Held out"
                    help="By time: last 10 % test, 10 % before it validation. manifest.json beside the file decides."
                    choices={SPLIT_OF}
                    {...field('held')}
                  />
                ) : (
                  <Said label="Split">checked by {shown.manifest}</Said>
                )}
                <Said label="Checkpoint selected on">
                  <Segments label="Checkpoint selected on" choices={SELECTIONS} {...field('selection')} />
                </Said>
                <Said label="Settings tuned on">
                  <Segments label="Settings tuned on" choices={TUNINGS} {...field('tuning')} />
                </Said>
                <Said label="Trained on validation items">
                  <Segments label="Trained on validation items" choices={TRAINED} {...field('trained')} />
                </Said>
                <TextField label="Seed" placeholder="a number, or none" {...field('seed')} />
              </section>
              <StandsAs shown={shown} draft={draft} />
            </div>
          )}
          <div className="form grid">
            <TextField label="Program" placeholder="RecBole 1.2" {...field('program')} />
            <TextField label="Model" placeholder="BERT4Rec" {...field('model')} />
            <TextField
              label="Name"
              placeholder="made of model, or program, and data set"
              {...field('name')}
            />
            <TextField
              label="Reported metrics"
              help="What the program itself found; shown beside what is measured here, and never ranked"
              placeholder="ndcg@10=0.0431, hr@10=0.0792"
              {...field('figures')}
            />
          </div>
        </div>
      </div>
    </FormDialog>
  );
}

const NONE_LEFT: ReadonlySet<string | null> = new Set();

function Said({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="result-said row spread wrap line-below">
      <span className="muted">{label}</span>
      {typeof children === 'string' ? <strong>{children}</strong> : children}
    </div>
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
  const { map, ids, skipBadRows } = of;
  return {
    path,
    dataset,
    split,
    map,
    ids,
    skipBadRows,
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
  return useProgressQuery<ResultProgress, ResultPreview>(
    api.results.preview.key({ type: 'query', input: request }),
    (signal) => client.results.preview(request, { signal }),
    ({ phase }) => phase,
    { enabled, keepPrevious: true, forget: true },
  );
}
