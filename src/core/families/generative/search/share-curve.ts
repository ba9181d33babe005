/** What the share of a list that hidden items may have does to hits (the ε of Rajput et al. 2023, section 5). */
import type { BeamLevel } from '../../traced-decoding.ts';
import type { Catalogue } from '../code-tokens.ts';
import { listOf, rankOf } from './lists.ts';

/** Per cent of a list. */
const SHARES = [0, 5, 10, 20, 30, 50, 100];
const CUTOFF = 10;

/** The users of an evaluation whose lists are made again at every share, from the same sequences. */
export class ShareCurve {
  readonly #catalogue: Catalogue;
  readonly #hits = SHARES.map(() => ({ all: 0, cold: 0 }));
  #users = 0;
  #coldUsers = 0;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  /** The sequences of one row: `width` of the last level, from `from` on. */
  add(
    target: number,
    filtered: ReadonlySet<number>,
    levels: readonly BeamLevel[],
    from: number,
    width: number,
  ): void {
    const cold = this.#catalogue.hidden?.[target] ?? 0;
    this.#users++;
    this.#coldUsers += cold;
    for (const [i, share] of SHARES.entries()) {
      const list = listOf(levels, from, width, this.#catalogue, { filtered, coldShare: share / 100 });
      const rank = rankOf(list, target);
      if (rank === null || rank > CUTOFF) continue;
      this.#hits[i].all++;
      this.#hits[i].cold += cold;
    }
  }

  /** Empty where nothing was added. */
  values(): Record<string, number> {
    if (this.#users === 0) return {};
    const named = SHARES.flatMap((share, i): [string, number][] => {
      const { all, cold } = this.#hits[i];
      const ofCold: [string, number] = [`cold-hr-by-share@${share}`, cold / this.#coldUsers];
      return [[`hr-by-share@${share}`, all / this.#users], ...(this.#coldUsers > 0 ? [ofCold] : [])];
    });
    return Object.fromEntries(named);
  }
}
