/** What lists that come from a search over levels show besides ranks. */
import { metricsOfRanks } from '../../../evaluation/metrics.ts';
import type { BeamLevel } from '../../traced-decoding.ts';
import type { Catalogue } from '../code-tokens.ts';
import { firstDivergence, type ItemList, tokenRankIn } from './lists.ts';

/** Cut-offs of the hits by a part of the ID. */
const PART_CUTOFFS = [5, 10];
/** All tokens, those without the one that tells equal codes apart, all but the last. */
const ID_PARTS = ['id', 'semantic', 'prefix'] as const;
type IdPart = (typeof ID_PARTS)[number];
/** First sequences of a user that are looked at for IDs of no item. */
const SHOWN = 10;

/** What generation showed of one user besides the rank. */
interface Trace {
  /** Place of the first item that shares each part of the target's ID, or null. */
  partRanks: Record<IdPart, number | null>;
  /** As `firstDivergence`; null where the target has no ID. */
  divergence: number | null;
  /** Of the first sequences, those that are no candidate's ID. */
  invalid: number;
  generated: number;
}

/** The sequences of one row of a search. */
export interface RowOfBeams {
  levels: readonly BeamLevel[];
  row: number;
  width: number;
}

export class ListMeasures {
  readonly #catalogue: Catalogue;
  readonly #traces: Trace[] = [];

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  add(target: number, list: ItemList, { levels, row, width }: RowOfBeams): void {
    const { tokens, levels: of } = this.#catalogue.tokens;
    const id = tokens.subarray(target * of.sizes.length, (target + 1) * of.sizes.length);
    const { nodes } = levels[levels.length - 1];
    const first = nodes.subarray(row * width, row * width + Math.min(SHOWN, width));
    const rank = (count: number) => tokenRankIn(list, target, this.#catalogue, count);
    this.#traces.push({
      partRanks: {
        id: rank(of.sizes.length),
        semantic: rank(of.semantic),
        prefix: rank(of.sizes.length - 1),
      },
      divergence: id[0] > 0 ? firstDivergence(levels, row, width, id) : null,
      invalid: first.reduce((sum, node) => sum + (node < 0 ? 1 : 0), 0),
      generated: first.length,
    });
  }

  /** Hits by parts of the ID, where beams leave the targets, and in free decoding the share of IDs that no candidate has. */
  values(free: boolean): Record<string, number> {
    const values: Record<string, number> = {};
    for (const part of ID_PARTS) {
      const ranks = this.#traces.map(({ partRanks }) => partRanks[part] ?? Number.POSITIVE_INFINITY);
      const ofPart = metricsOfRanks(ranks, PART_CUTOFFS);
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
    if (free) {
      const count = (field: 'invalid' | 'generated') =>
        this.#traces.reduce((sum, trace) => sum + trace[field], 0);
      values['invalid@10'] = count('invalid') / count('generated');
    }
    return values;
  }
}
