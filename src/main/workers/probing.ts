/** Probes of devices in worker processes, as a shell starts them. */
import { type ProbeDevice, probeIn } from '../../core/engine/devices/checks.ts';
import { processEntry } from '../../core/process-entry.ts';
import type { LaunchWorker } from './launch.ts';

export function probeWith(launch: LaunchWorker): ProbeDevice {
  const entry = processEntry(import.meta.dirname, 'probe', '../../core/engine/devices/probe.ts');
  return probeIn((listeners) => launch(entry, { ...listeners, stderr: () => {} }));
}
