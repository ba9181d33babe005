import { useState } from 'react';
import type { z } from 'zod';

/** What is wrong with values, by field: the first thing each. Of a field in a list "vary.0.values". */
export function formProblems(schema: z.ZodType, values: unknown): Record<string, string> {
  const { error } = schema.safeParse(values);
  const problems: Record<string, string> = {};
  for (const { path, message } of error?.issues ?? []) problems[path.map(String).join('.')] ??= message;
  return problems;
}

export interface FormOptions<Draft> {
  /** What stands where nothing was changed yet, and may be known later than the form. */
  usual?: Partial<Draft>;
  /** Where what was changed is kept. Default: with the form alone. */
  kept?: { draft: Partial<Draft>; change(changes: Partial<Draft>): void };
}

/** A form over a schema: what is typed, and what comes of it. A field says what is wrong with it once it was changed. */
export function useForm<Values, Draft extends object>(
  schema: z.ZodType<Values>,
  first: Draft,
  { usual, kept }: NoInfer<FormOptions<Draft>> = {},
) {
  const own = useState<Partial<Draft>>({});
  const changed = kept ? kept.draft : own[0];
  const typed: Draft = { ...first, ...usual, ...changed };
  const parsed = schema.safeParse(typed);
  const problems = formProblems(schema, typed);
  const change = (changes: Partial<Draft>) =>
    kept ? kept.change(changes) : own[1]((before) => ({ ...before, ...changes }));
  const field = <Key extends keyof Draft & string>(key: Key) => ({
    value: typed[key],
    problem: key in changed ? (problems[key] ?? null) : null,
    onValue: (value: Draft[Key]) => change({ [key]: value } as unknown as Partial<Draft>),
  });
  return { typed, change, field, problems, values: parsed.success ? parsed.data : null };
}
