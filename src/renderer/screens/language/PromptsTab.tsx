import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { PromptPreview, ShownPart, Template } from '../../../core/api/language.ts';
import { Button } from '../../components/Button.tsx';
import { SelectField, TextField } from '../../components/controls.tsx';
import { EmptyState, Problem } from '../../components/Screen.tsx';
import { wholeProblem } from '../../components/schema.ts';
import { countText } from '../../format/format.ts';
import { firstDataset } from '../../new-run/draft.ts';
import { openNewRun, useLastChoice } from '../../new-run/new-run.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useDebounced } from '../../state/debounced.ts';
import { TemplateForm } from './TemplateForm.tsx';

type Task = 'like' | 'rating' | 'genre' | 'pick';

const TASKS: { value: Task; label: string }[] = [
  { value: 'like', label: 'Like it?' },
  { value: 'rating', label: 'Rating' },
  { value: 'genre', label: 'Next genre' },
  { value: 'pick', label: 'Pick one of four' },
];

/** Edits a template beside a real user's prompt in it. */
export function PromptsTab() {
  const datasets = useQuery(api.datasets.list.queryOptions());
  const [chosen, setChosen] = useState<string | null>(null);
  const [user, setUser] = useState('');
  const [task, setTask] = useState<Task>('like');
  const [shots, setShots] = useState('20');
  const [context, setContext] = useState('512');
  /** A ready template's name, or the template as it was edited. */
  const [template, setTemplate] = useState<string | Template>('');
  const [last, , isRead] = useLastChoice();
  const first = isRead ? firstDataset({}, datasets.data ?? [], last)?.id : undefined;
  const dataset = chosen ?? first ?? null;
  const text = typeof template === 'string' ? template : JSON.stringify(template);
  const problems = { shots: wholeProblem(shots, 0, 1000), context: wholeProblem(context, 64, 8192) };
  const isWrong = problems.shots !== null || problems.context !== null;
  const limits = { shots: Number(shots), context: Number(context) };
  const input = useDebounced(
    { dataset: dataset ?? '', template: text, user: user.trim(), task, ...limits },
    300,
  );
  const preview = useKeptQuery({
    ...api.language.preview.queryOptions({ input }),
    enabled: input.dataset !== '' && !isWrong,
  });
  if (datasets.error) return <Problem query={datasets} />;
  if (datasets.data?.length === 0) {
    return (
      <EmptyState
        title="No data set yet"
        text="Import one with titles; prompts are written from its items and users."
      />
    );
  }
  const edited = typeof template === 'string' ? preview.data?.template : template;
  const fitting = template === '' ? preview.data?.template.name : undefined;
  return (
    <div className="language-prompts grid tall">
      <div className="language-form stack packed page-inset scrolls line-after">
        <SelectField
          label="Data set"
          value={dataset ?? ''}
          choices={(datasets.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onValue={(id) => {
            setChosen(id);
            setTemplate('');
          }}
        />
        <TextField label="User" value={user} onValue={setUser} placeholder="First user" />
        <SelectField label="Question" value={task} choices={TASKS} onValue={setTask} />
        <TextField
          label="Maximum past interactions"
          mode="decimal"
          problem={problems.shots}
          value={shots}
          onValue={setShots}
        />
        <TextField
          label="Maximum tokens"
          mode="decimal"
          problem={problems.context}
          value={context}
          onValue={setContext}
        />
        <SelectField
          label="Template"
          value={typeof template === 'string' ? template : 'edited'}
          choices={[
            { value: '', label: fitting ? `First that fits (${fitting})` : 'First that fits' },
            ...(preview.data?.ready ?? []).map((name) => ({ value: name, label: name })),
            ...(typeof template === 'string' ? [] : [{ value: 'edited', label: `${template.name}, edited` }]),
          ]}
          onValue={(name) => {
            if (name !== 'edited') setTemplate(name);
          }}
        />
        {edited && <TemplateForm template={edited} task={task} onChange={setTemplate} />}
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
                    overrides: { ...limits, ...(text === '' ? {} : { template: text }) },
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

/** A prompt as the model reads it; values of fields stand out, and every part says how many tokens it takes. */
function PromptText({ parts }: { parts: readonly ShownPart[] }) {
  return (
    <ol className="prompt-text mono" aria-label="Prompt">
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a prompt are told apart by their place alone
        <li key={index} className="prompt-part grid gap-2">
          <span className="prompt-kind muted">{part.kind}</span>
          <span className="prompt-words">
            {part.pieces.map((piece, at) =>
              piece.field === null ? (
                piece.text
              ) : (
                <mark
                  // biome-ignore lint/suspicious/noArrayIndexKey: as above
                  key={at}
                  className="prompt-slot"
                  title={`${piece.field}, ${countText(piece.tokens, 'token')}${piece.cut ? ', cut' : ''}`}
                >
                  {piece.text}
                </mark>
              ),
            )}
          </span>
          <span className="prompt-kind muted text-end">{part.tokens}</span>
        </li>
      ))}
    </ol>
  );
}
