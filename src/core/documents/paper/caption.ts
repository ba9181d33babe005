/** What stands above a table of a paper: in one sentence what was measured and what the marks mean; the rest is a comment. */
import { distinctUsers } from '../../evaluation/metrics.ts';
import { ofSplit } from '../../evaluation/paired/kept.ts';
import { capital, countText } from '../../names.ts';
import { seedsText } from '../../seeds.ts';
import { testWords } from '../comparison/sections/differences.ts';
import { protocolWords } from '../comparison/sections/protocol-line.ts';
import { grouped } from '../format.ts';
import type { ComparisonCell } from '../types.ts';
import type { PaperBlock } from './blocks.ts';
import type { Without } from './parts.ts';

/** Who and what a block is measured over. */
export interface BlockFacts {
  users: number | null;
  /** "all 12,101 items ranked" */
  ranked: string;
  /** "history filtered"; empty where nothing is ranked. */
  filter: string;
}

export function factsOf({ comparison }: PaperBlock): BlockFacts {
  const { rows, protocols, baseline } = comparison;
  const row = rows[baseline ?? 0];
  const { protocol } = protocols[row.protocol];
  const ranks = ofSplit(row.runs[0].ranks, 'test');
  const [, ranked = '', filter = ''] = protocolWords(protocol);
  if (!protocol || !('candidates' in protocol)) return { users: null, ranked: '', filter: '' };
  const items = ranks && protocol.candidates === 'interacted-items' ? ` ${grouped(ranks.candidates)}` : '';
  return {
    users: ranks ? distinctUsers(ranks).length : null,
    ranked: items === '' ? ranked : `all${items} items with interactions ranked`,
    filter,
  };
}

/** Names in a list that may hold names with commas. */
const listed = (texts: readonly string[]) =>
  texts.length < 2
    ? texts.join('')
    : `${texts.slice(0, -1).join(texts.some((one) => one.includes(',')) ? '; ' : ', ')} and ${texts.at(-1)}`;

/** Of a comparison whose data nobody names, the split alone. */
const named = (dataset: string, split: string) => (dataset === '' ? split : `${dataset}, ${split}`);

/** "Beauty, leave-last-out: 22,363 users, all 12,101 items ranked, history filtered" */
function measuredText(blocks: readonly PaperBlock[]): string {
  const facts = blocks.map(factsOf);
  const shared = (texts: readonly string[]) => new Set(texts).size === 1;
  const users = facts.map(({ users: count }) => (count === null ? '' : countText(count, 'user')));
  const rest = facts.map(({ ranked, filter }) => [ranked, filter].filter(Boolean).join(', '));
  const datasets = blocks.map(({ dataset }) => dataset);
  const own = (at: number) =>
    [shared(users) ? '' : users[at], shared(rest) ? '' : rest[at]].filter(Boolean).join(', ');
  const places = blocks.map(({ dataset, split }, at) => {
    const place = shared(datasets) ? split : named(dataset, split);
    return own(at) === '' ? place : `${place} (${own(at)})`;
  });
  const where = shared(datasets) ? named(datasets[0], listed(places)) : listed(places);
  const all = [shared(users) ? users[0] : '', shared(rest) ? rest[0] : ''].filter(Boolean);
  return all.length > 0 ? `${where}: ${all.join(', ')}` : where;
}

/** "± is over 3 seeds"; empty where every row has one. */
function spreadText(blocks: readonly PaperBlock[]): string {
  const runs = blocks.flatMap(({ comparison }) => comparison.rows.map((row) => row.runs.length));
  const several = [...new Set(runs.filter((count) => count > 1))].sort((a, b) => a - b);
  if (several.length === 0) return '';
  const alone = runs.some((count) => count === 1) ? ', values without it are of one' : '';
  return `mean ± standard deviation over ${seedsText(several).replace('-', ' to ')} seeds${alone}`;
}

/** What the dagger says; empty where nothing was tested. */
function daggerText(blocks: readonly PaperBlock[], baseline: string | null): string {
  const tests = testsIn(blocks);
  if (baseline === null || tests.length === 0) return '';
  return `† differs from ${baseline} (${testWords(tests)}, Holm over the rows of a metric, p < 0.05)`;
}

const testsIn = (blocks: readonly PaperBlock[]) =>
  blocks.flatMap(({ comparison }) =>
    comparison.rows.flatMap(({ cells }) => cells.flatMap(({ significance }) => significance ?? [])),
  );

function markText(cells: readonly Pick<ComparisonCell, 'mark'>[]): string {
  const has = (mark: ComparisonCell['mark']) => cells.some((cell) => cell.mark === mark);
  if (!has('best')) return '';
  return has('second') ? 'bold is best, underlined second' : 'bold is best';
}

interface CaptionParts {
  /** The user's own words, before the sentence about what was measured. */
  title?: string;
  baseline: string | null;
  /** Whether it has a column of trials. */
  hasTrials: boolean;
  hasPending: boolean;
  hasDiverged: boolean;
  /** Marks that it does without are not explained; `measured` leaves that sentence out. */
  without?: Without;
}

/** One sentence behind the title. */
export function captionOf(blocks: readonly PaperBlock[], parts: CaptionParts): string {
  const { title, baseline, hasTrials, hasPending, hasDiverged, without = [] } = parts;
  const cells = blocks.flatMap(({ comparison }) => comparison.rows.flatMap((row) => row.cells));
  const own = title?.replace(/[.;:\s]+$/, '') ?? '';
  const measured = without.includes('measured') ? '' : measuredText(blocks);
  const said = [
    own === '' || measured === '' ? own || measured : `${own}${/[?!]$/.test(own) ? '' : '.'} ${measured}`,
    hasTrials ? 'the best of so many trials by validation is tested' : '',
    without.includes('spread') ? '' : spreadText(blocks),
    without.includes('significance') ? '' : daggerText(blocks, baseline),
    markText(without.includes('second') ? cells.filter(({ mark }) => mark !== 'second') : cells),
    hasPending ? 'values that are to come are named so' : '',
    hasDiverged ? 'diverged: its loss or a score was not finite' : '',
  ];
  const sentence = capital(said.filter(Boolean).join('; '));
  return sentence === '' ? '' : `${sentence}.`;
}
