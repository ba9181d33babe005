/** What rows are tested against, in words. The window reads it, too. */
import type { Comparison } from '../../types.ts';

/** The place of the row that each row is tested against, itself for a baseline; null where there is none. */
export function baselinesOfRows({
  rows,
  protocols,
}: Pick<Comparison, 'protocols'> & { rows: readonly { protocol: number }[] }) {
  return rows.map(({ protocol }) => protocols[protocol].baseline);
}

type Named = Pick<Comparison, 'protocols'> & { rows: readonly { name: string }[] };

const namedBaselines = ({ rows, protocols }: Named) =>
  protocols.flatMap(({ label, baseline }) =>
    baseline === null ? [] : [{ label, name: rows[baseline].name }],
  );

/** What differences are from: the name of the baseline, or that there are several. Empty without any. */
export function baselineName(of: Named): string {
  const found = namedBaselines(of);
  return found.length > 1 ? 'the baseline of its protocol' : (found[0]?.name ?? '');
}

/** The same with the names of several, for readers who see no table beside it. */
export function baselineWords(of: Named): string {
  const found = namedBaselines(of);
  const names = found.map(({ label, name }) => `${label}: ${name}`).join('; ');
  return baselineName(of) + (found.length > 1 ? ` (${names})` : '');
}

/** Over what p-values are adjusted. */
export const familyWords = ({ protocols }: Pick<Comparison, 'protocols'>) =>
  protocols.filter(({ baseline }) => baseline !== null).length > 1
    ? 'the rows of a metric and protocol'
    : 'the rows of a metric';
