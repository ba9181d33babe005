import { useQuery } from '@tanstack/react-query';
import { z } from 'zod';
import { type PromptPreview, type Template, templateSchema } from '../../../core/api/language.ts';
import { Button } from '../../components/Button.tsx';
import { draftFields, SelectField, TextField } from '../../components/controls.tsx';
import { DraftNote } from '../../components/DraftNote.tsx';
import { EmptyState, Problem } from '../../components/Screen.tsx';
import { wholeProblem } from '../../components/schema.ts';
import { countText } from '../../format/format.ts';
import { firstDatasets } from '../../new-run/draft.ts';
import { openNewRun, useLastChoice } from '../../new-run/new-run.ts';
import { api, useKeptAnswers, useKeptQuery } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { useDraft } from '../../state/drafts.ts';
import { PromptText } from './PromptText.tsx';
import { TemplateForm } from './TemplateForm.tsx';

const TASKS = [
  { value: 'like' as const, label: 'Like it?' },
  { value: 'rating' as const, label: 'Rating' },
  { value: 'genre' as const, label: 'Next genre' },
  { value: 'pick' as const, label: 'Pick one of four' },
];

const text = z.string();
/** A template as it is typed: texts may be empty, or too long. */
const typedTemplate = z.object({
  ...{ name: text, instruction: text, note: text, profile: text, heading: text, interaction: text },
  ...{ choice: text, card: text, genre: text },
  order: templateSchema.shape.order.unwrap(),
  questions: z.record(z.enum(TASKS.map(({ value }) => value)), z.array(text)),
  answers: z.object({ yes: text, no: text }),
  values: templateSchema.shape.values.unwrap(),
}) satisfies z.ZodType<Template>;

const promptDraft = z.object({
  /** Null until one is chosen. */
  dataset: text.nullable().default(null),
  user: text.default(''),
  task: z.enum(TASKS.map(({ value }) => value)).default('like'),
  shots: text.default('20'),
  context: text.default('512'),
  /** A ready template's name, or the template as it was edited. */
  template: z.union([text, typedTemplate]).default(''),
  /** The template as JSON where what is typed is none yet. */
  json: text.nullable().default(null),
});
const FIRST = promptDraft.parse({});

/** Edits a template beside a real user's prompt in it. */
export function PromptsTab() {
  const all = useQuery(api.datasets.list.queryOptions());
  // A click log has rows, and no histories to write prompts of.
  const datasets = { ...all, data: all.data?.filter(({ clicks }) => !clicks) };
  const { draft, change, isKept, forget } = useDraft('prompt', promptDraft, FIRST);
  const { user, task, shots, context, template } = draft;
  const [last, , isRead] = useLastChoice();
  const first = isRead ? firstDatasets({}, datasets.data ?? [], last)[0]?.id : undefined;
  const chosen = datasets.data?.find(({ id }) => id === draft.dataset)?.id;
  const dataset = chosen ?? first ?? null;
  const wanted = typeof template === 'string' ? template : JSON.stringify(template);
  const problems = {
    shots: wholeProblem(shots, 0, 1000) ?? undefined,
    context: wholeProblem(context, 64, 8192) ?? undefined,
  };
  const field = draftFields(draft, change, problems);
  const isWrong = Object.values(problems).some(Boolean);
  const limits = { shots: Number(shots), context: Number(context) };
  const input = useDebounced(
    { dataset: dataset ?? '', template: wanted, user: user.trim(), task, ...limits },
    300,
  );
  const preview = useKeptQuery({
    ...api.language.preview.queryOptions({ input }),
    enabled: input.dataset !== '' && !isWrong,
  });
  // Where a user is not there, what is edited stays.
  const [kept] = useKeptAnswers(
    [`${input.dataset} ${input.template}`],
    [{ data: preview.isPlaceholderData ? undefined : preview.data }],
  );
  if (all.error) return <Problem query={all} />;
  if (datasets.data?.length === 0) {
    return (
      <EmptyState
        title="No data set with histories yet"
        text="Import interactions with titles; prompts are written from items and users."
      />
    );
  }
  const edited = typeof template === 'string' ? (preview.data ?? kept)?.template : template;
  const fitting = template === '' ? preview.data?.template.name : undefined;
  return (
    <div className="language-prompts grid tall">
      <div className="language-form stack packed page-inset scrolls line-after">
        <SelectField
          label="Data set"
          value={dataset ?? ''}
          choices={(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onValue={(id) => change({ dataset: id, template: '', json: null })}
        />
        <TextField label="User" placeholder="First user" {...field('user')} />
        <SelectField label="Question" choices={TASKS} {...field('task')} />
        <TextField label="Maximum past interactions" mode="decimal" {...field('shots')} />
        <TextField label="Maximum tokens" mode="decimal" {...field('context')} />
        <SelectField
          label="Template"
          value={typeof template === 'string' ? template : 'edited'}
          choices={[
            { value: '', label: fitting ? `First that fits (${fitting})` : 'First that fits' },
            ...(preview.data?.ready ?? []).map((name) => ({ value: name, label: name })),
            ...(typeof template === 'string' ? [] : [{ value: 'edited', label: `${template.name}, edited` }]),
          ]}
          onValue={(name) => {
            if (name !== 'edited') change({ template: name });
          }}
        />
        {edited && (
          <TemplateForm
            template={edited}
            task={task}
            onChange={(next) => change({ template: next })}
            json={draft.json}
            onJson={(json) => change({ json })}
          />
        )}
        {isKept && <DraftNote onDiscard={forget} />}
        {preview.data && (
          <p className="muted">Fields: {preview.data.fields.map((field) => `{${field}}`).join(' ')}</p>
        )}
      </div>
      <div className="stack packed page-inset scrolls">
        {preview.error && <Problem query={preview} />}
        {preview.isFetching && !preview.data && <p className="muted">Reading the data set</p>}
        {preview.data && !preview.error && (
          <>
            <PreviewFacts preview={preview.data} />
            <PromptText parts={preview.data.parts} />
            <div>
              <Button
                kind="primary"
                disabled={isWrong}
                onClick={() =>
                  openNewRun({
                    dataset: dataset ?? undefined,
                    model: 'brew',
                    overrides: { ...limits, ...(wanted === '' ? {} : { template: wanted }) },
                  })
                }
              >
                Train with this template
              </Button>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function PreviewFacts({ preview }: { preview: PromptPreview }) {
  const { user, tokens, context, shown, dropped, tokenizer, parts } = preview;
  const cut = parts.flatMap(({ pieces }) => pieces).filter((piece) => piece.cut).length;
  return (
    <p>
      User {user}: {tokens} of {context} tokens, {countText(shown, 'past interaction')},{' '}
      {countText(dropped, 'older one')} left out
      {cut > 0 && `, ${countText(cut, 'value')} cut`}.{' '}
      <span className="muted">Counted with {tokenizer}.</span>
    </p>
  );
}
