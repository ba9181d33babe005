/** Probes of devices in worker processes, as a shell starts them. */
import { PROBE_TIMEOUT_MS, type ProbeDevice, probeEnding } from '../../core/engine/devices/checks.ts';
import type { ProbeAnswer } from '../../core/engine/devices/probe.ts';
import { processEntry } from '../../core/process-entry.ts';
import type { LaunchWorker } from './launch.ts';

export function probeWith(launch: LaunchWorker): ProbeDevice {
  const entry = processEntry(import.meta.dirname, 'probe', '../../core/engine/devices/probe.ts');
  return (id) =>
    new Promise((resolve, reject) => {
      const started = performance.now();
      const worker = launch(entry, {
        message: (answer) => {
          resolve(answer as ProbeAnswer);
          worker.kill();
        },
        stderr: () => {},
        end: (code, signal) => {
          clearTimeout(timer);
          reject(probeEnding(performance.now() - started, code, signal));
        },
      });
      const timer = setTimeout(() => worker.kill(), PROBE_TIMEOUT_MS);
      worker.send(id);
    });
}
