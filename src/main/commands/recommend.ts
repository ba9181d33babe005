import os from 'node:os';
import type { Command } from 'commander';
import type { ItemCard } from '../../core/data/types.ts';
import { UserError } from '../../core/errors.ts';
import type { Store } from '../../core/store/store.ts';
import type { RunRecord } from '../../core/store/types.ts';
import { textTable } from '../terminal/text-table.ts';
import { examples } from './help.ts';
import { wholeNumber } from './options.ts';
import { answer, type Shell, shellOf, withStore } from './shell.ts';
import { deviceChoice, requireUsable } from './train.ts';

const SHOWN_HISTORY = 10;

interface RecommendOptions {
  run: string;
  user: string;
  k: number;
  device: string;
  threads?: number;
}

/** `recommend`: what a run's model offers one user. */
export function addRecommendCommand(parent: Command): void {
  parent
    .command('recommend')
    .summary('show what a run recommends to a user')
    .description(
      "Shows a user's most recent history and the best items for what comes next, items of the history left out. " +
        'The user is named as in the imported files.',
    )
    .requiredOption('--run <run>', 'run whose model recommends')
    .requiredOption('--user <id>', "the user's own id, as in the imported files")
    .option('--k <number>', 'how many items', wholeNumber(1), 10)
    .option('--device <id>', 'where to compute', 'cpu')
    .option('--threads <number>', 'threads of the CPU (default: as many as there are)', wholeNumber(1))
    .addHelpText('after', examples('tessera recommend --run sasrec-ml-1m-seed1 --user 42 --k 20'))
    .action((options: RecommendOptions, command: Command) => recommendTo(options, shellOf(command)));
}

interface ShownItem {
  item: string;
  title: string | null;
}

interface Recommendation {
  run: string;
  model: string;
  user: string;
  /** The most recent part, oldest first. */
  history: (ShownItem & { time: string | null })[];
  recommendations: (ShownItem & { rank: number; score: number })[];
}

async function recommendTo(options: RecommendOptions, shell: Shell): Promise<void> {
  const result = await withStore(shell, (store) => recommendation(store, options));
  answer(shell, result, () => recommendationText(result));
}

async function recommendation(store: Store, options: RecommendOptions): Promise<Recommendation> {
  const run = store.runs.find(options.run);
  const device = deviceChoice(options.device);
  if (run.dataset.id === null) {
    throw new UserError(
      `run ${run.name} (${run.id}) cannot recommend: its data set ${run.dataset.name} was deleted`,
    );
  }
  const checkpoint = checkpointOf(store, run);
  const datasetDir = store.datasets.folder(run.dataset.id);
  const { findUser, openInteractions, readItemCards } = await import('../../core/data/read.ts');
  const user = await findUser(datasetDir, options.user);
  if (user === null) {
    throw new UserError(
      `data set ${run.dataset.name} has no user "${options.user}"; ids are those of the imported files`,
    );
  }
  await requireUsable(device);
  const { recommend } = await import('../../core/training/recommend.ts');
  const threads = options.threads ?? os.availableParallelism();
  const { model, config } = run;
  const best = await recommend({
    model,
    config,
    checkpoint,
    datasetDir,
    user,
    k: options.k,
    device,
    threads,
  });
  const { offsets, itemIds, times } = await openInteractions(datasetDir);
  const end = offsets[user + 1];
  const from = Math.max(offsets[user], end - SHOWN_HISTORY);
  const recent = Array.from({ length: end - from }, (_, at) => from + at);
  const shown = [...recent.map((at) => itemIds[at]), ...best.map(({ item }) => item)];
  const cards = new Map((await readItemCards(datasetDir, shown)).map((card) => [card.item, card]));
  return {
    run: run.id,
    model,
    user: options.user,
    history: recent.map((at) => ({
      ...naming(cards.get(itemIds[at])),
      time: times ? timeText(times[at]) : null,
    })),
    recommendations: best.map(({ item, score }, at) => ({ rank: at + 1, ...naming(cards.get(item)), score })),
  };
}

function naming(card: ItemCard | undefined): ShownItem {
  return { item: card?.originalId ?? '?', title: card?.title ?? null };
}

function timeText(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

/** The file of the parameters that were tested. */
function checkpointOf(store: Store, run: RunRecord): string {
  const known = store.checkpoints.list(run.id);
  const tested = known.find(({ kind, epoch }) => kind === 'best' && epoch === run.selectedEpoch);
  const chosen = tested ?? known.find(({ kind }) => kind === 'last') ?? known[0];
  if (!chosen)
    throw new UserError(
      `run ${run.name} (${run.id}) has no checkpoint to recommend with (status: ${run.status})`,
    );
  return chosen.path;
}

function recommendationText({ user, history, recommendations }: Recommendation): string {
  const past = history.map(({ item, title, time }) => [time?.slice(0, 10) ?? '–', item, title ?? '']);
  const next = recommendations.map(({ rank, item, title, score }) => [
    String(rank),
    item,
    title ?? '',
    score.toFixed(4),
  ]);
  return [
    `The last ${history.length} interactions of user ${user}, oldest first`,
    textTable(['Day', 'Item', 'Title'], past),
    '',
    'Recommended next',
    textTable(['Rank', 'Item', 'Title', 'Score'], next, ['Rank', 'Score']),
  ].join('\n');
}
