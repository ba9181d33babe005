/** Packs what a page that answers by itself holds of a comparison. */

import { parseRankMetric } from '../../evaluation/metrics.ts';
import { findMetric, signOf } from '../../evaluation/metrics-table.ts';
import { ranksOf } from '../../evaluation/paired/pairing.ts';
import type { SliceRows } from '../../evaluation/slices.ts';
import { type EvaluationSplit, type UserRanks, WHOLE } from '../../evaluation/types.ts';
import { markedName } from '../comparison/rows/footnotes.ts';
import { rowColours } from '../comparison/sections/report-charts.ts';
import type { Comparison, ComparisonRow } from '../types.ts';
import { pack } from './packed.ts';
import type { PageData, PageRow } from './page-types.ts';

/** Null where no row that could be the baseline has ranks. `slices` are of its users. */
export function pageData(
  comparison: Comparison,
  slices: readonly SliceRows[],
  files: PageData['files'],
): PageData | null {
  const { rows, columns, baseline, protocols, resamples } = comparison;
  const places = pageRows(comparison);
  const ofRanks = [...columns.keys()].filter((at) => parseRankMetric(columns[at].name));
  const split = ofRanks.length > 0 ? (findMetric(columns[ofRanks[0]].name)?.prefix ?? 'test') : 'test';
  const shown = ofRanks.filter((at) => (findMetric(columns[at].name)?.prefix ?? 'test') === split);
  const first = rows[baseline ?? places[0]];
  const reference = ranksOf(first.runs, split)?.[0];
  if (!reference || shown.length === 0 || protocols[first.protocol].protocol === null) return null;
  const colourOf = rowColours(comparison);
  return {
    split: split as EvaluationSplit,
    ...(reference.several ? { several: reference.several } : {}),
    metrics: shown.map((at) => {
      const { name, label, decimals, direction } = columns[at];
      return { name, label, decimals, sign: signOf(direction) };
    }),
    rows: places.map((place) => ({
      ...{ name: markedName(rows[place]), colour: colourOf(rows[place]), seeds: rows[place].runs.length },
      isUnknown: rows[place].unknown.length > 0,
      means: shown.map((at) => rows[place].cells[at].mean),
      spreads: shown.map((at) => rows[place].cells[at].std),
      ...packedRanks(rows[place], split, reference),
    })),
    baseline: baseline === null ? null : places.indexOf(baseline),
    goesOn: pack(reference.users.map((user, at) => Number(at > 0 && user === reference.users[at - 1]))),
    slices: slices.map(({ by, slice, description, rows: members }) => ({
      ...{ by, slice, description, rows: pack(members) },
    })),
    tests: places.map((place) => shown.map((at) => rows[place].cells[at].significance)),
    ...{ resamples, files },
  };
}

/** Those of the baseline's protocol, or of the first row's. */
function pageRows({ rows, baseline, protocols }: Comparison): number[] {
  return protocols[rows[baseline ?? 0].protocol].rows;
}

function packedRanks(
  { runs }: ComparisonRow,
  split: string,
  reference: UserRanks,
): Pick<PageRow, 'ranks' | 'lengths'> {
  const seeds = ranksOf(runs, split);
  const equal = (one: Int32Array, other: Int32Array) =>
    one.length === other.length && one.every((value, at) => value === other[at]);
  const arePaired = seeds?.every(
    ({ users, targets }) => equal(users, reference.users) && equal(targets, reference.targets),
  );
  if (!seeds || !arePaired) return { ranks: null };
  const ranks = seeds.map((seed) => pack(seed.ranks));
  if (seeds.every(({ lengths }) => lengths === undefined)) return { ranks };
  const lengths = seeds.map((seed) =>
    pack(
      seed.ranks.map((_, at) => {
        const length = seed.lengths?.[at] ?? WHOLE;
        return length === WHOLE ? 0 : length + 1;
      }),
    ),
  );
  return { ranks, lengths };
}
