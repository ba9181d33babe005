/** What lists that come from a search over levels show besides ranks. */
import { metricsOfRanks } from '../../../evaluation/metrics.ts';
import type { BeamLevel } from '../../traced-decoding.ts';
import type { Catalogue } from '../code-tokens.ts';
import type { ListRequest } from '../generative-model.ts';
import { firstDivergence, type ItemList, listOf, rankOf, tokenRankIn } from './lists.ts';

/** Cut-offs of the hits by a part of the ID. */
const PART_CUTOFFS = [5, 10];
/** All tokens, those without the one that tells equal codes apart, all but the last. */
const ID_PARTS = ['id', 'semantic', 'prefix'] as const;
type IdPart = (typeof ID_PARTS)[number];
/** First sequences of a user that are looked at for IDs of no item. */
const SHOWN = 10;
/** Per cent of a list that hidden items may have (the ε of Rajput et al. 2023, section 5). */
const SHARES = [0, 5, 10, 20, 30, 50, 100];
const SHARES_CUTOFF = 10;

/** What generation showed of one user besides the rank. */
interface Trace {
  /** Place of the first item that shares each part of the target's ID, or null. */
  partRanks: Record<IdPart, number | null>;
  /** As `firstDivergence`; null where the target has no ID. */
  divergence: number | null;
  /** Of the first sequences, those that are no candidate's ID. */
  invalid: number;
  generated: number;
  /** Whether the target is among the first places, for each share of the list that hidden items may take. */
  hits: boolean[];
  /** Whether the target is hidden. */
  cold: boolean;
}

/** The sequences of one row of a search. */
export interface RowOfBeams {
  levels: readonly BeamLevel[];
  row: number;
  width: number;
}

export interface MeasureOptions {
  /** Whether sequences may be IDs that no candidate has. */
  free: boolean;
  /** Whether each user's list is made again at every share for hidden items, from the same sequences. */
  shares: boolean;
}

export class ListMeasures {
  readonly #catalogue: Catalogue;
  readonly #free: boolean;
  readonly #shares: readonly number[];
  readonly #traces: Trace[] = [];

  constructor(catalogue: Catalogue, { free, shares }: MeasureOptions) {
    this.#catalogue = catalogue;
    this.#free = free;
    this.#shares = shares ? SHARES : [];
  }

  add(target: number, filtered: ListRequest['filtered'], list: ItemList, beams: RowOfBeams): void {
    const { levels, row, width } = beams;
    const { tokens, levels: of } = this.#catalogue.tokens;
    const id = tokens.subarray(target * of.sizes.length, (target + 1) * of.sizes.length);
    const { nodes } = levels[levels.length - 1];
    const first = nodes.subarray(row * width, row * width + Math.min(SHOWN, width));
    const rank = (count: number) => tokenRankIn(list, target, this.#catalogue, count);
    const isHit = (share: number) => {
      const options = { filtered, coldShare: share / 100 };
      const found = rankOf(listOf(levels, row * width, width, this.#catalogue, options), target);
      return found !== null && found <= SHARES_CUTOFF;
    };
    this.#traces.push({
      partRanks: {
        id: rank(of.sizes.length),
        semantic: rank(of.semantic),
        prefix: rank(of.sizes.length - 1),
      },
      divergence: id[0] > 0 ? firstDivergence(levels, row, width, id) : null,
      invalid: first.reduce((sum, node) => sum + (node < 0 ? 1 : 0), 0),
      generated: first.length,
      hits: this.#shares.map(isHit),
      cold: this.#catalogue.hidden?.[target] === 1,
    });
  }

  /**
   * Hits by parts of the ID, where beams leave the targets, in free decoding the share of IDs that no candidate has, and
   * hits by the share of hidden items.
   */
  values(): Record<string, number> {
    const values: Record<string, number> = {};
    for (const part of ID_PARTS) {
      const ranks = this.#traces.map(({ partRanks }) => partRanks[part] ?? Number.POSITIVE_INFINITY);
      const ofPart = metricsOfRanks({ ranks }, PART_CUTOFFS);
      for (const k of PART_CUTOFFS) {
        values[`${part}-hr@${k}`] = ofPart[`hr@${k}`];
        values[`${part}-ndcg@${k}`] = ofPart[`ndcg@${k}`];
      }
    }
    const named = this.#traces.filter(({ divergence }) => divergence !== null);
    for (let level = 0; level < this.#catalogue.tokens.levels.sizes.length; level++) {
      const left = named.filter(({ divergence }) => divergence === level).length;
      values[`first-divergence@${level + 1}`] = left / Math.max(1, named.length);
    }
    if (this.#free) {
      const count = (field: 'invalid' | 'generated') =>
        this.#traces.reduce((sum, trace) => sum + trace[field], 0);
      values['invalid@10'] = count('invalid') / count('generated');
    }
    const cold = this.#traces.filter((trace) => trace.cold);
    for (const [at, share] of this.#shares.entries()) {
      const rate = (of: readonly Trace[]) => of.filter(({ hits }) => hits[at]).length / of.length;
      if (this.#traces.length > 0) values[`hr-by-share@${share}`] = rate(this.#traces);
      if (cold.length > 0) values[`cold-hr-by-share@${share}`] = rate(cold);
    }
    return values;
  }
}
