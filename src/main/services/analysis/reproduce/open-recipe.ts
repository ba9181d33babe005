/** What a user names to be made again: runs of this home, a report, or a bundle. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../../core/errors.ts';
import { parseJson } from '../../../../core/files/json.ts';
import { requireReadable } from '../../../../core/files/readable.ts';
import { withCommas } from '../../../../core/names.ts';
import { isBundle, readBundle } from '../../../../core/reproduce/bundle-file.ts';
import { parseRecipe, type Recipe, recipeIn } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import { recipeOf } from './recipe-of-runs.ts';

/** Far more than a report of a thousand runs. */
const MAX_REPORT_BYTES = 256 * 2 ** 20;

/** Throws UserError for what is none of them, and where nothing in it can be trained. */
export function openRecipe(store: Store, reference: string): Recipe {
  const recipe = recipeAt(reference) ?? recipeOf(store, [store.runs.find(reference)]);
  if (recipe.rows.length > 0) return recipe;
  const [other] = recipe.others;
  const why = other ? `; ${other.name}: ${other.reason}` : '';
  throw new UserError(`${reference}: has no run that can be trained again${why}`);
}

/** The recipe of a file or of a report in a folder; null where there is none of that name. */
function recipeAt(reference: string): Recipe | null {
  const stats = statSync(reference, { throwIfNoEntry: false });
  const page = stats?.isDirectory() ? join(reference, 'index.html') : reference;
  if (!stats || !existsSync(page)) return null;
  if (isBundle(page) || isPage(page)) requireReadable([page]);
  if (isBundle(page)) return readBundle(page).recipe;
  // A run may have the name of a file that is something else.
  return isPage(page) ? recipeOfPage(page) : null;
}

function isPage(path: string): boolean {
  if (!statSync(path).isFile()) return false;
  const start = Buffer.alloc(64);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return /^\s*<!doctype html/i.test(start.toString('latin1'));
}

function recipeOfPage(path: string): Recipe {
  const { size } = statSync(path);
  if (size > MAX_REPORT_BYTES)
    throw new UserError(`${path}: too large for a report (${withCommas(size)} bytes)`);
  const text = recipeIn(readFileSync(path, 'utf8'));
  if (text === null)
    throw new UserError(
      `${path}: does not say what makes its runs again; write the report anew with this version of Tessera`,
    );
  return parseRecipe(parseJson(text), path);
}
