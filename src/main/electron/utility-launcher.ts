import os from 'node:os';
import { finished } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { UtilityProcess } from 'electron';
import { z } from 'zod';
import { parseJson } from '../../core/files/json.ts';
import type { LaunchWorker } from '../workers/launch.ts';

type Fork = (entry: string) => UtilityProcess;

/** What is read of a process after its exit; a grandchild that keeps the pipe open must not keep the run. */
const STDERR_WAIT_MS = 1_000;

/** Workers as Electron's utility processes, behind the same interface as Node's child processes. */
export function utilityLauncher(fork: Fork, platform: NodeJS.Platform = process.platform): LaunchWorker {
  return (entry, listeners) => {
    const child = fork(entry);
    let alive = true;
    // Electron keeps what is posted before the process has started.
    child.on('message', (message: unknown) => {
      if (alive) listeners.message(message);
    });
    // It is null once the process has ended.
    const { stderr } = child;
    const hear = () => stderr?.on('data', (data: Buffer) => listeners.stderr(data.toString('utf8')));
    hear();
    child.on('error', (_type, location, report) =>
      listeners.stderr(`\nFATAL ERROR: ${eventOf(report)} (at ${location})\n`),
    );
    child.on('exit', (status) => {
      alive = false;
      const signal = platform === 'win32' ? null : signalOf(status);
      // Behind this event, Electron takes all listeners from stderr, which may have more to say: why it ended.
      queueMicrotask(() => {
        hear();
        const said = stderr && finished(stderr).catch(() => {});
        void Promise.race([said, wait(STDERR_WAIT_MS, undefined, { ref: false })]).then(() =>
          listeners.end(signal === null ? status : null, signal),
        );
      });
    });
    return {
      send: (message) => {
        if (alive) child.postMessage(message);
      },
      // SIGTERM, which a trainer takes as a request to stop; Chromium ends what has not ended 2 s later.
      kill: () => void child.kill(),
    };
  };
}

/** Those whose numbers no worker of ours exits with. */
const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGTRAP'] as const;

/** Electron gives the status of `waitpid`, in which a signal is its number, with a bit for a core dump; a shell adds 128. */
function signalOf(status: number): NodeJS.Signals | null {
  const number = status & 0x7f;
  return SIGNALS.find((signal) => os.constants.signals[signal] === number && status <= 0xff) ?? null;
}

const diagnosticReport = z.object({ header: z.object({ event: z.string() }) });

/** What happened, from Node's diagnostic report: a long JSON text whose first lines say it. */
function eventOf(report: string): string {
  return diagnosticReport.safeParse(parseJson(report)).data?.header.event ?? report.slice(0, 300);
}
