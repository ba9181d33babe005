/** A paragraph of methods, written from what was stored, and beside it where every number in it comes from. */
import { readSplit, splitOf } from '../../data/splits/index.ts';
import { ALPHA } from '../../evaluation/paired/pairing.ts';
import { isSimpleBaseline } from '../../model-facts.ts';
import { countText } from '../../names.ts';
import { seedsText } from '../../seeds.ts';
import { testWords } from '../comparison/sections/differences.ts';
import { protocolWords } from '../comparison/sections/protocol-line.ts';
import type { DocumentSection } from '../document.ts';
import { fixed, grouped, pValue, signed } from '../format.ts';
import type { ComparisonRow } from '../types.ts';
import type { PaperBlock, PaperRow } from './blocks.ts';
import { factsOf } from './caption.ts';

/** A number as the text has it, and where it comes from. */
type Explained = readonly [number: string, from: string];

/** What was done beyond what the runs themselves say. */
export interface MethodFacts {
  version: string;
  seeds: readonly number[];
  /**
   * By the name of a row, how it was tuned: such as "random search". `trials`: of each search that has chosen one, how many it made; a rule
   * to end makes them differ by data set and split.
   */
  searched: readonly { name: string; trials: readonly number[]; by: string; over: readonly string[] }[];
  /** What models build on, by the names of their rows: such as "their tokeniser RQ-VAE". */
  builtOn?: readonly { names: readonly string[]; on: string; seed: number }[];
  /** Rows of which a training diverged; no seeds where what they build on did. */
  diverged?: readonly { name: string; place: string; seeds: readonly number[] }[];
  /** Runs of other versions that were used, by name. */
  otherVersions: readonly { name: string; version: string }[];
}

interface Sentence {
  text: string;
  numbers: Explained[];
}

/** Under the tables, as a paragraph of a paper; its notes say where each number comes from. */
export function methodsSection(
  blocks: readonly PaperBlock[],
  rows: readonly PaperRow[],
  facts: MethodFacts,
): DocumentSection {
  const sentences = [
    ...dataSentences(blocks),
    ...blocks.flatMap(splitSentences),
    ...tuningSentences(rows, blocks, facts),
    seedSentence(rows, blocks, facts),
    ...divergedSentences(facts),
    ...builtOnSentences(facts),
    ...blocks.flatMap(findingSentences),
    ...blocks.flatMap(practicalSentences),
    ...versionSentences(facts),
  ];
  return {
    title: 'Evaluation',
    isProse: true,
    text: [sentences.map(({ text }) => text).join(' ')],
    notes: [
      ...new Set(sentences.flatMap(({ numbers }) => numbers.map(([number, from]) => `${number}: ${from}`))),
    ],
  };
}

/** "Beauty has 22,363 users, 12,101 items and 198,502 interactions." Each data set once. */
function dataSentences(blocks: readonly PaperBlock[]): Sentence[] {
  const byData = new Map(blocks.map((block) => [block.dataset, block]));
  return [...byData].flatMap(([name, { comparison }]): Sentence[] => {
    const dataset = comparison.rows[0]?.runs[0].dataset;
    const counts = dataset?.statistics;
    if (!dataset || !counts) return [];
    const print = dataset.fingerprint.slice(0, 12);
    const of = (what: string) => `${what} of ${name} after the import (fingerprint ${print})`;
    const [users, items, interactions] = [counts.users, counts.items, counts.interactions].map(grouped);
    return [
      {
        text: `${name} has ${users} users, ${items} items and ${interactions} interactions.`,
        numbers: [
          [users, of('users')],
          [items, of('items')],
          [interactions, of('interactions')],
        ],
      },
    ];
  });
}

