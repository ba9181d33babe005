import { type Template, templateSchema } from '../../../core/api/language.ts';

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
