import { useState } from 'react';
import { type Template, templateSchema } from '../../../core/api/language.ts';
import { draftFields, SelectField, TextAreaField, TextField } from '../../components/controls.tsx';

interface TemplateFormProps {
  template: Template;
  /** Whose wording is edited. */
  task: keyof Template['questions'];
  onChange(template: Template): void;
  /** What is typed as JSON and is no template yet. */
  json: string | null;
  onJson(typed: string | null): void;
}

type TextKey = 'instruction' | 'note' | 'profile' | 'heading' | 'interaction' | 'card';

const TEXTS: { key: TextKey; label: string }[] = [
  { key: 'instruction', label: 'Instruction' },
  { key: 'note', label: 'Note' },
  { key: 'profile', label: 'Member' },
  { key: 'heading', label: 'Heading of past interactions' },
  { key: 'interaction', label: 'One past interaction' },
  { key: 'card', label: 'Item card' },
];

/** The texts of a template; {fields} in braces are filled in. */
export function TemplateForm(props: TemplateFormProps) {
  const { template, task, onChange } = props;
  const change = (changes: Partial<Template>) => onChange({ ...template, ...changes });
  const field = draftFields(template, change);
  const answer = draftFields(template.answers, (changes) => change({ answers: { ...answers, ...changes } }));
  const { questions, answers } = template;
  return (
    <>
      {TEXTS.map(({ key, label }) => (
        <Wording key={key} label={label} {...field(key)} />
      ))}
      {questions[task].map((wording, at) => (
        <Wording
          // biome-ignore lint/suspicious/noArrayIndexKey: wordings are told apart by their place alone
          key={`${task} ${at}`}
          label={
            at === questions[task].length - 1 && at > 0
              ? 'Question, kept for tests'
              : `Question, wording ${at + 1}`
          }
          value={wording}
          onValue={(value) =>
            change({ questions: { ...questions, [task]: questions[task].with(at, value) } })
          }
        />
      ))}
      <SelectField
        label="Order"
        {...field('order')}
        choices={[
          { value: 'listed', label: 'Oldest first' },
          { value: 'by-answer', label: 'Grouped by answer' },
        ]}
      />
      <TextField label="Answer yes" {...answer('yes')} />
      <TextField label="Answer no" {...answer('no')} />
      <JsonField {...props} />
    </>
  );
}

interface WordingProps {
  label: string;
  value: string;
  problem?: string | null;
  onValue(value: string): void;
}

/** As many lines as the text has, within reason. */
function Wording(props: WordingProps) {
  const rows = Math.min(8, props.value.split('\n').length);
  return <TextAreaField {...props} className="language-text mono" rows={rows} />;
}

/** The whole template, to be copied out or pasted in. What is no template yet changes nothing. */
function JsonField({ template, onChange, json, onJson }: Omit<TemplateFormProps, 'task'>) {
  const read = json === null ? null : readTemplate(json);
  const [isOpen, setOpen] = useState(json !== null);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Edit as JSON</summary>
      <Wording
        label="Template"
        problem={read && 'problem' in read ? read.problem : null}
        value={json ?? JSON.stringify(template, null, 2)}
        onValue={(value) => {
          const next = readTemplate(value);
          onJson('template' in next ? null : value);
          if ('template' in next) onChange(next.template);
        }}
      />
    </details>
  );
}

/** A template as JSON, or in one line why the text is none. */
export function readTemplate(text: string): { template: Template } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'Not valid JSON' };
  }
  const { data, error } = templateSchema.safeParse(value);
  if (data) return { template: data };
  const [{ path, message }] = error.issues;
  return { problem: path.length > 0 ? `${path.join('.')}: ${message}` : message };
}
