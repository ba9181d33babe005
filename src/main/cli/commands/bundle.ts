import { basename, extname } from 'node:path';
import { UserError } from '../../../core/errors.ts';
import { countText, shellQuote } from '../../../core/names.ts';
import type { SavedComparison } from '../../../core/store/home/comparisons.ts';
import type { Store } from '../../../core/store/store.ts';
import { program } from '../../data-folder/command-line.ts';
import type { BundleProgress, BundleRequest } from '../../services/analysis/reproduce/write-bundle.ts';
import type { CliCommand } from '../command.ts';
import { withStore } from '../context.ts';
import { cancellable } from '../terminal/cancellable.ts';

interface BundleOptions {
  out: string;
  title?: string;
  lists: boolean;
}

/** `bundle WHAT...`: runs, or a saved comparison, as one archive. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('bundle <what...>')
    .summary('write runs, or a saved comparison, as one archive without the data')
    .description(
      'Writes what others need to check a table and to make it again: report and figures, plan, settings, what is held out, ranks of all users, recommended items, ' +
        'versions and environment. The data stay out: "reproduce" asks for them by their hashes. "runs import" opens a bundle in another home.',
    )
    .out('file', 'the archive, whose name ends in .zip', { required: true })
    .option('--title <text>', 'what it is called (default: the comparison, else the file)')
    .option('--no-lists', 'without the items that were recommended to each user, which are most of it')
    .examples(
      'tessera bundle "Table 2" --out table2.zip',
      'tessera bundle 4kc 4kd 4ke --out paper.zip --title "HSTU or SASRec"',
      'tessera reproduce paper.zip --data ratings.csv',
      'tessera runs import paper.zip',
    )
    .answer((context, references: string[], { out, title, lists }: BundleOptions) =>
      withStore(context, async (store) => {
        if (!/\.zip$/i.test(out)) throw new UserError(`${out}: a bundle is a zip; let its name end in .zip`);
        const { writeBundle } = await import('../../services/analysis/reproduce/write-bundle.ts');
        const chosen = await requestOf(store, references);
        const called = title?.trim() || chosen.title || basename(out, extname(out));
        const request = { ...chosen, title: called, hasLists: lists, path: out };
        const watched = {
          progress: ({ doing }: BundleProgress) => `Writing ${doing}`,
          cancelled: 'cancelled; nothing was written',
        };
        const { members, left, recipe, checks } = await cancellable(context, watched, (work) =>
          writeBundle(store, request, work),
        );
        const text = [
          `Wrote ${out}: ${countText(recipe.rows.length + recipe.others.length, 'run')} in ${countText(members.length, 'file')}.`,
          ...left.map((one) => `Not in it: ${one}.`),
          ...checks.map(
            ({ what, detail, isGood }) => `${isGood ? 'Checked' : 'Look at this'}: ${what}, ${detail}.`,
          ),
          ...(recipe.rows.length > 0
            ? [`Made again with: ${program()} reproduce ${shellQuote(out)} --data FILES`]
            : []),
        ];
        return [{ file: out, title: called, runs: recipe.rows, members, left, checks }, text.join('\n')];
      }),
    );
}

/** Runs that were named, and of a saved comparison how it is looked at. Throws UserError for what is neither. */
async function requestOf(
  store: Store,
  references: readonly string[],
): Promise<Omit<BundleRequest, 'hasLists'>> {
  const all = store.comparisons.list();
  const named = references.map((reference) =>
    all.find(({ id, name }) => id === reference || name === reference),
  );
  const [comparison] = named;
  const runs = references.flatMap((reference, at) =>
    named[at] ? runsOf(store, named[at]) : [store.runs.find(reference)],
  );
  if (references.length > 1 || !comparison)
    return { title: '', runs: [...new Map(runs.map((run) => [run.id, run])).values()] };
  const { name: title, notes, metrics, labels } = comparison;
  const { shownBaseline } = await import('../../services/analysis/comparisons.ts');
  const baseline = shownBaseline(store, { runs: runs.map(({ id }) => id), baseline: comparison.baseline });
  return { title, notes, baseline, metrics, labels, runs };
}

function runsOf(store: Store, { name, runs }: SavedComparison) {
  const found = store.runs.named(runs.filter((id) => store.runs.exists(id)));
  if (found.length > 0) return found;
  throw new UserError(`the comparison ${JSON.stringify(name)} has no run that is still there`);
}
