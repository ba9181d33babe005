import { grouped } from '../../../core/documents/format.ts';
import { UserError } from '../../../core/errors.ts';
import type { ListsProgress } from '../../../core/families/model.ts';
import { LIST_FORMATS } from '../../../core/foreign/results/list-formats.ts';
import { countText } from '../../../core/names.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RecommendationRequest } from '../../services/analysis/recommendations.ts';
import type { CliCommand } from '../command.ts';
import { type Answer, type CommandContext, withStore } from '../context.ts';
import { type ComputeOptions, computeOn, threadsOption } from '../device-option.ts';
import { positiveNumber, wholeNumber } from '../options.ts';
import { cancellable } from '../terminal/cancellable.ts';
import { textTable } from '../terminal/text-table.ts';
import { beamTreeText } from '../text/beam-tree-text.ts';

const SHOWN_HISTORY = 10;

interface RecommendOptions extends ComputeOptions {
  run: string;
  user?: string;
  all?: boolean;
  out?: string;
  scores?: boolean;
  heldOut?: boolean;
  k: number;
  tree?: boolean;
  beams: number;
  temperature?: number;
  seed?: number;
}

/** `recommend`: what a run's model recommends to one user, or to all of them as a file. */
export function addCommand(parent: CliCommand): void {
  parent
    .command('recommend')
    .summary('show what a run recommends to a user')
    .description(
      "Shows a user's most recent history and the best items for what comes next, items of the history left out. " +
        'The user is named as in the imported files.',
    )
    .requiredOption('--run <run>', 'run whose model recommends')
    .option('--user <id>', "the user's own id, as in the imported files")
    .option('--all', 'lists of all users, written to a file')
    .out(
      'file',
      `with --all: the file, whose ending says the format (${Object.keys(LIST_FORMATS).join(', ')}); one that is there is replaced`,
    )
    .option('--scores', 'with --all: every candidate with its score, in place of the first items')
    .option('--held-out', 'the list in which the test item was ranked, made from the history before it')
    .option('--k <number>', 'how many items', wholeNumber(1), 10)
    .option(
      '--temperature <number>',
      'draw the list of a generative model at random, without repeats; above 1 it is more diverse',
      positiveNumber,
    )
    .option(
      '--seed <number>',
      'draw another list at that temperature (default: seed of the run)',
      wholeNumber(0),
    )
    .option('--tree', "a generative model's decoding tree for the held-out item instead of a list")
    .option('--beams <number>', 'beam width of the tree', wholeNumber(1), 10)
    .option('--device <id>', 'where to compute', 'cpu')
    .addOption(threadsOption())
    .examples(
      'tessera recommend --run sasrec-ml-1m-seed1 --user 42 --k 20',
      'tessera recommend --run sasrec-ml-1m-seed1 --user 42 --held-out',
      'tessera recommend --run tiger-beauty-seed1 --user 42 --temperature 1.5',
      'tessera recommend --run tiger-beauty-seed1 --user 42 --tree --beams 10',
      'tessera recommend --run sasrec-ml-1m-seed1 --all --out lists.csv --k 100 --held-out',
      'tessera recommend --run sasrec-ml-1m-seed1 --all --out scores.parquet --scores --held-out',
    )
    .answer((context, options: RecommendOptions) =>
      withStore(context, async (store) => {
        if (options.all) return listsAnswer(context, store, options);
        if (options.out !== undefined || options.scores)
          throw new UserError('--out and --scores are for the lists of all users: add --all');
        if (options.tree) return treeAnswer(store, requireUser(options));
        const answer = await recommendation(context, store, requireUser(options));
        return [answer, recommendationText(answer)];
      }),
    );
}

type OneUser = RecommendOptions & { user: string };

function requireUser({ user, ...options }: RecommendOptions): OneUser {
  if (user !== undefined) return { ...options, user };
  throw new UserError('name a user with --user, or ask for the lists of all users with --all --out FILE');
}

