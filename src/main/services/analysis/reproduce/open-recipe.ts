/** What a user names to be made again: runs of this home, a report, or a bundle. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../../core/errors.ts';
import { parseJson } from '../../../../core/files/json.ts';
import { requireReadable } from '../../../../core/files/readable.ts';
import { someNames, withCommas } from '../../../../core/names.ts';
import { isBundle, readBundle } from '../../../../core/reproduce/bundle-file.ts';
import { parseRecipe, type Recipe, recipeIn } from '../../../../core/reproduce/recipe.ts';
import type { Store } from '../../../../core/store/store.ts';
import { namedSources } from '../../../../core/training/sources.ts';
import { recipeOf } from './recipe-of-runs.ts';

/** Far more than a report of a thousand runs. */
const MAX_REPORT_BYTES = 256 * 2 ** 20;

/**
 * `only`: names or ids of some of its runs. Throws UserError for what is none of them, for a run that is not in it, and where nothing in it can be
 * trained.
 */
export function openRecipe(store: Store, reference: string, only?: readonly string[]): Recipe {
  const found = recipeAt(reference) ?? recipeOf(store, [store.runs.find(reference)]);
  const recipe = requireRows(found, reference);
  return only ? someOf(recipe, only, reference) : recipe;
}

/** A recipe with runs to be trained. Throws UserError for one without, which says why. */
export function requireRows(recipe: Recipe, where: string): Recipe {
  if (recipe.rows.length > 0) return recipe;
  const [other] = recipe.others;
  const why = other ? `; ${other.name}: ${other.reason}` : '';
  throw new UserError(`${where}: has no run that can be trained again${why}`);
}

/** The recipe of a report or a bundle. Throws UserError for a file that is neither. */
export function recipeOfFile(path: string): Recipe {
  const recipe = recipeAt(path);
  if (recipe !== null) return recipe;
  throw new UserError(`${path}: is no report and no bundle of Tessera`);
}

function someOf(recipe: Recipe, only: readonly string[], where: string): Recipe {
  const rows = recipe.runs.filter(({ id }) => recipe.rows.includes(id));
  const chosen = only.flatMap((wanted) => {
    const found = rows.filter(({ id, name }) => id === wanted || name === wanted);
    if (found.length > 0) return found;
    const names = someNames(rows.map(({ name }) => name));
    throw new UserError(`${where}: has no run ${JSON.stringify(wanted)}; there are ${names}`);
  });
  const needed = new Set(chosen.map(({ id }) => id));
  for (const { id, config } of recipe.runs.toReversed())
    if (needed.has(id)) for (const [, source] of namedSources(config)) needed.add(source);
  const runs = recipe.runs.filter(({ id }) => needed.has(id));
  const datasets = recipe.datasets.filter(({ fingerprint }) =>
    runs.some(({ dataset }) => dataset === fingerprint),
  );
  return { ...recipe, runs, datasets, rows: chosen.map(({ id }) => id), others: [] };
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
