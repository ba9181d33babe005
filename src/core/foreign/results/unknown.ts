/** What nobody has said of a result of another program: it is never assumed, so such a result is neither chosen nor marked best. */
import type { Protocol } from '../../evaluation/types.ts';
import type { AskedReading } from './request.ts';

/** What is unknown until a manifest, the file or a user says it, in words. */
export const UNKNOWN_FACTS = {
  split: 'split',
  selection: 'checkpoint selection',
  trainedOnValidation: 'training on validation items',
  tuning: 'tuning',
  seed: 'seed',
} as const;
export type UnknownFact = keyof typeof UNKNOWN_FACTS;

/** Share of the users without a list from which on it is said with every number. */
export const NEARLY_ALL = 0.005;

/** What is known of a result besides its lists. */
export interface SplitFacts {
  /** The name of the manifest that shows that it is of this split; without one that is stated or unknown. */
  manifest?: string;
  /** What nobody has said. Earlier versions did not note it. */
  unknown?: UnknownFact[];
  /** On what its settings were tuned. */
  tuning?: 'validation' | 'test' | 'none';
  /** sha256 of the file. */
  sha256?: string;
  /** Earlier versions did not note it. */
  asked?: AskedReading;
  /** Main metrics over the users with a list, where so many have none that they tell another story. */
  covered?: Record<string, number>;
}

/** Of results of earlier versions, which took defaults for said, what differs from the defaults was. */
export function unknownOf({
  result,
  protocol,
  seed,
}: {
  result: SplitFacts;
  protocol: Protocol | null;
  seed: number | null;
}): UnknownFact[] {
  if (result.unknown !== undefined) return result.unknown;
  const own = protocol?.task === undefined ? protocol : null;
  const said: Record<UnknownFact, boolean> = {
    split: result.manifest !== undefined || (own?.split.startsWith('time') ?? false),
    selection: own?.selection === 'test' || own?.selection === 'final-epoch',
    trainedOnValidation: own?.split.endsWith('-without-validation') ?? false,
    tuning: false,
    seed: seed !== null,
  };
  return (Object.keys(UNKNOWN_FACTS) as UnknownFact[]).filter((fact) => !said[fact]);
}