/** Who is tested under a split, on what, and against what. */
function splitSentences(block: PaperBlock): Sentence[] {
  const { comparison, dataset, split } = block;
  const [first] = comparison.rows;
  const protocol = first && comparison.protocols[first.protocol].protocol;
  const { users, ranked, filter } = factsOf(block);
  if (!protocol || !('candidates' in protocol) || users === null) return [];
  const { split: id, validation } = readSplit(protocol.split);
  const rule = splitOf({ ...protocol, split: id });
  const selection = protocolWords(protocol).at(-1);
  const trained = rule.trainedOn(validation);
  return [
    {
      text: `On ${dataset}, ${split}, models are trained on ${trained}; ${grouped(users)} users are tested, with ${ranked}, ${filter}, and the checkpoint is the ${selection}.`,
      numbers: [
        [grouped(users), `users with a held-out item in ${dataset}, ${split}`],
        ...[...ranked.matchAll(/[\d,]+/g)].map(
          ([number]): Explained => [number, `candidates of every user of ${dataset}, ${split}`],
        ),
      ],
    },
  ];
}

function tuningSentences(
  rows: readonly PaperRow[],
  blocks: readonly PaperBlock[],
  { searched }: MethodFacts,
): Sentence[] {
  const tuned = searched.map(({ name, trials, by, over }): Sentence => {
    const keys = over.length > 0 ? ` over ${over.join(', ')}` : '';
    if (trials.length === 0)
      return { text: `${name} is tuned by ${by}${keys}; no trial of it was chosen so far.`, numbers: [] };
    const [low, high] = [Math.min(...trials), Math.max(...trials)];
    const made = low === high ? countText(low, 'trial') : `${low} to ${countText(high, 'trial')}`;
    const of = `trials of the search of ${name} on `;
    return {
      text: `${name} was tuned by ${by}${keys}: of ${made} the best on validation items was tested.`,
      numbers:
        low === high
          ? [[String(low), `${of}each data set and split`]]
          : [
              [String(low), `${of}the data set and split where it made fewest`],
              [String(high), `${of}that where it made most`],
            ],
    };
  });
  const names = new Set(searched.map(({ name }) => name));
  // Nobody but its user knows how a model of another program was tuned.
  const others = new Set(
    blocks.flatMap(({ comparison, keys }) => keys.filter((_, at) => comparison.rows[at].runs[0].program)),
  );
  const given = rows.filter(({ key, name }) => !names.has(name) && !others.has(key)).map(({ name }) => name);
  if (tuned.length === 0 || given.length === 0) return tuned;
  return [...tuned, { text: `${given.join(', ')}: settings as given, not tuned.`, numbers: [] }];
}

function seedSentence(
  rows: readonly PaperRow[],
  blocks: readonly PaperBlock[],
  { seeds }: MethodFacts,
): Sentence {
  const all = blocks.flatMap(({ comparison }) => comparison.rows);
  const once = rows.filter(({ name }) => all.some((row) => row.name === name && isSimpleBaseline(row.model)));
  const without = seeds.length > 1 && once.length > 0;
  return {
    text: `Models were trained from ${countText(seeds.length, 'seed')} (${seedsText(seeds)})${without ? `; ${once.map(({ name }) => name).join(', ')} once, having no randomness` : ''}.`,
    numbers: [[String(seeds.length), 'seeds of the plan']],
  };
}

function divergedSentences({ diverged = [] }: MethodFacts): Sentence[] {
  return diverged.map(({ name, place, seeds }) => {
    const from = seedsText(seeds);
    return seeds.length === 0
      ? { text: `What ${name} builds on diverged on ${place}.`, numbers: [] }
      : {
          text: `${name} diverged on ${place}, from ${seeds.length === 1 ? 'seed' : 'seeds'} ${from}.`,
          numbers: [[from, `seeds from which ${name} diverged on ${place}`]],
        };
  });
}

function builtOnSentences({ builtOn = [] }: MethodFacts): Sentence[] {
  return builtOn.map(({ names, on, seed }) => ({
    text: `${names.join(', ')} ${names.length === 1 ? 'builds' : 'build'} on the ${on}, trained once from seed ${seed}.`,
    numbers: [[String(seed), `seed of the ${on}`]],
  }));
}

