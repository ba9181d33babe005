/** Does once what the program is for, on a home of its own, and says how each step went. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../core/api/contract.ts';
import { fixed } from '../../core/documents/format.ts';
import { messageOf } from '../../core/errors.ts';

/** A shell as the test uses it. */
export interface TestedShell {
  client: ApiClient;
  /** Resolves with what is to be seen once the window has its page. */
  window(): Promise<string>;
  /** Null where the shell prints nothing. */
  printPdf: ((html: string) => Promise<Uint8Array>) | null;
}

/** Far more than any step takes on a slow machine. */
const STEP_MS = 180_000;
const POLL_MS = 50;
const DATASET = 'self-test';
const METRIC = 'test/ndcg@10';
const STEPS = ['window', 'import', 'devices', 'measure', 'train', 'checkpoint', 'compare', 'report'] as const;

const REQUESTS = [
  { model: 'popularity', overrides: {} },
  {
    model: 'sasrec',
    overrides: { epochs: 1, dim: 16, heads: 1, blocks: 1, maxLength: 20, learningRate: 0.003 },
  },
].map((model) => ({ ...model, dataset: DATASET, seeds: [1], device: 'auto' as const, threads: 1 }));

/** Writes a line for each step. Returns whether all went well; the first failure ends the test. */
export async function runSelfTest(shell: TestedShell, write: (line: string) => void): Promise<boolean> {
  const test = new SelfTest(shell);
  for (const name of STEPS) {
    const begun = performance.now();
    try {
      const said = await Promise.race([test[name](), tooLong()]);
      write(`ok    ${name}: ${said} (${((performance.now() - begun) / 1000).toFixed(2)} s)`);
    } catch (error) {
      write(`FAIL  ${name}: ${messageOf(error)}`);
      return false;
    }
  }
  return true;
}

async function tooLong(): Promise<never> {
  await sleep(STEP_MS, undefined, { ref: false });
  throw new Error(`no answer in ${STEP_MS / 1000} s`);
}

class SelfTest {
  readonly #shell: TestedShell;
  #runs: string[] = [];

  constructor(shell: TestedShell) {
    this.#shell = shell;
  }

  window(): Promise<string> {
    return this.#shell.window();
  }

  async import(): Promise<string> {
    const { datasets } = this.#shell.client;
    const { paths } = await datasets.sample();
    const { id } = await datasets.import({ paths, name: DATASET });
    const { status, problem } = await until(
      async () => (await datasets.imports()).find((state) => state.id === id),
      (state) => state.status !== 'running',
    );
    if (status !== 'completed') throw new Error(problem?.problem ?? `the import is ${status}`);
    const { statistics } = (await datasets.show({ dataset: DATASET })).summary;
    return `${statistics.users} users, ${statistics.items} items, ${statistics.interactions} interactions`;
  }

  async devices(): Promise<string> {
    const devices = await this.#shell.client.devices.list();
    const usable = devices.filter((device) => device.usable).map(({ id }) => id);
    if (!usable.includes('cpu')) throw new Error('the processor cannot be used');
    return `${usable.join(', ')} of ${devices.length}`;
  }

  /** A trainer that nobody keeps, on the device that is best here. */
  async measure(): Promise<string> {
    const { seeds: _, ...request } = REQUESTS[1];
    const { device, parameters, seconds } = await this.#shell.client.models.measure(request);
    if (seconds === null) throw new Error(`nothing was measured on ${device}`);
    return `${parameters} parameters, ${fixed(seconds, 2)} s on ${device}`;
  }

  async train(): Promise<string> {
    const { queue, runs } = this.#shell.client;
    this.#runs = (await queue.enqueue({ requests: REQUESTS })).runs;
    const ended = [];
    for (const id of this.#runs) {
      const { run } = await until(
        () => runs.show({ run: id }),
        (details) => !['queued', 'starting', 'running'].includes(details.run.status),
      );
      if (run.status !== 'completed')
        throw new Error(`${run.name} is ${run.status}: ${'error' in run ? run.error : ''}`);
      ended.push(`${run.name} ${fixed(run.metrics[METRIC], 4)}`);
    }
    return ended.join(', ');
  }

  /** A list needs the trained parameters, read again in another process. */
  async checkpoint(): Promise<string> {
    const { datasets, recommend } = this.#shell.client;
    const [{ id: user }] = await datasets.users({ dataset: DATASET });
    const { items } = await recommend.show({ run: this.#runs[1], user, k: 10 });
    if (items.length !== 10) throw new Error(`${items.length} items of 10 recommended`);
    return `10 items for user ${user}, first ${items[0].id}`;
  }

  async compare(): Promise<string> {
    const table = await this.#shell.client.compare.table({ runs: this.#runs });
    let step = await table.next();
    while (!step.done) step = await table.next();
    const { rows } = step.value;
    if (rows.length !== this.#runs.length) throw new Error(`${rows.length} rows of ${this.#runs.length}`);
    return `${rows.length} rows`;
  }

  async report(): Promise<string> {
    const { client, printPdf } = this.#shell;
    const { text } = await client.compare.report({ runs: this.#runs, format: 'html' });
    if (!text.includes('</table>')) throw new Error('the report has no table');
    if (printPdf === null) return `HTML of ${text.length} characters; this shell prints no PDF`;
    const pdf = await printPdf(text);
    if (Buffer.from(pdf.subarray(0, 5)).toString('latin1') !== '%PDF-')
      throw new Error('what was printed is no PDF');
    return `PDF of ${pdf.length} bytes`;
  }
}

/** Asks until an answer will do. */
async function until<T>(ask: () => Promise<T | undefined>, isEnough: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && isEnough(answer)) return answer;
    await sleep(POLL_MS);
  }
}
