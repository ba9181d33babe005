/**
 * What the tables of a plan take without it: every command of the program, and what is read, chosen and typed besides.
 *
 *   node bench/plan/by-hand.ts PLAN.yaml           # its commands, and how many there are
 *   node bench/plan/by-hand.ts PLAN.yaml TABLES    # with what stands in the tables that "plan run" has written there
 *
 * A command names what nobody knows before in capitals: the best of a sweep, a tokeniser's run.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellQuote } from '../../src/core/names.ts';
import {
  baselineOf,
  blocksOf,
  type PlannedBlock,
  type PlannedRow,
} from '../../src/core/plans/expand-plan.ts';
import { areFiles, type Plan } from '../../src/core/plans/plan-schema.ts';
import { dataName, readPlan } from '../../src/core/plans/read-plan.ts';
import { seedsText } from '../../src/core/seeds.ts';

interface ByHand {
  commands: string[];
  runs: number;
  /** Names of runs that are looked up and typed. */
  names: number;
  /** Rows that are tested against the baseline, over metrics and blocks. */
  tests: number;
}

export function byHand(plan: Plan): ByHand {
  const blocks = blocksOf(plan);
  const imports = plan.tables.flatMap(({ data }) =>
    typeof data !== 'string' && areFiles(data)
      ? [`tessera datasets import ${data.files.map(shellQuote).join(' ')} --name ${shellQuote(data.name)}`]
      : [],
  );
  const results = plan.results.map(
    ({ file, program, model, seed, split, data = dataName(plan.tables[0]) }) =>
      `tessera results import ${shellQuote(file)} --dataset ${shellQuote(data)} --program ${shellQuote(program)}` +
      `${model ? ` --model ${shellQuote(model)}` : ''}${seed === null ? '' : ` --seed ${seed}`}${setWords(split?.settings ?? {})}`,
  );
  const trained = blocks.flatMap((block) => block.rows.map((row) => trainedRow(plan, block, row)));
  const sum = (of: (one: ByHand) => number) => trained.reduce((total, one) => total + of(one), 0);
  const compared = sum(({ names }) => names) + results.length;
  const all = blocks.flatMap((block) => block.rows);
  const tuned = all.filter((row) => row.tuned && row.seeds.length > 1);
  const base = baselineOf(plan);
  const rows = blocks.map(({ rows: own }) => own.length - (base === null ? own.length : 1));
  return {
    commands: [
      ...new Set(imports),
      ...trained.flatMap(({ commands }) => commands),
      ...results,
      `tessera compare RUN... (${compared} of them) --baseline RUN --metrics ${plan.metrics.join(',')} --slices --columns trials --format latex --style ${plan.paper.style} --out tables.tex`,
    ],
    runs: sum(({ runs }) => runs),
    names: compared + 1 + all.flatMap(({ sources }) => sources).length + tuned.length,
    tests: (rows.reduce((total, one) => total + one, 0) + results.length) * plan.metrics.length,
  };
}

/** Seeds of one row are one command, but for those of the best trial, of which one is trained already. */
function trainedRow(plan: Plan, { table }: PlannedBlock, row: PlannedRow): ByHand {
  const dataset = shellQuote(dataName(plan.tables[table]));
  const { model, preset, overrides, seeds, sources, tuned } = row;
  const train = (of: string, words: string) =>
    `tessera train --dataset ${dataset} --model ${of}${preset && of === model ? ` --preset ${preset}` : ''}${words}`;
  const split = Object.fromEntries(
    Object.entries(overrides).filter(([key]) => ['split', 'testShare'].includes(key)),
  );
  const builtOn = sources.map(({ model: of, preset: its, seed }) =>
    train(of, `${its ? ` --preset ${its}` : ''}${setWords(split)} --seed ${seed}`),
  );
  const given = setWords(overrides) + sources.map(({ key }) => ` --set ${key}=RUN`).join('');
  const rest = { names: seeds.length, tests: 0 };
  if (!tuned)
    return {
      ...rest,
      commands: [...builtOn, train(model, `${given} --seed ${seedsText(seeds)}`)],
      runs: builtOn.length + seeds.length,
    };
  const trials = tuned.trials ?? plan.search.trials;
  const vary = tuned.vary
    .map(({ key, values }) => ` --vary ${key}=${values.replaceAll(/^\[|\]$/g, '')}`)
    .join('');
  const [first, ...others] = seeds;
  const best = others.length > 0 ? [`tessera train --like BEST --seed ${seedsText(others)}`] : [];
  const sweep = train(model, `${given}${vary} --trials ${trials} --seeds ${first}`).replace(
    ' train ',
    ' sweep run ',
  );
  return {
    ...rest,
    commands: [...builtOn, sweep, ...best],
    runs: builtOn.length + trials + others.length,
  };
}

const setWords = (settings: Readonly<Record<string, unknown>>): string =>
  Object.entries(settings)
    .map(
      ([key, value]) =>
        ` --set ${shellQuote(`${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)}`,
    )
    .join('');

/** Numbers that stand in the tables, and those of the paragraph of methods, each of which its source explains. */
function standing(folder: string): { cells: number; spreads: number; explained: number } {
  const lines = readFileSync(join(folder, 'tables.csv'), 'utf8').split('\r\n');
  const cells = lines.flatMap((line) => line.match(/(?<=,)-?\d+(\.\d+)?(?=,|$)/g) ?? []).length;
  const latex = readFileSync(join(folder, 'tables.tex'), 'utf8');
  const [, prose = ''] = latex.split('\\paragraph{Evaluation}');
  return {
    cells,
    spreads: latex.split('\\scriptsize$\\pm$').length - 1,
    explained: prose.split('\n').filter((line) => /^% .+: /.test(line)).length,
  };
}

if (import.meta.main) {
  const [file, folder] = process.argv.slice(2);
  const { commands, ...counts } = byHand(readPlan(readFileSync(file, 'utf8'), file).plan);
  console.log(commands.join('\n'));
  console.log(JSON.stringify({ commands: commands.length, ...counts, ...(folder ? standing(folder) : {}) }));
}
