/** Checks a host: what it is, whether the program runs there, which devices work, and what limits its runs. */
import {
  HOST_CHECKS,
  type Host,
  type HostCheckLine,
  type HostFacts,
  type HostReport,
} from '../../../core/api/hosts.ts';
import { messageOf, throwIfCancelled } from '../../../core/errors.ts';
import { type ShipOptions, shipProgram } from '../shipping/ship.ts';
import { targetOf } from '../shipping/target.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { askHost, offersCuda } from './facts.ts';
import {
  connectionLine,
  gpuLine,
  internetLine,
  numbersLine,
  type Said,
  schedulerLine,
  spaceLine,
  timeLine,
} from './lines.ts';
import { askMachine, type ComparedMachine } from './machine.ts';

type Key = HostCheckLine['key'];
const KEYS = Object.keys(HOST_CHECKS);

export interface CheckOptions extends ShipOptions {
  /** What the fixed training comes to on this machine. */
  here(): Promise<ComparedMachine>;
}

/** @param cache a folder here, for what is fetched for other systems. Rejects only when cancelled. */
export async function checkHost(
  connection: SshConnection,
  host: Host,
  cache: string,
  options: CheckOptions,
): Promise<HostReport> {
  const begun = Date.now();
  const lines: HostCheckLine[] = [];
  const add = (key: Key, said: Said) => lines.push({ key, aside: null, remedy: null, ...said });
  const report = (facts: HostFacts | null): HostReport => ({
    at: begun,
    seconds: (Date.now() - begun) / 1000,
    lines: lines.sort((a, b) => KEYS.indexOf(a.key) - KEYS.indexOf(b.key)),
    facts,
  });
  /** Where it fails, that is its line. */
  const attempt = async <T>(key: Key, work: () => Promise<T>): Promise<T | null> => {
    options.onProgress?.({ what: HOST_CHECKS[key], done: 0, total: 1 });
    try {
      return await work();
    } catch (error) {
      throwIfCancelled(options.signal);
      add(key, { state: 'problem', text: messageOf(error) });
      return null;
    }
  };
  const facts = await attempt('connection', async () => {
    const found = await askHost(connection, host.folder, options.signal);
    const asked = performance.now();
    await connection.run({ what: 'answering', script: ':' });
    add('connection', connectionLine(await connection.resolve(), found, performance.now() - asked));
    return found;
  });
  if (facts === null) return report(null);
  add('scheduler', schedulerLine(host, facts));
  add('space', spaceLine(host, facts));
  add('time', timeLine(host, facts));
  const program = await attempt('runtime', async () => {
    const target = targetOf(facts.system, facts.libc);
    let sent = false;
    const onProgress: ShipOptions['onProgress'] = (progress) => {
      sent = true;
      options.onProgress?.(progress);
    };
    const shipped = await shipProgram(
      connection,
      { root: facts.root, target, cache, cuda: offersCuda(host.job, facts) },
      { ...options, onProgress },
    );
    const script = '"$1" --version';
    const version = await connection.run({ what: 'starting Node', script, args: [shipped.node] });
    const where = sent ? 'sent to' : 'found in';
    const text = `Node ${version.trim().slice(1)}, ${where} ${facts.root}`;
    const { withoutCuda } = shipped;
    add('runtime', {
      state: withoutCuda ? 'note' : 'ok',
      text: [text, ...(withoutCuda ? [withoutCuda] : [])].join('; '),
    });
    return shipped;
  });
  if (program === null) return report(facts);
  const { signal } = options;
  const machine = await attempt('gpu', () => askMachine(connection, program, { host, facts, signal }));
  if (machine === null) return report(facts);
  add('gpu', gpuLine(host, facts, machine));
  add('internet', internetLine(machine));
  const here = await attempt('numbers', options.here);
  if (here !== null) add('numbers', numbersLine(here, machine));
  return report(facts);
}
