import { useEffect, useRef } from 'react';
import type { ModelAnswer, PromptPreview } from '../../../core/api/language.ts';
import { Tiles } from '../../components/lists.tsx';
import { Missing } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { countText, fixed, grouped } from '../../format/format.ts';
import { PromptText } from './PromptText.tsx';
import type { ModelQuestion as Question } from './use-model-question.ts';

/** What a pretrained model reads when it is asked about a member, in its own chat template, and what it says to that. */
export function ModelQuestion({ question }: { question: Question }) {
  const { datasets, dataset, users, preview, isAsking } = question;
  const place = useRef<HTMLElement>(null);
  // It is asked from above, and what it says may stand below what is seen.
  useEffect(() => {
    if (isAsking) place.current?.scrollIntoView?.({ block: 'start' });
  }, [isAsking]);
  if (dataset === null) return null;
  const data = preview.error ? undefined : preview.data;
  const parts = data?.parts.filter(({ kind }) => kind !== 'answer') ?? [];
  return (
    <section ref={place} className="stack gap-1" aria-label="A question in its template">
      <h2 className="row">
        A question in its template
        {data && (
          <span className="muted push regular small">
            {countText(
              parts.reduce((sum, { tokens }) => sum + tokens, 0),
              'token',
            )}
          </span>
        )}
      </h2>
      <div className="row">
        <Select
          aria-label="Data set"
          value={dataset}
          choices={datasets.map(({ id, name }) => ({ value: id, label: name }))}
          onValue={question.keepDataset}
        />
        {data && (
          <Select
            aria-label="User"
            value={data.user}
            choices={users.map((id) => ({ value: id, label: `User ${id}` }))}
            onValue={question.keepUser}
          />
        )}
      </div>
      {data ? (
        <>
          <Said question={question} data={data} />
          <PromptText parts={parts} />
          <p className="small muted">
            {countText(data.shown, 'past interaction')}
            {data.dropped > 0 && `, ${grouped(data.dropped)} older left out`}.
          </p>
        </>
      ) : (
        <Missing query={preview}>Reading its words</Missing>
      )}
    </section>
  );
}

/** The answer, or how to get one. */
function Said({
  question: { answer, isAsking, isCurrent },
  data,
}: {
  question: Question;
  data: PromptPreview;
}) {
  if (isAsking) return <Missing query={{ ...answer, error: null }}>Loading the model, and asking it</Missing>;
  if (answer.data && isCurrent) return <Answers answer={answer.data} data={data} />;
  if (answer.error) return <Missing query={answer} />;
  return <p className="muted">Not asked yet: the model is loaded for it, which takes some seconds.</p>;
}

const TILES = 24;
const LINE = { gridTemplateColumns: '112px minmax(0, 1fr) 48px', minHeight: 24 };

/** Two answers and all else, together 1. */
function Answers({ answer: { yes, no, others }, data }: { answer: ModelAnswer; data: PromptPreview }) {
  const { answers } = data.template;
  const lines = [
    { name: answers.yes, probability: yes },
    { name: answers.no, probability: no },
    { name: 'anything else', probability: Math.max(0, 1 - yes - no) },
  ];
  const [, , rest] = lines;
  const truth = data.parts
    .findLast(({ kind }) => kind === 'answer')
    ?.pieces.map(({ text }) => text)
    .join('')
    .trim();
  return (
    <>
      <ul aria-label="Its answer">
        {lines.map(({ name, probability }) => (
          <li key={name} className="grid middle gap-2" style={LINE}>
            <span className={name === rest.name ? 'muted' : undefined}>{name}</span>
            <Tiles filled={Math.round(TILES * probability)} of={TILES} colour="var(--text-muted)" />
            <span className="text-end">{shareText(probability)}</span>
          </li>
        ))}
      </ul>
      <p className="small muted">
        {truth !== undefined && `The member said “${truth}”. `}
        Between the two alone, “{answers.yes}” has {shareText(yes / Math.max(Number.MIN_VALUE, yes + no))}.{' '}
        {others.length > 0 &&
          `Likeliest else: ${others.map(({ text, probability }) => `${wordOf(text)} ${shareText(probability)}`).join(', ')}.`}
      </p>
    </>
  );
}

/** A probability that is not nothing is never written as 0. */
const shareText = (share: number) => (share > 0 && share < 0.005 ? '< 0.01' : fixed(share, 2));

/** A token in quotes, or what cannot be seen of it. */
const wordOf = (text: string) =>
  text.trim() === '' ? (text.includes('\n') ? 'a new line' : 'a space') : `“${text.trim()}”`;
