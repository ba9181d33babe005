/** Results of other programs in a plan: measured once, and found again by the hash of their file. */
import { parseImportInput } from '../../../../core/data/import/request.ts';
import { readSplit, splitFields } from '../../../../core/data/splits/index.ts';
import { messageOf, UserError } from '../../../../core/errors.ts';
import { canonicalJson } from '../../../../core/evaluation/protocol.ts';
import { pathFrom } from '../../../../core/files/absolute-paths.ts';
import { requireReadable } from '../../../../core/files/readable.ts';
import { sha256 } from '../../../../core/files/sha256.ts';
import {
  askedReading,
  type ResultImport,
  resultImportSchema,
} from '../../../../core/foreign/results/request.ts';
import type { PlanResult } from '../../../../core/plans/plan-schema.ts';
import { dataName } from '../../../../core/plans/read-plan.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { ExternalRun } from '../../../../core/store/types.ts';
import { importResults } from '../results.ts';
import type { PlanFile, ResolvedBlock } from './plan-rows.ts';

export interface ResultState {
  /** Index into the results of the plan. */
  entry: number;
  name: string | null;
  /** Those that it became, by seed or model in the file; none while it is to be measured. */
  runs: ExternalRun[];
  /** Index into the blocks; null where it stands in none of them. */
  block: number | null;
  problem: string | null;
}

/** Every result with its runs; `folder`: that of the plan. With `imports`, those that there are not are measured and kept. */
export async function planResults(
  store: Store,
  { plan, file, lineOf }: PlanFile,
  blocks: readonly ResolvedBlock[],
  { folder, imports = false }: { folder: string; imports?: boolean },
): Promise<ResultState[]> {
  const found: ResultState[] = [];
  for (const [entry, result] of plan.results.entries()) {
    const own = blocks.filter(
      ({ table }) => dataName(plan.tables[table]) === (result.data ?? dataName(plan.tables[0])),
    );
    const [block] = own;
    const state = { entry, name: result.name ?? null, runs: [], block: null, problem: null };
    if (!block) {
      found.push(state);
      continue;
    }
    try {
      requireReadable([result.file, result.manifest ?? '.'].map((path) => pathFrom(folder, path)));
      const { split } = result;
      if (split && !own.some(({ held }) => held.split === split.settings.split))
        throw strayResult(result, own);
      const known = await knownRuns(store, result, block, folder);
      const runs = known.length === 0 && imports ? await imported(store, result, block, folder) : known;
      const placed = blockOf(runs, result, own, blocks);
      if (placed === null && runs.length > 0) throw strayResult(result, own);
      found.push({ ...state, runs, block: placed });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const place = `${file}:${lineOf(['results', entry])}: `;
      found.push({ ...state, problem: place + messageOf(error) });
    }
  }
  return found;
}

async function knownRuns(store: Store, result: PlanResult, { dataset }: ResolvedBlock, folder: string) {
  let hash: string;
  try {
    hash = await sha256(pathFrom(folder, result.file));
  } catch (error) {
    throw new UserError(`${result.file}: cannot be read: ${messageOf(error)}`);
  }
  const program = result.program;
  const request = requestOf(result, dataset, folder);
  return store.foreign
    .ofFile(hash, dataset)
    .filter((run) => run.program === program && (result.model === null || run.model === result.model))
    .filter((run) => typeof result.seed !== 'number' || run.seed === result.seed)
    .filter((run) => isReadSo(run, request));
}

/** Whether a file was read as the plan tells it now; of what an earlier version has read nobody knows. */
function isReadSo({ result: { asked }, protocol }: ExternalRun, request: ResultImport): boolean {
  if (!asked) return true;
  const { held: wanted = {}, ...told } = askedReading(request);
  // How sampled candidates were drawn no plan says.
  const { held = {}, negatives: _, ...read } = asked;
  if (canonicalJson(told) !== canonicalJson(read)) return false;
  // What is held out a manifest may have shown, or whoever measured it first may have said.
  const split = protocol && 'candidates' in protocol ? readSplit(protocol.split).split : undefined;
  const known: Record<string, unknown> = { split, ...held };
  const isTold = (key: string) => key in wanted || Object.hasOwn(splitFields, key);
  return (
    Object.keys(held).every(isTold) &&
    Object.entries(wanted).every(([key, value]) => canonicalJson(known[key]) === canonicalJson(value))
  );
}

async function imported(store: Store, result: PlanResult, { dataset }: ResolvedBlock, folder: string) {
  return (await importResults(store, requestOf(result, dataset, folder))).runs;
}

function requestOf(result: PlanResult, dataset: ResolvedBlock['dataset'], folder: string): ResultImport {
  const { file, name: _, data: __, split, set, manifest, ...given } = result;
  return parseImportInput(resultImportSchema, {
    ...given,
    path: pathFrom(folder, file),
    manifest: manifest && pathFrom(folder, manifest),
    dataset: dataset.id,
    held: { ...split?.settings, ...set },
  });
}

/** A result of a split that no table has would stand nowhere. */
function strayResult({ file }: PlanResult, own: readonly ResolvedBlock[]): UserError {
  const splits = [...new Set(own.map(({ title }) => title))].join(', ');
  return new UserError(
    `${file} is of a split that no table of ${own[0].dataset.name} has; there are ${splits}: add its split to the table, or leave the result out`,
  );
}

/** The block whose split it is of: as the plan says, else as its protocol does. */
function blockOf(
  [run]: readonly ExternalRun[],
  { split }: PlanResult,
  own: readonly ResolvedBlock[],
  blocks: readonly ResolvedBlock[],
): number | null {
  const stated = run?.protocol && 'candidates' in run.protocol ? readSplit(run.protocol.split).split : null;
  const named = split && own.find(({ held }) => canonicalJson(held) === canonicalJson(split.settings));
  const found = named ?? own.find(({ held }) => held.split === stated);
  return found ? blocks.indexOf(found) : null;
}
