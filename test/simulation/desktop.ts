/** A desktop of a simulated world: one process that has a home open, with the real store, runs and scheduler; or a command that trains the runs that it takes. */
import { settleLostRuns } from '../../src/core/store/runs/lost-runs.ts';
import { Store } from '../../src/core/store/store.ts';
import type { TrainSpec } from '../../src/core/training/events.ts';
import { LocalExecutor } from '../../src/main/executors/local.ts';
import { remoteExecutors } from '../../src/main/services/hosts.ts';
import { RunService } from '../../src/main/services/runs/runs.ts';
import { Scheduler } from '../../src/main/services/runs/scheduler.ts';
import type { CallReply, CallRequest } from '../../src/main/workers/calls.ts';
import type { LaunchWorker } from '../../src/main/workers/launch.ts';
import type { TrainerMessage, TrainerReport } from '../../src/main/workers/serve-trainings.ts';
import { type Disk, FillableConnection } from '../store/scripted-session.ts';
import { type SimulatedHost, SimulatedLink } from './host.ts';
import { SimulatedTrainer } from './trainer.ts';
import { type SimulatedMachine, SimulatedProcess } from './world.ts';

export class Desktop {
  readonly process: SimulatedProcess;
  readonly store: Store;
  readonly scheduler: Scheduler;
  /** Errors that no call could return. */
  readonly problems: unknown[] = [];

  constructor(
    machine: SimulatedMachine,
    home: string,
    disk: Disk,
    hosts: readonly SimulatedHost[],
    trainers: Set<SimulatedTrainer>,
    takes?: (run: string) => boolean,
  ) {
    this.process = new SimulatedProcess(machine, 'desktop');
    const connection = new FillableConnection(home, disk, true);
    // What a kill leaves half-written is for real kills to test.
    connection.run('PRAGMA synchronous = OFF');
    this.store = new Store(home, connection, this.process.asked);
    this.process.onEnd.push(() => connection.close());
    settleLostRuns(this.store);
    const launch = launcherOn(this.process, trainers);
    const local = new LocalExecutor(launch, { machine: this.process.asked });
    const linkTo = ({ name }: { name: string }) => {
      const host = hosts.find(({ machine }) => machine.name === name);
      if (!host) throw new Error(`there is no ${name}`);
      return new SimulatedLink(host, this.process);
    };
    const runs = new RunService(this.store, local, remoteExecutors(this.store, linkTo));
    this.scheduler = new Scheduler(this.store, runs, {
      slots: () => ({ cpu: 1, ...Object.fromEntries(hosts.map(({ machine }) => [machine.name, 2])) }),
      autoDevice: async () => ({ id: 'cpu', reason: 'first choice' }),
      takes,
      onChange: () => {},
      onEnded: () => {},
      onProblem: (error) => this.problems.push(error),
    });
    this.scheduler.start();
  }
}

/** Starts trainers as child processes: they outlive it, and then are heard by their journals alone. */
function launcherOn(parent: SimulatedProcess, trainers: Set<SimulatedTrainer>): LaunchWorker {
  const { world } = parent.machine;
  return (_entry, listeners) => {
    const process = new SimulatedProcess(parent.machine, 'trainer');
    let trainer: SimulatedTrainer | null = null;
    /** Over a pipe, which breaks when either of them ends. */
    const send = (reply: CallReply<TrainerReport>) =>
      void world.at(2, parent, () => listeners.message(reply));
    process.onEnd.push((code) => {
      if (trainer) trainers.delete(trainer);
      world.at(5, parent, () => listeners.end(code, code === null ? 'SIGKILL' : null));
    });
    const receive = (request: CallRequest<TrainSpec, TrainerMessage>) => {
      if (request.type === 'acknowledge') return;
      if (request.type === 'cancel') return trainer?.stop();
      if (request.type === 'message') return trainer?.stopAfterEpoch(request.message === 'stopAfterEpoch');
      const spec = request.input as TrainSpec & { journal: string };
      trainer = new SimulatedTrainer(
        spec,
        process,
        {
          tell: (events, offset) => send({ type: 'progress', id: request.id, value: { events, offset } }),
          end: (code) => {
            const { id } = request;
            const error = { name: 'Error', message: 'no space left on device', stack: '' };
            send(code === 0 ? { type: 'done', id, value: null } : { type: 'failed', id, ...error });
          },
        },
        false,
      );
      trainers.add(trainer);
    };
    return {
      send: (message) => void world.at(2, process, () => receive(message as never)),
      kill: () => void world.at(2, null, () => process.end(null)),
    };
  };
}
