import { UserError } from '../../../core/errors.ts';
import { countText } from '../../../core/names.ts';
import {
  KEPT_KINDS,
  type KeptKind,
  prune,
  type SpareCheckpoints,
  spareCheckpoints,
} from '../../../core/store/runs/prune-checkpoints.ts';
import type { Store } from '../../../core/store/store.ts';
import type { CliCommand } from '../command.ts';
import type { Answer } from '../context.ts';
import { textTable } from '../terminal/text-table.ts';

interface PruneOptions {
  keep: KeptKind[];
  olderThan: number;
  dryRun?: boolean;
  yes?: boolean;
}

const NONE = 'none';
const DAY_MS = 24 * 3_600_000;

/** `checkpoints prune`: by a rule, of runs that have completed. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('checkpoints')
    .summary('delete checkpoints that nobody needs any more')
    .description('What runs keep of their models on the disk.')
    .helpCommand(false);
  group
    .command('prune [run...]')
    .description(
      'Deletes checkpoints of runs that have completed, of all or of those that are named, by a rule. Without --yes it only says which: what is deleted cannot be restored. ' +
        'Runs that may be resumed, and those that another run starts from, rests on or measures, keep all. Results, curves and ranks stay.',
    )
    .option(
      '--keep <kinds>',
      `what each run keeps: ${KEPT_KINDS.join(', ')} or ${NONE}; best is the one that was tested, last the newest to train on from`,
      kept,
      ['best'],
    )
    .option('--older-than <days>', 'only runs that ended so many days ago, such as 30d', days, 0)
    .option('--dry-run', 'only say what would be deleted, as without --yes')
    .option('--yes', 'delete')
    .examples(
      'tessera checkpoints prune --older-than 30d',
      'tessera checkpoints prune --keep best,last --older-than 30d --yes',
      'tessera checkpoints prune sasrec-films-seed1 --keep none --yes',
    )
    .ask(pruned);
}

function kept(text: string): KeptKind[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.length === 1 && words[0] === NONE) return [];
  const wrong = words.find((word) => !(KEPT_KINDS as readonly string[]).includes(word));
  if (wrong === undefined) return words as KeptKind[];
  throw new UserError(`--keep: "${wrong}" is none of ${KEPT_KINDS.join(', ')}, or ${NONE} alone`);
}

function days(text: string): number {
  const [, number] = /^(\d{1,6})\s*d?$/.exec(text.trim()) ?? [];
  if (number === undefined) throw new UserError(`--older-than: "${text}" is not a number of days; write 30d`);
  return Number(number);
}

function pruned(store: Store, references: string[], { keep, olderThan, dryRun, yes }: PruneOptions): Answer {
  if (dryRun && yes) throw new UserError('--dry-run and --yes conflict: leave one out');
  const rule = { keep, endedBefore: Date.now() - olderThan * DAY_MS };
  const named = references.map((reference) => store.runs.find(reference));
  const runs = references.length > 0 ? named : store.runs.newest(Number.MAX_SAFE_INTEGER, { metrics: [] });
  const found = spareCheckpoints(store, runs, rule);
  if (yes) store.requireWritable();
  const chosen = yes ? prune(store, found, rule) : found;
  const bytes = chosen.reduce((sum, { checkpoints }) => sum + sizeOf(checkpoints), 0);
  return [{ deleted: yes ?? false, bytes, runs: chosen }, prunedText(chosen, bytes, yes ?? false)];
}

const sizeOf = (checkpoints: SpareCheckpoints['checkpoints']) =>
  checkpoints.reduce((sum, one) => sum + one.bytes, 0);
const sizeText = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

function prunedText(chosen: readonly SpareCheckpoints[], bytes: number, isDone: boolean): string {
  if (chosen.length === 0) return 'Nothing to delete by this rule.';
  const lines = chosen.map(({ run, checkpoints }) => [
    ...[run.name, run.id, checkpoints.map(({ kind }) => kind).join(', '), sizeText(sizeOf(checkpoints))],
  ]);
  const count = chosen.reduce((sum, { checkpoints }) => sum + checkpoints.length, 0);
  const what = `${countText(count, 'checkpoint')} of ${countText(chosen.length, 'run')}, ${sizeText(bytes)}`;
  return [
    textTable(['Run', 'Id', 'Checkpoints', 'Size'], lines, ['Size']),
    '',
    isDone ? `Deleted ${what}.` : `Would delete ${what}. Nothing is deleted without --yes.`,
  ].join('\n');
}
