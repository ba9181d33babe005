import { useState } from 'react';
import type { z } from 'zod';

/** What is wrong with values, by field: the first thing each. */
export function formProblems(schema: z.ZodType, values: unknown): Record<string, string> {
  const { error } = schema.safeParse(values);
  const problems: Record<string, string> = {};
  for (const { path, message } of error?.issues ?? []) problems[String(path[0] ?? '')] ??= message;
  return problems;
}

/** A form over a schema of the contract. A field says what is wrong with it once it was changed. */
export function useForm<Schema extends z.ZodObject>(schema: Schema, first: z.input<Schema>) {
  const [values, setValues] = useState<Record<string, unknown>>(first);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const parsed = schema.safeParse(values);
  const problems = formProblems(schema, values);
  const field = (key: keyof z.input<Schema> & string) => ({
    value: String(values[key] ?? ''),
    problem: touched.has(key) ? (problems[key] ?? null) : null,
    onValue: (value: string) => {
      setValues((before) => ({ ...before, [key]: value }));
      setTouched((before) => new Set(before).add(key));
    },
  });
  return { field, values: parsed.success ? parsed.data : null };
}
