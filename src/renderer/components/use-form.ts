import { useState } from 'react';
import type { z } from 'zod';

/** What is wrong with values, by field: the first thing each. Of the third of a list "lines.2". */
export function formProblems(schema: z.ZodType, values: unknown): Record<string, string> {
  const { error } = schema.safeParse(values);
  const problems: Record<string, string> = {};
  for (const { path, message } of error?.issues ?? []) problems[path.map(String).join('.')] ??= message;
  return problems;
}

export interface FormOptions<Draft> {
  /** What stands where nothing was changed yet, and may be known later than the form. */
  usual?: Partial<Draft>;
}

/** A form over a schema: what is typed, and what comes of it. A field says what is wrong with it once it was changed. */
export function useForm<Values, Draft extends object>(
  schema: z.ZodType<Values>,
  first: Draft,
  { usual }: NoInfer<FormOptions<Draft>> = {},
) {
  const [changed, setChanged] = useState<Partial<Draft>>({});
  const typed: Draft = { ...first, ...usual, ...changed };
  const parsed = schema.safeParse(typed);
  const problems = formProblems(schema, typed);
  const change = (changes: Partial<Draft>) => setChanged((before) => ({ ...before, ...changes }));
  const field = <Key extends keyof Draft & string>(key: Key) => ({
    value: typed[key],
    problem: key in changed ? (problems[key] ?? null) : null,
    onValue: (value: Draft[Key]) => change({ [key]: value } as unknown as Partial<Draft>),
  });
  return { typed, change, field, problems, values: parsed.success ? parsed.data : null };
}
