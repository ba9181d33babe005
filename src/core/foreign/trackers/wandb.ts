/**
 * Runs that W&B has written to disk (`run-ID.wandb`): records in the framing of LevelDB's log, whose sums are CRC-32 of type and bytes,
 * behind a header of seven bytes; each is a `Record` (wandb/proto/wandb_internal.proto).
 */
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { utcMs } from '../../dates.ts';
import {
  figuresOf,
  flatEntries,
  loggedNumber,
  pythonJson,
  type ToldFacts,
  type TrackerListener,
  tellLogged,
} from './told.ts';
import { codecOf, type Decoded, type Frames, readFrames, wholeNumber } from './wire.ts';
import { jsonIn, settingsIn } from './yaml.ts';

const BLOCK = 32_768;
const HEADER = 7;
const IDENT = ':W&B';

/** A fragment is a whole record, or its first, a middle or the last part. */
const FULL = 1;
const FIRST = 2;
const LAST = 4;

export function logRecords(bytes: Uint8Array, offset: number): Frames {
  const frames: Frames = { records: [], used: 0, damaged: 0, wanted: BLOCK };
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let parts: Uint8Array[] = [];
  let at = 0;
  if (offset === 0 && bytes.length >= HEADER) {
    if (view.toString('latin1', 0, 4) !== IDENT) return { ...frames, wanted: null };
    at = frames.used = HEADER;
  }
  for (;;) {
    const left = BLOCK - ((offset + at) % BLOCK);
    // No header fits into so few bytes: they are zeros.
    if (left < HEADER) at += left;
    if (at + HEADER > bytes.length) break;
    const type = bytes[at + 6];
    const end = at + HEADER + view.readUInt16LE(at + 4);
    const data = bytes.subarray(at + HEADER, end);
    const isCut = end > bytes.length;
    if (isCut && end - at <= left) break;
    if (
      isCut ||
      end - at > left ||
      crc32(data, crc32(bytes.subarray(at + 6, at + 7))) !== view.readUInt32LE(at)
    ) {
      // Lengths cannot be trusted any more; the next block begins with a header.
      const block = BLOCK - ((offset + at) % BLOCK);
      if (at + block > bytes.length) break;
      frames.damaged++;
      parts = [];
      at = frames.used = at + block;
      continue;
    }
    if (type === FULL || type === FIRST) parts = [];
    parts.push(data);
    at = end;
    if (type !== FULL && type !== LAST) continue;
    frames.records.push(parts.length === 1 ? data : Buffer.concat(parts));
    frames.used = at;
    parts = [];
  }
  // One longer than a block is looked for in twice as many bytes.
  frames.wanted = Math.max(at + HEADER, bytes.length + 1) - frames.used;
  return frames;
}

const SUMMARY = 'wandb-summary.json';

/** A run's log, or where there is none what it ended with. */
export function isWandbFile(path: string): boolean {
  if (path.endsWith('.wandb')) return true;
  return basename(path) === SUMMARY && !readdirSync(folderOf(path)).some((name) => name.endsWith('.wandb'));
}

/** Of a run, by a file in it or in its folder "files". */
function folderOf(path: string): string {
  const folder = dirname(path);
  return basename(folder) === 'files' ? dirname(folder) : folder;
}

/** Last values, with the settings and the start beside them. */
function readSummary(path: string, to: TrackerListener): void {
  const name = basename(folderOf(path));
  const id = /^(?:offline-)?run-[\d_]+-(.+)$/.exec(name)?.[1] ?? name;
  const summary = jsonIn(path);
  if (summary === null) {
    to.lost('summaries of W&B that cannot be read');
    return;
  }
  const settings = Object.entries(settingsIn(join(dirname(path), 'config.yaml'), to));
  const config = settings.flatMap(([key, value]) => {
    const [, own] = /^(?!_wandb\.|wandb_version$)(.+?)\.value(?=\.|$)/.exec(key) ?? [];
    return own === undefined ? [] : [[own + key.slice(own.length + '.value'.length), value] as const];
  });
  const { startedAt, host } = jsonIn(join(dirname(path), 'wandb-metadata.json')) ?? {};
  const { stated, environment } = endOf(withoutMedia(flatEntries(summary, '.')));
  const ended = Number(summary._timestamp) * 1000;
  to.facts(id, {
    ...{ name: id, program: 'W&B', status: 'completed', config: Object.fromEntries(config), stated },
    environment: { ...environment, ...(typeof host === 'string' && { host }) },
    startedAt: utcMs(String(startedAt)) || undefined,
    endedAt: Number.isFinite(ended) ? ended : undefined,
  });
}

