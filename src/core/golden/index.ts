import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { checkBpr } from './bpr.ts';
import { causalChecks } from './causal-fixtures.ts';
import { checkDlrm } from './dlrm.ts';
import { checkEval, checkStats } from './evaluation.ts';
import { checkLiger } from './liger.ts';
import { checkLlama } from './llama.ts';
import { recurrentChecks } from './recurrent.ts';
import { checkRpg } from './rpg.ts';
import { checkRqVae } from './rqvae.ts';
import { checkT5 } from './t5.ts';
import type { FixtureCheck, GoldenResult } from './tensor-compare.ts';

/** By the model that a fixture names. */
const checks: Record<string, FixtureCheck> = {
  ...causalChecks,
  ...recurrentChecks,
  bpr: checkBpr,
  dlrm: checkDlrm,
  eval: checkEval,
  liger: checkLiger,
  llama: checkLlama,
  rpg: checkRpg,
  rqvae: checkRqVae,
  stats: checkStats,
  t5: checkT5,
};

/** Runs our code on a numeric fixture and says how far it is from the reference. */
export async function checkGolden(
  path: string,
): Promise<{ file: string } & Pick<GoldenResult, 'model' | 'pass' | 'maxError' | 'errors'>> {
  const fixture = await readJson(path);
  const named = z.object({ model: z.string() }).safeParse(fixture);
  if (!named.success) throw new UserError(`${path}: no numeric fixture: it names no model`);
  const check = checks[named.data.model];
  if (!check) {
    const known = Object.keys(checks).sort().join(', ');
    throw new UserError(`${path}: no check for fixtures of "${named.data.model}"; known: ${known}`);
  }
  try {
    return { file: path, ...(await check(fixture)) };
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