/** The best row against the baseline in the first metric, whatever the test says. */
function findingSentences({ comparison, dataset, split }: PaperBlock): Sentence[] {
  const { rows, columns, baseline } = comparison;
  const [column] = columns;
  if (baseline === null || !column) return [];
  const tested = rows.filter(({ cells: [cell] }) => cell.significance);
  // What nobody knows enough of is tested with the others, and is not the best.
  const known = tested.filter(({ unknown }) => unknown.length === 0);
  const sign = column.direction === 'lower' ? -1 : 1;
  const [best] = known.toSorted((a, b) => sign * ((b.cells[0].mean ?? 0) - (a.cells[0].mean ?? 0)));
  const significance = best?.cells[0].significance;
  if (!best || !significance) return [];
  const { decimals, label } = column;
  const [low, high] = significance.interval.map((end) => signed(end, decimals));
  const [delta, p] = [signed(significance.difference, decimals), pValue(significance.holm)];
  const place = `${dataset}, ${split}`;
  const from = `${best.name} less ${rows[baseline].name} in ${label} on ${place}`;
  const value = (row: ComparisonRow) => fixed(row.cells[0].mean, decimals);
  const pText = p.startsWith('<') ? p : `= ${p}`;
  return [
    {
      text: `On ${place}, ${best.name} has ${label} ${value(best)} against ${value(rows[baseline])} of ${rows[baseline].name}: ${delta} (95 % interval ${low} to ${high}, p ${pText}, ${testWords([significance])}, Holm over ${countText(tested.length, 'row')}), ${significance.significant ? 'significant' : 'not significant'} at 0.05.`,
      numbers: [
        [value(best), `mean ${label} of ${best.name} over ${best.runs.map(({ name }) => name).join(', ')}`],
        [
          value(rows[baseline]),
          `mean ${label} of ${rows[baseline].name} over ${rows[baseline].runs.map(({ name }) => name).join(', ')}`,
        ],
        [delta, `mean difference over ${grouped(significance.count)} ${significance.unit}, ${from}`],
        [`${low} to ${high}`, `BCa bootstrap of ${grouped(comparison.resamples)} resamples, ${from}`],
        [p, `two-sided, Holm-adjusted over ${countText(tested.length, 'row')}, ${from}`],
      ],
    },
  ];
}

/** In the first metric, where the plan asks for it: whose difference is within the region, and how many users the others need. */
function practicalSentences({ comparison, dataset, split }: PaperBlock): Sentence[] {
  const { rows, columns, baseline } = comparison;
  const [column] = columns;
  if (baseline === null || !column) return [];
  const place = `${dataset}, ${split}`;
  const base = rows[baseline].name;
  const asked = rows.flatMap(({ name, cells: [{ significance }] }) => {
    const practical = significance?.test === 't' ? significance.practical : undefined;
    return practical ? [{ name, ...practical }] : [];
  });
  const tested = asked.flatMap(({ name, rope }) => (rope ? [{ name, rope }] : []));
  const within = tested.filter(({ rope }) => rope.equivalence.holm < ALPHA).map(({ name }) => name);
  const [first] = tested;
  const size = first && Number(first.rope.size.toPrecision(2)).toString();
  const equivalent: Sentence[] = first
    ? [
        {
          text: `On ${place}, ${within.length > 0 ? within.join(', ') : 'no row'} ${within.length > 1 ? 'are' : 'is'} equivalent to ${base} in ${column.label} within ± ${size} (two one-sided t-tests, Holm, 0.05).`,
          numbers: [[size, `region of practical equivalence on ${place}, as the plan says it`]],
        },
      ]
    : [];
  const needed = asked.flatMap(({ name, needed: one }): Sentence[] => {
    if (!one || one.values === null) return [];
    const [users, power] = [grouped(one.values), String(one.power)];
    return [
      {
        text: `To find the difference of ${name} on ${place} with a chance of ${power} takes ${users} users.`,
        numbers: [
          [users, `users that the difference of ${name} to ${base} needs on ${place}, normal approximation`],
          [power, 'power, as the plan says it'],
        ],
      },
    ];
  });
  return [...equivalent, ...needed];
}

function versionSentences({ version, otherVersions }: MethodFacts): Sentence[] {
  const others = [...Map.groupBy(otherVersions, (run) => run.version)].map(
    ([other, runs]) => `${runs.map(({ name }) => name).join(', ')} with ${other}`,
  );
  const rest = others.length === 0 ? '' : ` (${others.join('; ')})`;
  return [{ text: `All was trained and measured with Tessera ${version}${rest}.`, numbers: [] }];
}
