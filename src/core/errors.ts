import { z } from 'zod';

/** What a UserError can be about, for code that reacts to one error in particular. */
const CODES = [
  /** Any mistake that no code reacts to. */
  'invalid',
  'bad-columns',
  'bad-config',
  'bad-home',
  'bad-rows',
  'disk-full',
  'in-use',
  'name-taken',
  'nothing-left',
  'unknown-dataset',
  'unknown-model',
  'unknown-run',
  'unsuitable-dataset',
  'unusable-device',
] as const;

/** What to do about an error: one sentence, or one for each shell where only one of them knows an option or a button. */
const fixSchema = z.union([z.string(), z.object({ cli: z.string(), window: z.string().optional() })]);

/** An error as it travels between processes. */
export const errorPartsSchema = z.object({
  code: z.enum(CODES),
  /** What is wrong and where, in one sentence. */
  problem: z.string(),
  /** The key of a model's config that is wrong, and the model if it is known. */
  field: z.string().optional(),
  model: z.string().optional(),
  /** What was kept, or that nothing was. */
  kept: z.string().optional(),
  fix: fixSchema.optional(),
});

export type Fix = z.output<typeof fixSchema>;
export type ErrorParts = z.output<typeof errorPartsSchema>;

/** The command line, or the window on the desktop and in the browser. */
export type Shell = 'cli' | 'window';

/** The line that a shell shows: 'sasrec config "epochs": problem; what was kept; fix'. Quoted text may have had line ends. */
export function composeMessage(parts: Omit<ErrorParts, 'code'>, shell: Shell): string {
  const { problem, field, model, kept, fix } = parts;
  const place = field === undefined ? '' : `${model === undefined ? '' : `${model} `}config "${field}": `;
  const advice = typeof fix === 'object' ? fix[shell] : fix;
  const sentences = [place + problem, kept, advice].filter((part) => part !== undefined);
  return sentences.join('; ').replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/**
 * A mistake in what came from outside (file, argument, config). Its message is one line that says what is wrong, where,
 * and what to do, in the words of the command line; commands print it as it is and exit 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly parts: ErrorParts;

  /** A text alone is a problem that no code reacts to, with advice that suits every shell. */
  constructor(error: string | ErrorParts, options?: ErrorOptions) {
    const parts = typeof error === 'string' ? { code: 'invalid' as const, problem: error } : error;
    super(composeMessage(parts, 'cli'), options);
    this.parts = parts;
  }
}

/** Work stopped at the user's request; not a failure. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor(message = 'cancelled') {
    super(message);
  }
}

/** Throws CancelledError when the signal has fired. Long loops call it once an iteration. */
export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new CancelledError();
}

/** The parts of anything thrown. */
export function partsOf(error: unknown): ErrorParts {
  return error instanceof UserError ? error.parts : { code: 'invalid', problem: messageOf(error) };
}

/** The message of anything thrown, as a shell shows it. */
export function messageOf(error: unknown, shell: Shell = 'cli'): string {
  if (error instanceof UserError) return composeMessage(error.parts, shell);
  return error instanceof Error ? error.message : String(error);
}
