/** The plan in a bundle: the table of whoever wrote it, which knows data sets by their fingerprints. */
import { UserError } from '../../../../core/errors.ts';
import { requireReadable } from '../../../../core/files/readable.ts';
import { bundleMembers, isBundle, readBundle } from '../../../../core/reproduce/bundle-file.ts';

export const BUNDLED_PLAN = 'plan.yaml';

/** Its text. Throws UserError for a file that is no whole bundle, and for a bundle without a plan. */
export function planOfBundle({ path }: { path: string }): string {
  requireReadable([path]);
  if (!isBundle(path)) throw new UserError(`${path}: is no bundle of Tessera`);
  const { left } = readBundle(path);
  const { [BUNDLED_PLAN]: plan } = bundleMembers(path, (name) => name === BUNDLED_PLAN);
  if (plan) return Buffer.from(plan).toString('utf8');
  const why = left.find((line) => line.startsWith('a plan: '))?.slice('a plan'.length) ?? '';
  throw new UserError(`${path}: has no plan${why}`);
}
