import { UserError } from '../../../core/errors.ts';
import {
  cancelRuns,
  finishRun,
  holdRun,
  moveRun,
  pauseQueue,
  type QueueMove,
  releaseRun,
  trainRunHere,
} from '../../../core/store/runs/queue-requests.ts';
import { phaseOf } from '../../../core/store/runs/run-life.ts';
import type { Store } from '../../../core/store/store.ts';
import type { RunRecord } from '../../../core/store/types.ts';
import type { CliCommand } from '../command.ts';
import type { Answer } from '../context.ts';
import { queueText } from '../text/queue-text.ts';

/** `queue list | hold | release | move | cancel | finish | here | pause | resume`. */
export function addCommand(parent: CliCommand): void {
  const queue = parent
    .command('queue')
    .summary('show, order, hold and cancel what waits and trains')
    .description(
      'What waits to be trained and what trains, here, on hosts and in other processes: a window, "serve", "train" or "study run" ' +
        'does what is asked of its runs within seconds. A RUN is an id, the beginning of one, or a name.',
    )
    .helpCommand(false);
  queue
    .command('list', { isDefault: true })
    .description('Lists what trains, and what waits in the order in which it starts.')
    .examples('tessera queue', 'tessera queue list --json')
    .ask(list);
  queue
    .command('hold <run>')
    .description('Holds a run until it is released; one that trains stops with its checkpoint.')
    .examples('tessera queue hold sasrec-beauty-seed2')
    .ask(
      one('held', holdRun, (run, trained) => (trained ? stopping(run, 'is held then') : `${run} is held.`)),
    );
  queue
    .command('release <run>')
    .description('Lets a run begin in its turn again; one that ended unfinished waits at the front.')
    .examples('tessera queue release sasrec-beauty-seed2')
    .ask(one('released', releaseRun, (run) => `${run} waits for its turn.`));
  queue
    .command('move <run>')
    .description('Moves a run that waits.')
    .option('--front', 'it is the next to start')
    .option('--back', 'it is the last to start')
    .option('--before <run>', 'it starts before this one')
    .option('--after <run>', 'it starts after this one')
    .examples(
      'tessera queue move sasrec-beauty-seed2 --front',
      'tessera queue move hstu-beauty-seed1 --after sasrec-beauty-seed2',
    )
    .ask(move);
  queue
    .command('cancel <run...>')
    .description('Takes runs out of the queue; those that train stop, and keep what they have reached.')
    .examples(
      'tessera queue cancel sasrec-beauty-seed2',
      'tessera queue cancel sasrec-beauty-seed2 hstu-beauty-seed1',
    )
    .ask(cancel);
  queue
    .command('finish <run>')
    .description('Makes the present epoch of a run its last one; its best epoch is then tested.')
    .examples('tessera queue finish sasrec-beauty-seed2')
    .ask(one('finishing', finishRun, (run) => `${run} ends after its present epoch, with the test.`));
  queue
    .command('here <run>')
    .description(
      'Trains a run of a host on this machine: what it has reached there is fetched, and training continues from that.',
    )
    .examples('tessera queue here sasrec-beauty-seed2')
    .ask(
      one('here', trainRunHere, (run, trained) =>
        trained
          ? stopping(run, 'continues here')
          : `${run} is next in the queue, and will train on this machine.`,
      ),
    );
  queue
    .command('pause')
    .description('Lets no more runs begin; those that train continue.')
    .examples('tessera queue pause')
    .ask((store) => paused(store, true));
  queue
    .command('resume')
    .description('Lets runs begin again.')
    .examples('tessera queue resume')
    .ask((store) => paused(store, false));
}

async function list(store: Store): Promise<Answer> {
  const [{ queueState }, { hostSlots }, { readSettings }, { expectedTimes }] = await Promise.all([
    import('../../../core/store/runs/queue-state.ts'),
    import('../../services/hosts.ts'),
    import('../../services/settings.ts'),
    import('../../services/analysis/expected-times.ts'),
  ]);
  const state = queueState(store, { ...hostSlots(store), ...readSettings(store).slots });
  const runs = [...state.running, ...state.waiting].map(({ run }) => run.id);
  const expected = runs.length > 0 ? expectedTimes(store, { runs }) : {};
  return [state, queueText(state, expected)];
}

const nameOf = ({ name, id }: RunRecord) => `Run ${name} (${id})`;
const trains = ({ status }: RunRecord) => phaseOf(status) === 'hosted';
const stopping = (run: string, then: string) => `${run} saves a checkpoint and stops, and ${then}.`;

/** Asks something of one run; `told` makes the line that says it. */
function one(
  key: string,
  ask: (store: Store, run: string) => void,
  told: (run: string, trained: boolean) => string,
) {
  return (store: Store, reference: string): Answer => {
    const run = store.runs.find(reference);
    ask(store, run.id);
    return [{ [key]: run.id }, told(nameOf(run), trains(run))];
  };
}

/** All or, where one of them cannot be cancelled, none. */
function cancel(store: Store, references: string[]): Answer {
  const runs = references.map((reference) => store.runs.find(reference));
  cancelRuns(store, [...new Set(runs.map(({ id }) => id))]);
  const lines = runs.map((run) =>
    trains(run) ? stopping(nameOf(run), 'is cancelled then') : `${nameOf(run)} is cancelled.`,
  );
  return [{ cancelled: runs.map(({ id }) => id) }, lines.join('\n')];
}

interface MoveOptions {
  front?: boolean;
  back?: boolean;
  before?: string;
  after?: string;
}

function move(store: Store, reference: string, { front, back, before, after }: MoveOptions): Answer {
  const idOf = (other: string) => store.runs.find(other).id;
  const moves: QueueMove[] = [
    ...(front ? (['front'] as const) : []),
    ...(back ? (['back'] as const) : []),
    ...(before === undefined ? [] : [{ before: idOf(before) }]),
    ...(after === undefined ? [] : [{ after: idOf(after) }]),
  ];
  if (moves.length !== 1) throw new UserError('give one of --front, --back, --before RUN and --after RUN');
  const run = store.runs.find(reference);
  moveRun(store, run.id, moves[0]);
  const order = store.queue.list().map((entry) => entry.run);
  const at = order.indexOf(run.id) + 1;
  return [{ moved: run.id, at }, `${nameOf(run)} is number ${at} of ${order.length} that wait.`];
}

function paused(store: Store, isPaused: boolean): Answer {
  pauseQueue(store, isPaused);
  const text = isPaused
    ? 'The queue is paused: what trains continues, and nothing else begins.'
    : 'The queue continues while Tessera is open.';
  return [{ paused: isPaused }, text];
}
