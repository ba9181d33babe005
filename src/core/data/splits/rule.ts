/** What a split states. Each is a file in this folder, and a line of the list in index.ts. */
import { z } from 'zod';
import type { Interactions } from '../types.ts';
import type { Split } from './split.ts';

type Config = Readonly<Record<string, unknown>>;

/** What is said of a split, whatever its settings. */
interface Facts {
  /** What is held out, as a choice. */
  title: string;
  /** In the help of `split`. */
  summary: string;
  /** In a line of others, such as "split by time", and what that means for a reader. */
  term: string;
  meaning: string;
  /** Whether it parts by times, which a data set may lack. */
  needsTimes: boolean;
  /** Whether a user can have several targets (`targets`). */
  several: boolean;
  /** Whether those who are tested are strangers to the model: one with a vector for each user cannot be measured. */
  strangers: boolean;
  /** Which items count as new ones: those that `coldItems` hides, or those that nobody had in training. */
  newItems: 'hidden' | 'unseen';
  /** What a test target's history is, where validation items are held out. */
  testHistory: 'with-validation-item' | 'all-before-target';
  /** What training sees: "interactions before the cut". */
  trainedOn(validation: boolean): string;
  /** Why a data set has nothing to be tested, after its name. */
  nobody(validation: boolean): string;
  /** Who is tested, for the log of a run; null where that goes without saying. */
  tested(split: Split): string | null;
}

export interface SplitRule<S extends z.ZodRawShape = z.ZodRawShape> extends Facts {
  /** The config keys that it reads, all of them numbers; protocols state them. */
  settings: S;
  of(config: Config): BoundSplit;
}

/** A split with the settings of a run. */
export interface BoundSplit extends Facts {
  readonly settings: Readonly<Record<string, number>>;
  /** What tells it from others of its kind, where more than one may stand beside each other. */
  readonly detail: string | null;
  /** How a run with it is measured, in a line of settings. */
  phrase(validation: boolean): string;
  /** Why its settings do not go together, and the key to change; null where they do. */
  conflict(): { field: string; problem: string } | null;
  /** Throws UserError where the interactions have no times and it needs them. */
  part(interactions: Interactions, validation: boolean): Split;
}

interface Definition<S extends z.ZodRawShape, V = z.output<z.ZodObject<S>>> extends Facts {
  settings: S;
  phrase(settings: V, validation: boolean): string;
  part(interactions: Interactions, settings: V, validation: boolean): Split;
  detail?(settings: V): string;
  conflict?(settings: V): ReturnType<BoundSplit['conflict']>;
}

/** A split whose functions are given its settings as their schema types them. */
export function splitRule<S extends z.ZodRawShape>(definition: Definition<S>): SplitRule<S> {
  const { settings: shape, phrase, part, detail, conflict, ...facts } = definition;
  const schema = z.object(shape);
  return {
    ...{ ...facts, settings: shape },
    of: (config) => {
      const settings = schema.parse(config);
      return {
        ...facts,
        settings: settings as Readonly<Record<string, number>>,
        detail: detail?.(settings) ?? null,
        phrase: (validation) => phrase(settings, validation),
        conflict: () => conflict?.(settings) ?? null,
        part: (interactions, validation) => part(interactions, settings, validation),
      };
    },
  };
}

const share = (description: string) => z.number().gt(0).max(0.4).describe(description).default(0.1);

/** Settings that several splits read. */
export const shared = {
  validShare: share(
    'Share that is held out for validation: of the interactions, those before what is held out for the test; with split=users of the users',
  ),
  testShare: share(
    'Share that is held out for the test: of the interactions, the last ones in time or one window of them; with split=users of the users',
  ),
} as const;

/** "10 %" */
export const percent = (value: unknown) => `${Number((100 * Number(value)).toFixed(2))} %`;