type Entries = [key: string, value: unknown][];

const withoutOwn = (entries: Entries) => entries.filter(([key]) => !key.startsWith('_'));

/** What a run ended with: figures and texts. */
function endOf(entries: Entries): { stated: Record<string, number>; environment: Record<string, string> } {
  const own = withoutOwn(entries);
  const texts = own.filter(([, value]) => typeof value === 'string' && loggedNumber(value) === undefined);
  return { stated: figuresOf(own), environment: Object.fromEntries(texts) as Record<string, string> };
}

export async function readWandb(
  [file]: readonly string[],
  to: TrackerListener,
  progress: (fraction: number) => Promise<void>,
): Promise<void> {
  const name = basename(file);
  if (name === SUMMARY) return readSummary(file, to);
  const id = name.replace(/^run-/, '').replace(/\.wandb$/, '');
  const run = new WandbRun(to);
  // A run that was resumed goes on in another folder, in a file of the same name.
  const place = `${basename(dirname(file))}/${name}`;
  const from = to.cursorOf(id)[place] ?? 0;
  let isTold = from > 0;
  if (isTold) to.facts(id, {});
  for (const part of readFrames(file, from, logRecords)) {
    to.lost('damaged blocks', part.damaged);
    if (part.isBroken) to.lost(`${name} is no file of W&B`, null);
    for (const record of part.records) run.add(record);
    // Its second record says what it is: before that it has not begun.
    if (!isTold && !run.isDescribed) continue;
    if (!isTold) to.facts(id, { name: id, program: 'W&B', ...NOT_ENDED });
    isTold = true;
    run.tell(id);
    to.setCursor(id, { ...to.cursorOf(id), [place]: part.offset });
    await progress(part.offset / part.size);
  }
  if (!isTold) to.lost('files of W&B without a run');
}

const NOT_ENDED = {
  status: 'interrupted',
  message: 'no end was recorded: the run was killed or still running at import',
} as const;

const RECORDS = {
  Record: {
    history: ['History', 2],
    summary: ['Updates', 3],
    config: ['Updates', 5],
    run: ['Run', 17],
    exit: ['Exit', 18],
  },
  History: { item: ['Item', 1, 'repeated'], step: ['Step', 2] },
  Step: { num: ['int64', 1] },
  Updates: { update: ['Item', 1, 'repeated'] },
  Item: {
    key: ['string', 1],
    nestedKey: ['string', 2, 'repeated'],
    flag: ['bool', 4, 'optional'],
    integer: ['sint64', 5, 'optional'],
    number: ['double', 6, 'optional'],
    text: ['string', 7, 'optional'],
    json: ['string', 8, 'optional'],
    valueJson: ['string', 16],
  },
  Run: {
    project: ['string', 3],
    config: ['Updates', 4],
    summary: ['Updates', 5],
    group: ['string', 6],
    displayName: ['string', 8],
    notes: ['string', 9],
    tags: ['string', 10, 'repeated'],
    host: ['string', 13],
    startTime: ['Timestamp', 17],
  },
  Timestamp: { seconds: ['int64', 1], nanos: ['int32', 2] },
  Exit: { code: ['int32', 1], seconds: ['int32', 2] },
} as const;
const RECORD = codecOf(RECORDS, 'Record');
type Message<Name extends keyof typeof RECORDS> = Decoded<typeof RECORDS, Name>;

type Point = [metric: string, step: number, time: number, value: number];
const nothing = () => ({ config: {}, environment: {}, stated: {} });