async function listsAnswer(
  context: CommandContext,
  store: Store,
  options: RecommendOptions,
): Promise<Answer> {
  const { out, k, scores, heldOut } = options;
  if (out === undefined) throw new UserError('--all writes a file: say where with --out FILE');
  const wrong = (['user', 'tree', 'temperature'] as const).find((key) => options[key] !== undefined);
  if (wrong) throw new UserError(`--${wrong} is for one user, and --all for all of them: leave one out`);
  const { exportLists } = await import('../../services/analysis/export-lists.ts');
  const run = store.runs.findOwn(options.run);
  const request = { run, path: out, place: heldOut ? 'test' : 'next', k: scores ? null : k } as const;
  const compute = await computeOn(store, options);
  const written = await cancellable(
    context,
    {
      progress: progressOf,
      cancelled: 'cancelled; nothing was written',
    },
    (work) => exportLists(store, { ...request, ...compute }, work),
  );
  const { users, rows } = written;
  return [
    { run: run.id, file: out, ...written },
    `Wrote ${countText(rows, 'row')} of ${countText(users, 'user')} to ${out}.`,
  ];
}

function progressOf({ done, total, unit }: ListsProgress): string {
  return `${grouped(done)} of ${unit ? `${grouped(total)} ${unit}` : countText(total, 'user')}`;
}

async function treeAnswer(store: Store, options: OneUser): Promise<Answer> {
  const { beamTreeFor } = await import('../../services/analysis/beam-trees.ts');
  const { user, beams } = options;
  const compute = await computeOn(store, options);
  const tree = await beamTreeFor(store, { run: store.runs.findOwn(options.run), user, beams, ...compute });
  return [tree, beamTreeText(tree)];
}

interface ShownItem {
  item: string;
  title: string | null;
}

/** The answer of `recommend --json`. */
interface Recommended {
  run: string;
  model: string | null;
  user: string;
  /** The most recent part, oldest first. */
  history: (ShownItem & { time: string | null })[];
  recommendations: (ShownItem & { rank: number; score: number | null })[];
  /** With --held-out, the test item and its rank. */
  heldOut?: ShownItem & { rank: number | null; candidates: number };
}

async function recommendation(context: CommandContext, store: Store, options: OneUser): Promise<Recommended> {
  const { temperature } = options;
  if (options.seed !== undefined && temperature === undefined) {
    throw new UserError('--seed draws a list at random: give a --temperature as well');
  }
  const run = store.runs.measured(store.runs.find(options.run).id);
  const { recommendationFor } = await import('../../services/analysis/recommendations.ts');
  const request: RecommendationRequest = {
    ...(await computeOn(store, options)),
    run,
    user: options.user,
    place: options.heldOut ? 'test' : 'next',
    k: options.k,
    history: SHOWN_HISTORY,
    sampling: temperature === undefined ? null : { temperature, seed: options.seed ?? run.seed ?? 1 },
  };
  const { history, items, place, heldOut } = await cancellable(context, { progress: progressOf }, (work) =>
    recommendationFor(store, request, work),
  );
  return {
    run: run.id,
    model: run.model,
    user: options.user,
    history: history.map(({ id, title, time }) => ({
      item: id,
      title,
      time: time === null ? null : timeText(time),
    })),
    recommendations: items.map(({ id, title, score }, at) => ({ rank: at + 1, item: id, title, score })),
    ...(heldOut && place === 'test'
      ? {
          heldOut: {
            item: heldOut.id,
            title: heldOut.title,
            rank: heldOut.rank,
            candidates: heldOut.candidates,
          },
        }
      : {}),
  };
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

function recommendationText({ user, history, recommendations, heldOut }: Recommended): string {
  const past = history.map(({ item, title, time }) => [time?.slice(0, 10) ?? '–', item, title ?? '']);
  const next = recommendations.map(({ rank, item, title, score }) => [
    String(rank),
    item,
    title ?? '',
    score?.toFixed(4) ?? '–',
  ]);
  return [
    `The last ${countText(history.length, 'interaction')} of user ${user}, oldest first`,
    textTable(['Day', 'Item', 'Title'], past),
    '',
    heldOut
      ? `Recommended before item ${heldOut.item} (${heldOut.title ?? 'no title'}), ${heldOut.rank === null ? 'which its list does not reach' : `whose rank is ${heldOut.rank} of ${heldOut.candidates}`}`
      : 'Recommended next',
    textTable(['Rank', 'Item', 'Title', 'Score'], next, ['Rank', 'Score']),
  ].join('\n');
}
