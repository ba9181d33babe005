import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { codeChecks } from './tables/codes.ts';
import { dlrmCheck } from './tables/dlrm.ts';
import { llamaCheck } from './tables/llama.ts';
import { nextItemChecks } from './tables/next-item.ts';
import { checkRanking } from './tables/ranking.ts';
import { recboleChecks } from './tables/recbole.ts';
import { rqvaeCheck } from './tables/rqvae.ts';
import { checkStatistics } from './tables/statistics.ts';
import { type FixtureCheck, Golden, type GoldenResult } from './tensor-compare.ts';

/** By the model that a fixture names. */
const checks: Record<string, FixtureCheck> = {
  ...nextItemChecks,
  ...recboleChecks,
  ...codeChecks,
  llama: llamaCheck,
  rqvae: rqvaeCheck,
  dlrm: dlrmCheck,
  eval: checkRanking,
  stats: checkStatistics,
};

/** Runs our code on a numeric fixture. Throws UserError where it is none. */
export async function checkFixture(fixture: unknown): Promise<GoldenResult> {
  const named = z.object({ model: z.string() }).safeParse(fixture);
  if (!named.success) throw new UserError('no numeric fixture: it names no model');
  const { model } = named.data;
  const known = Object.keys(checks).sort().join(', ');
  if (!checks[model]) throw new UserError(`no check for fixtures of "${model}"; known: ${known}`);
  const golden = new Golden(model, fixture);
  await checks[model](golden);
  return golden.result();
}

/** The same of a file. */
export async function checkGolden(path: string): Promise<{ file: string } & GoldenResult> {
  const fixture = await readJson(path);
  try {
    return { file: path, ...(await checkFixture(fixture)) };
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${path}: ${error.message}`);
    throw new UserError(`${path}: cannot be run: ${reasonOf(error)}`);
  }
}

/** Why a fixture whose form is right could not be run: a config no model can have, or ids out of range. */
function reasonOf(error: unknown): string {
  return error instanceof z.ZodError
    ? error.issues.map(({ message }) => message).join('; ')
    : messageOf(error);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing)
      throw new UserError(`${path}: no such file; name a fixture such as test/golden/sasrec-a.json`);
    throw new UserError(`${path}: cannot be read as JSON: ${messageOf(error)}`);
  }
}
