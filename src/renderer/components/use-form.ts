import { useState } from 'react';
import { z } from 'zod';
import { capital } from '../format/format.ts';
import { useDraft } from '../state/drafts.ts';

/** What is wrong with values, by field: the first thing each. Of the third of a list "lines.2". */
export function formProblems(schema: z.ZodType, values: unknown): Record<string, string> {
  const { error } = schema.safeParse(values);
  const problems: Record<string, string> = {};
  // A schema's own words go on a sentence that their form begins: "Enter a time such as 4:00:00".
  for (const { path, message } of error?.issues ?? [])
    problems[path.map(String).join('.')] ??= message.startsWith('must ') ? capital(message) : message;
  return problems;
}

export interface FormOptions<Draft> {
  /** What stands where nothing was changed yet, and may be known later than the form. */
  usual?: Partial<Draft>;
}

/** Whether a value has the form of another one: what is kept may be of an earlier version. */
const isLike = (value: unknown, example: unknown): boolean =>
  typeof value === typeof example &&
  (typeof example !== 'object' ||
    Object.entries(example ?? {}).every(([key, part]) =>
      isLike((value as typeof example)?.[key as never], part),
    ));

/**
 * A form over a schema: what is typed, and what comes of it. A field says what is wrong with it once it was changed. What was changed is
 * a draft, kept under `key` until it is submitted or discarded.
 */
export function useForm<Values, Draft extends object>(
  key: string,
  schema: z.ZodType<Values>,
  first: Draft,
  { usual }: NoInfer<FormOptions<Draft>> = {},
) {
  const [kept] = useState(() =>
    z.custom<Partial<Draft>>((value) => isLike({ ...first, ...(value as object) }, first)),
  );
  const { draft: changed, change, isKept, forget } = useDraft<Partial<Draft>>(key, kept, {});
  const typed: Draft = { ...first, ...usual, ...changed };
  const parsed = schema.safeParse(typed);
  const problems = formProblems(schema, typed);
  const field = <Key extends keyof Draft & string>(key: Key) => ({
    value: typed[key],
    problem: key in changed ? (problems[key] ?? null) : null,
    onValue: (value: Draft[Key]) => change({ [key]: value } as unknown as Partial<Draft>),
  });
  return { typed, change, field, problems, values: parsed.success ? parsed.data : null, isKept, forget };
}
