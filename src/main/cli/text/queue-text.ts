import {
  type ClockFacts,
  clock,
  clockInput,
  countsText,
  doneText,
  endText,
  spanText,
} from '../../../core/api/clock.ts';
import { pausedText } from '../../../core/api/machines.ts';
import type { ActiveRunState, QueueState } from '../../../core/api/queue.ts';
import { shellQuote } from '../../../core/names.ts';
import { type PlaceState, placeText } from '../../../core/training/place.ts';
import { program } from '../../data-folder/command-line.ts';
import { textTable } from '../terminal/text-table.ts';
import { stageOf } from './progress-text.ts';

/** What trains, what waits in order, and who works through it. */
export function queueText(
  state: QueueState,
  expected: ClockFacts['expected'] = {},
  now = Date.now(),
): string {
  const { running, waiting, evaluations } = state;
  if (running.length + waiting.length + evaluations.length === 0)
    return ['Nothing trains or waits.', pausedLine(state)].filter((part) => part !== '').join(' ');
  const times = clock(clockInput({ queue: state, expected }));
  const done = `${countsText(times.counts)}. ${doneText(times, now)}`.trim();
  const timed = (id: string) => [spanText(times.runs[id].left), endText(times.runs[id].ends, now)];
  return [
    trainingText(running, timed),
    evaluationsText(state),
    waitingText(state, timed),
    done,
    aboutText(state),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

type Timed = (id: string) => string[];

function trainingText(running: readonly ActiveRunState[], timed: Timed): string {
  if (running.length === 0) return '';
  const rows = running.map(({ run, state, place, progress }) => {
    const where = run.kind === 'own' ? (run.place ?? run.device ?? run.requestedDevice) : run.program;
    const stage = progress === null ? '–' : stageOf(progress);
    const onHost = place !== null && state !== 'stopping' && state !== 'finishing';
    return [run.id, run.name, where, onHost ? placeText(place) : state, stage, ...timed(run.id)];
  });
  return textTable(['Run', 'Name', 'Where', 'State', 'Progress', 'Left', 'Ends'], rows, ['Left', 'Ends']);
}

/** One after the other: how long each takes nobody knows. */
function evaluationsText({ evaluations }: QueueState): string {
  if (evaluations.length === 0) return '';
  const rows = evaluations.map(({ run, name }, at) => [String(at + 1), run, name, 'cpu', '–', '–']);
  return textTable(['Evaluation', 'Run', 'Name', 'Where', 'Left', 'Ends'], rows, [
    'Evaluation',
    'Left',
    'Ends',
  ]);
}

function waitingText(state: QueueState, timed: Timed): string {
  const { waiting, reached } = state;
  if (waiting.length === 0) return '';
  const rows = waiting.map(({ run, held }, at) => {
    const from = reached[run.id];
    const goesOn = from ? `after epoch ${from.epoch}` : 'from the start';
    return [
      String(at + 1),
      run.id,
      run.name,
      run.place ?? run.requestedDevice,
      held ? 'held' : (pausedText(state, run.place) ?? 'waits'),
      goesOn,
      ...timed(run.id),
    ];
  });
  const columns = ['#', 'Run', 'Name', 'Where', 'State', 'Begins', 'Left', 'Ends'];
  return textTable(columns, rows, ['#', 'Left', 'Ends']);
}

/** What keeps runs from beginning, and how that ends. */
function pausedLine({ paused, pausedMachines }: QueueState): string {
  const machines = pausedMachines.map((name) => pausedMachineText(name));
  return [...(paused ? [`The queue is paused: ${program()} queue resume`] : []), ...machines].join('\n');
}

/** "lab is paused: tessera host resume lab"; this machine is "". `until` says what the command ends. */
export function pausedMachineText(name: string, until = ''): string {
  const resume = ['host', 'resume', ...(name === '' ? [] : [shellQuote(name)])].join(' ');
  return `${name === '' ? 'This machine' : name} is paused: ${until}${program()} ${resume}`;
}

function aboutText(state: QueueState): string {
  const { heldBy, waiting, evaluations } = state;
  const paused = pausedLine(state);
  if (paused !== '') return paused;
  if (heldBy !== null || (evaluations.length === 0 && waiting.every(({ held }) => held))) return '';
  return `Nobody works through the queue: it is trained while Tessera is open, in its window or by ${program()} serve`;
}

/** Says once that a host does not answer, and what can be done; and when it answers again for all runs that wait for it. */
export function awayTeller(print: (line: string) => void) {
  const silent = new Map<string, Set<string>>();
  return (host: string, run: string, { phase, detail }: Pick<PlaceState, 'phase' | 'detail'>): void => {
    const runs = silent.get(host) ?? new Set();
    silent.set(host, runs);
    const before = runs.size;
    if (phase === 'unreachable') runs.add(run);
    else runs.delete(run);
    if (before === 0 && runs.size === 1)
      print(
        `${host} does not answer${detail ? ` (${detail})` : ''}: what trains there may continue, and is waited for. To train it here: ${program()} queue here ${run}`,
      );
    if (before === 1 && runs.size === 0) print(`${host} answers again.`);
  };
}
