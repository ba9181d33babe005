import { z } from 'zod';
import { schemaWords } from './schema-words.ts';

// Whoever shows an error of a schema has this file.
z.config({ localeError: schemaWords });

/** What a UserError can be about, for code that reacts to one error in particular. */
const CODES = [
  /** Any mistake that no code reacts to. */
  'invalid',
  'bad-columns',
  'bad-config',
  'bad-home',
  'bad-rows',
  'changed',
  'disk-full',
  'diverged',
  'in-use',
  'name-taken',
  'no-file',
  'nothing-left',
  'unknown-dataset',
  'unknown-model',
  'unknown-run',
  'unsuitable-dataset',
  'unusable-device',
] as const;

/** What to do about an error: one sentence, or one for each audience where only one of them has an option or a button. */
const fixSchema = z.union([z.string(), z.object({ cli: z.string(), window: z.string().optional() })]);

/** An error as it travels between processes. */
export const errorDetailsSchema = z.object({
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
export type ErrorDetails = z.output<typeof errorDetailsSchema>;

/** Who reads an error: users of the command line, or of the window on the desktop and in the browser. */
export type Audience = 'cli' | 'window';

/** The line that an audience reads: 'sasrec config "epochs": problem; what was kept; fix'. Quoted text may have had line ends. */
export function composeMessage(details: Omit<ErrorDetails, 'code'>, audience: Audience): string {
  const { problem, field, model, kept, fix } = details;
  const place = field === undefined ? '' : `${model === undefined ? '' : `${model} `}config "${field}": `;
  const advice = typeof fix === 'object' ? fix[audience] : fix;
  const sentences = [place + problem, kept, advice].filter((part) => part !== undefined);
  return sentences.join('; ').replaceAll(/\s*[\r\n]+\s*/g, ' ');
}

/**
 * A mistake in what came from outside (file, argument, config). Its message is one line that says what is wrong, where,
 * and what to do, in the words of the command line; commands print it as it is and exit 1.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly details: ErrorDetails;

  /** A text alone is a problem that no code reacts to, with advice that suits both audiences. */
  constructor(error: string | ErrorDetails, options?: ErrorOptions) {
    const details = typeof error === 'string' ? { code: 'invalid' as const, problem: error } : error;
    super(composeMessage(details, 'cli'), options);
    this.details = details;
  }
}

/** Work stopped at the user's request; not a failure. */
export class CancelledError extends Error {
  override readonly name = 'CancelledError';
  constructor(message = 'cancelled') {
    super(message);
  }
}

/** A training that stopped where it was to: it goes on from its last checkpoint, or never. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Throws CancelledError when the signal has fired. Long loops call it once an iteration. */
export function throwIfCancelled(signal?: AbortSignal): void {
  if (signal?.aborted) throw new CancelledError();
}

/** The details of anything thrown. */
export function detailsOf(error: unknown): ErrorDetails {
  return error instanceof UserError ? error.details : { code: 'invalid', problem: messageOf(error) };
}

/** The message of anything thrown, in the words of an audience. */
export function messageOf(error: unknown, audience: Audience = 'cli'): string {
  if (error instanceof UserError) return composeMessage(error.details, audience);
  return error instanceof Error ? error.message : String(error);
}
