/** What the rows of a comparison are made again from: data by their hashes, versions, files of other programs, and commands. */
import { UNKNOWN_FACTS } from '../../../foreign/results/unknown.ts';
import { countText } from '../../../names.ts';
import { processorNames } from '../../../processor-kinds.ts';
import type { RecipeDataset } from '../../../reproduce/recipe.ts';
import type { ResultFacts } from '../../../store/types.ts';
import { type Fact, orderFacts } from '../../dataset-facts.ts';
import type { DocumentSection } from '../../document.ts';
import { grouped } from '../../format.ts';
import { provenance } from '../../result-words.ts';
import type { ComparedRun, Comparison, ComparisonRow } from '../../types.ts';

const UNKNOWN = 'not recorded';
/** Files of a data set that are named; all are in the recipe of a page. */
const MOST_FILES = 6;

export function reproductionSection(comparison: Comparison): DocumentSection[] {
  const { rows, reproduction } = comparison;
  if (!reproduction) return [];
  const { datasets, commands, left } = reproduction;
  const own = rows.filter(({ runs: [run] }) => !run.program);
  const facts = [
    ...datasets.flatMap((dataset) => datasetFacts(dataset, datasets.length > 1)),
    ...sharedFacts('Versions', own, versionsText),
    ...sharedFacts('Computed on', own, machineText),
    ...own.flatMap(({ runs }) => runs.flatMap(({ protocol }) => protocol?.plugins ?? [])).map(pluginFact),
    ...rows.filter((row) => !own.includes(row)).flatMap(foreignFacts),
    ...left.map(({ run, reason }): Fact => [labelOf(comparison, run), `not trained again: ${reason}`]),
  ];
  return [
    {
      title: 'Reproduction',
      part: 'reproduction',
      blocks: [{ facts: [...new Map(facts.map((fact) => [fact.join(), fact])).values()] }],
      commands: [...commands, compareCommand(comparison)],
    },
  ];
}

/** As its row is called everywhere in the report, with its seed where that has several. */
function labelOf({ rows }: Comparison, id: string): string {
  for (const { name, runs } of rows) {
    const run = runs.find((one) => one.id === id);
    if (run) return runs.length > 1 ? `${name}, seed ${run.seed}` : name;
  }
  return id;
}

function datasetFacts({ name, files, options, fingerprint }: RecipeDataset, isOneOfSeveral: boolean): Fact[] {
  const of = isOneOfSeveral ? ` of ${name}` : '';
  const listed = (files ?? []).slice(0, MOST_FILES);
  const more = (files?.length ?? 0) - listed.length;
  return [
    ...(files === null ? [[`Files${of}`, UNKNOWN] as const] : []),
    ...listed.map((file): Fact => [file.name, `SHA-256 ${file.sha256}`]),
    ...(more > 0 ? [[`Files${of}`, `and ${grouped(more)} more`] as const] : []),
    [
      `Import${of}`,
      `${options === null ? UNKNOWN : importText(options)}; fingerprint ${fingerprint.slice(0, 12)}`,
    ],
  ];
}

/** Filters and order of a log of interactions, and which column is what. */
function importText(options: Readonly<Record<string, unknown>>): string {
  const roles = Object.entries((options.roles ?? {}) as Record<string, unknown>);
  const columns = roles.map(([role, column]) => `${role} = ${column}`).join(', ');
  return [
    ...(options.columns === undefined ? orderFacts(options) : []).map(
      ([name, value]) => `${name.toLowerCase()}: ${value}`,
    ),
    ...(columns === '' ? [] : [`columns: ${columns}`]),
    ...(options.skipBadRows === true ? ['unreadable rows left out'] : []),
  ].join('; ');
}

/** A line for all rows, or where they differ one for most of them, and the others named. */
function sharedFacts(
  title: string,
  rows: readonly ComparisonRow[],
  textOf: (run: ComparedRun) => string,
): Fact[] {
  const all = rows.flatMap(({ name, runs }) => runs.map((run) => ({ name, text: textOf(run) })));
  const groups = [...Map.groupBy(all, ({ text }) => text)].toSorted(([, a], [, b]) => b.length - a.length);
  return groups.map(([text, of], at) => [
    title,
    at === 0 ? text : `${text} (${[...new Set(of.map(({ name }) => name))].join('; ')})`,
  ]);
}

function versionsText({ versions = [], environment }: ComparedRun): string {
  const { node, onnxruntime, tfjs } = environment ?? {};
  return [
    `Tessera ${versions.join(', then ') || UNKNOWN}`,
    `Node ${node ? String(node).replace(/^v/, '') : UNKNOWN}`,
    `ONNX Runtime ${onnxruntime ?? UNKNOWN}`,
    `TensorFlow.js ${tfjs ?? UNKNOWN}`,
  ].join(', ');
}

function machineText({ device, environment, processors = [] }: ComparedRun): string {
  const { threads, platform } = environment ?? {};
  return [
    device ?? UNKNOWN,
    ...(threads === undefined ? [] : [`${threads} ${threads === 1 ? 'thread' : 'threads'}`]),
    processorNames(processors).join(', then ') || `processor ${UNKNOWN}`,
    ...(platform === undefined ? [] : [String(platform)]),
  ].join(', ');
}

/** As a protocol names it: the file and its hash. */
function pluginFact(plugin: string): Fact {
  const [file, hash] = plugin.split(/ (?=[0-9a-f]+$)/);
  return [`Plug-in ${file}`, `SHA-256 ${hash}`];
}

/** Of each run of another program the file that it was read from, and what is known of how its lists came about. */
function foreignFacts({ name, runs }: ComparisonRow): Fact[] {
  return runs.map(({ program, model, seed, result }) => {
    const made = `${model} of ${program}${seed == null ? '' : `, seed ${seed}`}`;
    if (!result) return [name, `${made}: as it reports, nothing was measured here`];
    const { file, sha256, unknown = [] } = result;
    const [[split, checked]] = provenance(result);
    const missing = unknown.filter((fact) => fact !== 'split').map((fact) => UNKNOWN_FACTS[fact]);
    return [
      name,
      [
        `${file}, SHA-256 ${sha256 ?? UNKNOWN}`,
        `${listsText(result)} by ${made}`,
        `${split.toLowerCase()} ${checked}`,
        ...(missing.length > 0 ? [`${UNKNOWN}: ${missing.join(', ')}`] : []),
      ].join('; '),
    ];
  });
}

function listsText({ listLength, sampled }: ResultFacts): string {
  if (sampled !== undefined) return `scores of ${grouped(sampled)} sampled candidates`;
  return listLength === null ? 'scores of all candidates' : `lists of ${countText(listLength, 'item')}`;
}

/** What repeats the comparison in a terminal where its runs are. */
function compareCommand({ rows, columns, baseline, reproduction }: Comparison): string {
  const named = ({ id }: ComparedRun) => reproduction?.references[id] ?? id;
  const from = baseline === null ? '' : ` --baseline ${named(rows[baseline].runs[0])}`;
  const metrics = columns.map(({ name }) => name.replace(/^test\//, '')).join(',');
  return `tessera compare ${rows.flatMap(({ runs }) => runs.map(named)).join(' ')}${from} --metrics ${metrics}`;
}
