import { UserError } from '../../core/errors.ts';
import { countText } from '../../core/names.ts';
import type { WantedChange } from '../../core/store/home/change-types.ts';
import { makeChanges } from '../../core/store/home/changes.ts';
import type { Store } from '../../core/store/store.ts';
import type { CliCommand } from './command.ts';
import type { Answer } from './context.ts';

interface ChangeOptions {
  name?: string;
  notes?: string;
  tag?: string[];
  untag?: string[];
  star?: boolean;
  archive?: boolean;
}

const several = (value: string, others: string[] = []) => [...others, value];

/** `runs change <run...>`: what a user says of runs. */
export function addRunsChange(runs: CliCommand): void {
  runs
    .command('change <run...>')
    .description('Gives runs another name, notes, tags or a star, or archives them.')
    .option('--name <name>', 'the new name, of one run')
    .option('--notes <text>', 'the new notes')
    .option('--tag <tag>', 'add a tag; repeatable', several)
    .option('--untag <tag>', 'remove a tag; repeatable', several)
    .option('--star', 'star them')
    .option('--no-star', 'take the star away')
    .option('--archive', 'leave them out of the table of runs')
    .option('--no-archive', 'take them back into it')
    .examples(
      'tessera runs change sasrec-beauty-seed1 --name baseline --star',
      'tessera runs change sasrec-beauty-seed1 sasrec-beauty-seed2 --tag paper --untag draft',
    )
    .ask(changeNamed);
}

function changeNamed(store: Store, references: string[], options: ChangeOptions): Answer {
  const { name, notes, tag: add = [], untag: remove = [], star: starred, archive: archived } = options;
  const ids = references.map((reference) => store.runs.find(reference).id);
  if (name !== undefined && ids.length > 1) throw new UserError('--name is for one run: name one');
  const tags = add.length + remove.length > 0 ? { add, remove } : undefined;
  const given = Object.entries({ name, notes, tags, starred, archived }).filter(
    ([, value]) => value !== undefined,
  );
  if (given.length === 0)
    throw new UserError('say what changes, with --name, --notes, --tag, --untag, --star or --archive');
  const to = Object.fromEntries(given) as Extract<WantedChange, { of: 'run' }>['to'];
  const made = makeChanges(store, [{ of: 'run', ids, to }]);
  const changed = made.flatMap((change) => (change.of === 'run' ? change.ids : []));
  return [{ changed }, `Changed ${countText(changed.length, 'run')}.`];
}
