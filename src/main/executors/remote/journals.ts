import { UserError } from '../../../core/errors.ts';
import type { SshConnection } from '../ssh/connection.ts';
import { Gathered } from './gathered.ts';

/** How often the journals of a host are read, those of all runs at once. */
const EVERY_MS = 1_000;
/** Of all journals at once, and at least of each: an answer with less has all that is there. */
const MOST_BYTES = 8 * 2 ** 20;
export const LEAST_BYTES = 2 ** 18;
/** Of journals at once: what is asked for many hundreds would be long lines. */
const MOST_JOURNALS = 50;

/** "$1" the most bytes of each. A line of stdin is an offset and a file; the answer for each is a line with the count, then that many bytes. */
const READ = `while IFS='\t' read -r offset file; do
  count=0
  [ ! -f "$file" ] || count=$(($(wc -c < "$file") - offset))
  [ "$count" -le "$1" ] || count=$1
  [ "$count" -ge 0 ] || count=0
  echo "$count"
  [ "$count" = 0 ] || tail -c "+$((offset + 1))" "$file" | head -c "$count"
done`;

interface Part {
  file: string;
  offset: number;
}

/** What the journals of a host have beyond an offset: one question for all runs. */
export class RemoteJournals {
  readonly #connection: SshConnection;
  readonly #gathered = new Gathered((parts: Part[]) => this.#readAll(parts), EVERY_MS);

  constructor(connection: SshConnection) {
    this.#connection = connection;
  }

  /** Empty where there is nothing more, or no journal. */
  read(file: string, offset: number, signal?: AbortSignal): Promise<Buffer> {
    return this.#gathered.ask({ file, offset }, signal);
  }

  async #readAll(parts: readonly Part[]): Promise<Buffer[]> {
    const answers: Buffer[] = [];
    for (let at = 0; at < parts.length; at += MOST_JOURNALS)
      answers.push(...(await this.#readSome(parts.slice(at, at + MOST_JOURNALS))));
    return answers;
  }

  async #readSome(parts: readonly Part[]): Promise<Buffer[]> {
    const chunks: Buffer[] = [];
    await this.#connection.run({
      what: 'reading journals',
      script: READ,
      args: [String(Math.max(LEAST_BYTES, Math.floor(MOST_BYTES / parts.length)))],
      stdin: parts.map(({ offset, file }) => `${offset}\t${file}\n`).join(''),
      onOutput: (chunk) => chunks.push(chunk),
      timeoutMs: 300_000,
    });
    const said = Buffer.concat(chunks);
    let at = 0;
    return parts.map(() => {
      const line = said.indexOf('\n', at);
      const count = Number(said.toString('latin1', at, line));
      const bytes = said.subarray(line + 1, line + 1 + count);
      if (line < 0 || bytes.length !== count)
        throw new UserError(`${this.#connection.host}: a journal was cut`);
      at = line + 1 + count;
      return bytes;
    });
  }
}
