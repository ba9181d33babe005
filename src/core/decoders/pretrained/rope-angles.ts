/** Angles by which the pairs of a head turn from one position to the next, as the files of checkpoints change them. */
import { ropeAngles } from '../../layers/index.ts';

export type RopeScaling =
  | { kind: 'default' }
  /** Positions count for less: every angle is divided. */
  | { kind: 'linear'; factor: number }
  /** Llama 3.1: slow pairs are divided, fast ones stay, and those between are mixed; `original` is the length it was made for. */
  | { kind: 'llama3'; factor: number; low: number; high: number; original: number }
  /** Each angle by its own number. */
  | { kind: 'divisors'; divisors: readonly number[] };

/** Radians a position of each pair; undefined where they follow from `theta`. */
export function scaledAngles(dim: number, theta: number, scaling: RopeScaling): number[] | undefined {
  const angles = ropeAngles(dim, theta);
  if (scaling.kind === 'default') return undefined;
  if (scaling.kind === 'linear') return angles.map((angle) => angle / scaling.factor);
  if (scaling.kind === 'divisors') return angles.map((angle, pair) => angle / scaling.divisors[pair]);
  const { factor, low, high, original } = scaling;
  return angles.map((angle) => {
    // Turns in the length that it was made for.
    const turns = (original * angle) / (2 * Math.PI);
    if (turns < low) return angle / factor;
    if (turns > high) return angle;
    const share = (turns - low) / (high - low);
    return ((1 - share) * angle) / factor + share * angle;
  });
}
