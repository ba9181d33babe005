/** A bundle of compared runs for the window: looked at first, and then written into a folder. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleLook, BundleRequest, SavedBundle } from '../../../../core/api/reproduce.ts';
import { slug } from '../../../../core/data/import/staging.ts';
import { freeName } from '../../../../core/names.ts';
import type { Store } from '../../../../core/store/store.ts';
import type { WorkContext } from '../../../workers/progress.ts';
import { shownBaseline } from '../comparisons.ts';
import { exportFolder } from '../export-folder.ts';
import { type BundleProgress, writeBundle } from './write-bundle.ts';

/** As the window shows them, which takes a baseline where none is chosen. */
const requestOf = (store: Store, { runs, text: notes, ...request }: BundleRequest) => ({
  ...request,
  notes,
  runs: store.runs.named(runs),
  baseline: shownBaseline(store, { runs, baseline: request.baseline }),
});

/** What a bundle would hold, with every look at it; nothing is kept of it. Throws UserError where no run has results. */
export async function lookAtBundle(
  store: Store,
  request: BundleRequest,
  context: WorkContext<BundleProgress>,
): Promise<BundleLook> {
  const { members, left, checks, bytes, recipe } = await writeBundle(
    store,
    { ...requestOf(store, request), path: null },
    context,
  );
  const sizes = members.map((member) => ({ name: member.name, bytes: member.bytes }));
  return { members: sizes, left, checks, bytes, runs: recipe.rows.length + recipe.others.length };
}

/** Writes it beside what is in a folder, or into a new one in the data folder for "". Throws UserError where it cannot be written. */
export async function saveBundle(
  store: Store,
  { folder: asked, ...request }: BundleRequest & { folder: string },
  context: WorkContext<BundleProgress>,
): Promise<SavedBundle> {
  const name = slug(request.title);
  const folder = exportFolder(store, asked, `${name}-bundle`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = `${freeName(join(folder, name), (one) => existsSync(`${one}.zip`))}.zip`;
  const { bytes } = await writeBundle(store, { ...requestOf(store, request), path }, context);
  return { file: path, bytes };
}
