/** What a reader should doubt in a comparison, from its own facts. */
import { readSplit } from '../../../data/splits/index.ts';
import { UNKNOWN_FACTS } from '../../../foreign/results/unknown.ts';
import { isSimpleBaseline } from '../../../model-facts.ts';
import { someNames } from '../../../names.ts';
import type { DocumentSection } from '../../document.ts';
import { fixed, grouped } from '../../format.ts';
import type { Comparison, ComparisonRow } from '../../types.ts';
import { leadColumns } from '../rows/order.ts';

const MOST = 4;

/** At most four sentences, the gravest first. A reader of a page cannot leave them out. */
export function doubtsSection(comparison: Comparison): DocumentSection[] {
  const text = doubts(comparison);
  return text.length === 0 ? [] : [{ title: 'What should be doubted', part: 'summary', text }];
}

export function doubts(comparison: Comparison): string[] {
  if (comparison.columns.length === 0) return [];
  const found = [unknownFacts, selectionOnTest, seeds, candidates, leaveLastOut, budgets];
  return found.flatMap((doubt) => doubt(comparison) ?? []).slice(0, MOST);
}

const namesOf = (rows: readonly ComparisonRow[]) => someNames(rows.map(({ name }) => name));

function unknownFacts({ rows }: Comparison): string | null {
  const lacking = rows.filter(({ unknown }) => unknown.length > 0);
  if (lacking.length === 0) return null;
  const facts = new Set(lacking.flatMap(({ unknown }) => unknown.map((fact) => UNKNOWN_FACTS[fact])));
  return `Not recorded for ${namesOf(lacking)}: ${[...facts].join(', ')}.`;
}

function selectionOnTest({ rows }: Comparison): string | null {
  const chosen = rows.filter(({ runs: [{ protocol }] }) => {
    return protocol && 'selection' in protocol && protocol.selection === 'test';
  });
  return chosen.length === 0
    ? null
    : `The checkpoint of ${namesOf(chosen)} was chosen on the test items: its numbers are optimistic.`;
}

/** What is fitted without a seed has nothing to repeat. */
function seeds({ rows, columns }: Comparison): string | null {
  const trained = rows.filter(({ model }) => !isSimpleBaseline(model));
  const single = trained.filter(({ runs }) => runs.length === 1);
  if (single.length === 0) return null;
  const [main] = leadColumns(columns);
  const spreads = trained.filter(({ cells }) => cells[main].std !== null);
  const most = Math.max(0, ...spreads.map(({ cells }) => cells[main].std ?? 0));
  const which = single.length === trained.length ? 'One seed each' : `One seed of ${namesOf(single)}`;
  const { label, decimals } = columns[main];
  const spread =
    spreads.length === 0
      ? 'how much another seed changes is not known'
      : `seeds of others differ by up to ${fixed(most, decimals)} in ${label}`;
  return `${which}: ${spread}.`;
}

function candidates({ protocols }: Comparison): string | null {
  const sampled = protocols.flatMap(({ protocol }) =>
    protocol && 'candidates' in protocol && protocol.candidates === 'sampled' ? [protocol.sampledItems] : [],
  );
  return sampled.length === 0
    ? null
    : `Ranked among ${grouped(sampled[0])} sampled candidates: among all items the order of models may be another.`;
}

function leaveLastOut({ protocols }: Comparison): string | null {
  const isSo = protocols.some(({ protocol }) => {
    return protocol && 'historyFilter' in protocol && readSplit(protocol.split).split === 'leave-last-out';
  });
  return isSo
    ? 'Leave-last-out trains on what others did later than the items to predict: with a split by time the order may be another.'
    : null;
}

function budgets({ rows }: Comparison): string | null {
  return rows.length < 2 ? null : 'How many settings were tried of each model is not recorded here.';
}