/** What the records of a run come to. */
class WandbRun {
  isDescribed = false;
  readonly #to: TrackerListener;
  #points: Point[] = [];
  #facts: Partial<ToldFacts> & Pick<ToldFacts, 'config' | 'environment' | 'stated'> = nothing();
  #started: number | null = null;

  constructor(to: TrackerListener) {
    this.#to = to;
  }

  add(record: Uint8Array): void {
    try {
      const { history, summary, config, run, exit } = RECORD.decode(record);
      if (run) this.#describe(run);
      for (const [key, value] of entriesOf((config ?? run?.config)?.update ?? []))
        if (!key.startsWith('_wandb')) this.#note({ config: { [key]: value } });
      this.#note(endOf(entriesOf((summary ?? run?.summary)?.update ?? [])));
      if (history) this.#log(entriesOf(history.item), history.step);
      if (exit) this.#end(exit);
    } catch {
      this.#to.lost('records that are none of W&B');
    }
  }

  /** Tells what was added since it was told before. */
  tell(run: string): void {
    this.#to.facts(run, this.#facts);
    for (const point of this.#points) this.#to.point(run, ...point);
    [this.#facts, this.#points] = [nothing(), []];
  }

  #note({ config, environment, stated, ...facts }: Partial<ToldFacts>): void {
    Object.assign(this.#facts, facts);
    Object.assign(this.#facts.config, config);
    Object.assign(this.#facts.environment, environment);
    Object.assign(this.#facts.stated, stated);
  }

  #log(entries: Entries, step: Message<'Step'> | null): void {
    const values = Object.fromEntries(entries);
    const at = step ? wholeNumber(step.num) : Number(values._step ?? 0);
    const time = Number(values._timestamp ?? Number.NaN) * 1000;
    if (Number.isFinite(time)) this.#facts.endedAt = time;
    const point = (_run: string, ...told: Point) => void this.#points.push(told);
    tellLogged('', withoutOwn(entries), [at, time], { point, lost: this.#to.lost.bind(this.#to) });
  }

  #describe({ project, group, host, displayName, notes, tags, startTime }: Message<'Run'>): void {
    this.isDescribed = true;
    if (startTime) this.#started = wholeNumber(startTime.seconds) * 1000 + startTime.nanos / 1e6;
    this.#note({
      ...(host !== '' && { environment: { host } }),
      ...(displayName !== '' && { name: displayName }),
      ...(project !== '' && { project }),
      ...(this.#started !== null && { startedAt: this.#started }),
      ...{ notes, tags: group === '' ? tags : [...tags, group] },
    });
  }

  #end({ code, seconds }: Message<'Exit'>): void {
    const isDone = code === 0;
    const ending = isDone ? '' : `it ended with exit code ${code}`;
    this.#note({ status: isDone ? 'completed' : 'failed', message: ending });
    if (this.#started !== null && seconds > 0) this.#facts.endedAt = this.#started + seconds * 1000;
  }
}

/** What is nested has keys with dots. Pictures, tables and histograms say what they are, and are one entry without a value. */
function entriesOf(items: readonly Message<'Item'>[]): Entries {
  const entries = items.flatMap((item) => {
    const path = item.nestedKey.length > 0 ? item.nestedKey.join('.') : item.key;
    return flatEntries(valueIn(item), '.', path);
  });
  return withoutMedia(entries);
}

function withoutMedia(entries: Entries): Entries {
  const media = entries.flatMap(([key]) => (key.endsWith('._type') ? [key.slice(0, -'_type'.length)] : []));
  const plain = entries.filter(([key]) => !media.some((prefix) => key.startsWith(prefix)));
  return [...plain, ...media.map((prefix): Entries[number] => [prefix.slice(0, -1), null])];
}

function valueIn(item: Message<'Item'>): unknown {
  const field = (['flag', 'integer', 'number', 'text'] as const).find((one) => Object.hasOwn(item, one));
  if (field === undefined) return pythonJson(Object.hasOwn(item, 'json') ? item.json : item.valueJson);
  return field === 'integer' ? wholeNumber(item.integer) : item[field];
}
