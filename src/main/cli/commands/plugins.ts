import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { messageOf, UserError } from '../../../core/errors.ts';
import { writeWhole } from '../../../core/files/whole-file.ts';
import { lastOperand } from '../../../core/names.ts';
import { contentText, type PluginDescription } from '../../../core/plugins/description.ts';
import type { Store } from '../../../core/store/store.ts';
import { agree, agreedIn, descriptionOf, hashOf, withdraw } from '../../plugins/agreements.ts';
import { pluginTemplate } from '../../plugins/template.ts';
import type { CliCommand } from '../command.ts';
import { type Answer, type CommandContext, withStore } from '../context.ts';
import { textTable } from '../terminal/text-table.ts';

/** `plugins add | list | remove | new`. */
export function addCommand(parent: CliCommand): void {
  const group = parent
    .command('plugins')
    .summary("a lab's own models, losses, metrics and trackers")
    .description(
      'A plug-in is one TypeScript or JavaScript file that adds models, loss functions, metrics, or readers of the runs of other programs. docs/plugins.md says how ' +
        'one is written. It runs once you have agreed to it, for one data folder, which keeps a copy: runs resume by that copy, and a changed file is a new version.',
    )
    .helpCommand(false);
  group
    .command('add <file>')
    .description(
      'Says what a plug-in adds, and asks whether it may run. What you agree to can do what you can: read, change and send your files.',
    )
    .option('--yes', 'agree without being asked')
    .examples('tessera plugins add my-model.ts', 'tessera plugins add my-model.ts --yes')
    .answer(add);
  group
    .command('list')
    .description('Lists the plug-ins that you have agreed to in this data folder, newest last.')
    .examples('tessera plugins list', 'tessera plugins list --json')
    .ask(list);
  group
    .command('remove <plugin>')
    .description(
      'Takes the agreement back, by the name of the file or a version. The data folder keeps the copy; runs that need it cannot continue until you agree to it again.',
    )
    .examples('tessera plugins remove my-model.ts', 'tessera plugins remove 3fa2b1c4')
    .ask(remove);
  group
    .command('new <file>')
    .description('Writes a plug-in to begin with: a small sequence model that trains as it is.')
    .examples('tessera plugins new my-model.ts')
    .answer((_, file: string) => {
      if (existsSync(file)) throw new UserError(`${file}: is there already; name a new file`);
      writeWhole(file, pluginTemplate());
      return [{ file }, `Wrote ${file}. Agree to it with: tessera plugins add ${lastOperand(file)}`];
    });
}

async function add(
  context: CommandContext,
  path: string,
  { yes = false }: { yes?: boolean },
): Promise<Answer> {
  const bytes = readSource(path);
  const [source, hash] = [bytes.toString('utf8'), hashOf(bytes)];
  // The copy that a data folder keeps has the hash as its name.
  const file = descriptionOf(context.home, { hash })?.file ?? basename(path);
  const { describePlugin } = await import('../../plugins/describe.ts');
  const { code, description } = await describePlugin({ file, hash, source });
  const adds = contentText(description);
  if (!yes) await ask(`${path} adds ${adds}.`, context);
  return withStore(context, async (store) => {
    store.requireWritable();
    agree(store.home, path, { source, code, description });
    await countMetrics(store, description, context);
    return [description, `Added ${adds}, which ${isOne(description) ? 'is' : 'are'} not part of Tessera.`];
  });
}

const isOne = ({ models, losses, metrics, trackers }: PluginDescription) =>
  models.length + losses.length + metrics.length + trackers.length === 1;

/** Throws UserError where the user does not agree, or cannot be asked. */
async function ask(what: string, { home, json }: CommandContext): Promise<void> {
  if (json || !process.stdin.isTTY)
    throw new UserError(`${what} Nobody can be asked here whether it may run: agree with --yes`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    `${what}\nIt would run as you do: it can read, change and send your files, and use the network.\nMay it run for the data folder ${home}? [y/N] `,
  );
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UserError('nothing was added: you did not agree');
}

/** More than anybody writes by hand. It goes to hosts with each run. */
const MOST_BYTES = 1024 ** 2;

function readSource(path: string): Buffer {
  if (!/\.[cm]?[jt]s$/.test(path)) throw new UserError(`${path}: is no TypeScript or JavaScript file`);
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= MOST_BYTES) return bytes;
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${messageOf(error)})`);
  }
  throw new UserError(`${path}: is larger than 1 MiB, and a plug-in is a file that somebody has written`);
}

/** Metrics of ranks exist for the runs of yesterday, too. */
async function countMetrics(store: Store, { metrics }: PluginDescription, context: CommandContext) {
  if (metrics.length === 0) return;
  const { loadPlugins } = await import('../context.ts');
  await loadPlugins(context);
  store.rankMetrics.markAll();
  await store.rankMetrics.count();
}

function list(store: Store): Answer {
  const found = agreedIn(store.home).map((one) => ({ ...one, description: descriptionOf(store.home, one) }));
  const rows = found.map(({ hash, path, description }) => [
    description?.file ?? basename(path),
    hash.slice(0, 8),
    description === null ? 'its copy cannot be read' : contentText(description),
    path,
  ]);
  const none =
    'No plug-in may run in this data folder. tessera plugins new my-model.ts writes one to begin with.';
  return [found, rows.length === 0 ? none : textTable(['File', 'Version', 'Adds', 'From'], rows)];
}

function remove(store: Store, reference: string): Answer {
  const found = agreedIn(store.home).filter(
    (one) =>
      one.hash.slice(0, 8) === reference ||
      one.hash === reference ||
      descriptionOf(store.home, one)?.file === reference,
  );
  if (found.length === 0)
    throw new UserError(
      `there is no plug-in "${reference}" in this data folder; tessera plugins list shows those that there are`,
    );
  for (const { hash } of found) withdraw(store.home, hash);
  return [{ removed: found }, `${reference} may not run any more. Its copy stays in ${store.home}/plugins.`];
}
