/**
 * Event files of TensorBoard: records framed as TFRecord (length, masked CRC-32C of it, bytes, masked CRC-32C of them), each an
 * `Event` (tensorflow/core/util/event.proto). A folder of event files is a run, as it is for TensorBoard.
 */
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { nameOf, type ToldFacts, type TrackerListener } from './told.ts';
import { codecOf, type Decoded, type Frames, type Integer, readFrames, wholeNumber } from './wire.ts';
import { settingsIn } from './yaml.ts';

const HEAD = 12;
const FOOT = 4;

const CRC32C = Int32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** CRC-32C rotated and moved, so that the sum of bytes with sums in them is no sum (TFRecord). */
export function maskedCrc32c(bytes: Uint8Array): number {
  let sum = -1;
  for (let at = 0; at < bytes.length; at++) sum = (sum >>> 8) ^ CRC32C[(sum ^ bytes[at]) & 0xff];
  sum = ~sum;
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

export function tfRecords(bytes: Uint8Array): Frames {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: Frames = { records: [], used: 0, damaged: 0, wanted: HEAD };
  for (let at = 0; at + HEAD <= bytes.length; at = frames.used) {
    const length = Number(view.getBigUint64(at, true));
    if (maskedCrc32c(bytes.subarray(at, at + 8)) !== view.getUint32(at + 8, true))
      return { ...frames, wanted: null };
    const end = at + HEAD + length + FOOT;
    frames.wanted = HEAD + length + FOOT;
    if (end > bytes.length) break;
    const record = bytes.subarray(at + HEAD, end - FOOT);
    if (maskedCrc32c(record) === view.getUint32(end - FOOT, true)) frames.records.push(record);
    else frames.damaged++;
    frames.used = end;
    frames.wanted = HEAD;
  }
  return frames;
}

/** The event files of a folder. */
export async function readTensorBoard(
  files: readonly string[],
  to: TrackerListener,
  progress: (fraction: number) => Promise<void>,
): Promise<void> {
  const folder = dirname(files[0]);
  const above = settingsOfAbove(folder, files, to.root);
  if (above !== null) return to.facts(above.run, above.facts);
  const run = runId(files);
  if (run === null) {
    to.lost('folders without a whole event');
    return;
  }
  // PyTorch Lightning keeps the settings in a file of its own.
  const config = settingsIn(join(folder, 'hparams.yaml'), to);
  to.facts(run, { name: nameOf(folder, to.root), program: 'TensorBoard', status: 'completed', config });
  const [events, cursor] = [new RunEvents(run, to), { ...to.cursorOf(run) }];
  for (const [at, file] of files.entries()) {
    const name = basename(file);
    for (const part of readFrames(file, cursor[name] ?? 0, tfRecords)) {
      to.lost('damaged records', part.damaged);
      if (part.isBroken) to.lost(`${name} cannot be read from byte ${part.offset} on: it is damaged`, null);
      for (const record of part.records) events.add(record);
      events.tellEnd();
      cursor[name] = part.offset;
      to.setCursor(run, { ...cursor });
      await progress((at + part.offset / part.size) / files.length);
    }
  }
}

export const isEventFile = (path: string) => basename(path).includes('tfevents');

/** `add_hparams` writes little more than settings. */
const MOST_SETTINGS_BYTES = 2 ** 20;

/**
 * What `add_hparams` has written into a folder of its own: the settings and final figures of the run in the folder above. Null where the
 * folder is a run: it has curves, there is none above, or several such folders differ, as those of a sweep do.
 */
function settingsOfAbove(
  folder: string,
  files: readonly string[],
  root: string,
): { run: string; facts: Partial<ToldFacts> } | null {
  const above = dirname(folder);
  const own = settingsAlone(files);
  if (own === null || folder === root || relative(root, above).startsWith('..')) return null;
  const run = runId(eventFilesIn(above));
  const beside = entriesIn(above)
    .filter((entry) => entry.isDirectory() && entry.name !== basename(folder))
    .map((entry) => settingsAlone(eventFilesIn(join(above, entry.name))));
  const isOther = (one: Partial<ToldFacts> | null) =>
    one !== null && JSON.stringify(one.config) !== JSON.stringify(own.config);
  return run === null || beside.some(isOther) ? null : { run, facts: own };
}

/** The settings in event files, and one figure of each metric; null where there is more, or less. */
function settingsAlone(files: readonly string[]): Partial<ToldFacts> | null {
  if (files.length === 0 || files.some((file) => statSync(file).size > MOST_SETTINGS_BYTES)) return null;
  let config: Record<string, unknown> | undefined;
  const figures: [metric: string, value: number][] = [];
  const events = new RunEvents('', {
    facts: (_run, told) => {
      config = told.config ?? config;
    },
    point: (_run, metric, _step, _time, value) => void figures.push([metric, value]),
    lost: () => {},
  });
  for (const file of files)
    for (const { records } of readFrames(file, 0, tfRecords))
      for (const record of records) events.add(record);
  const stated = Object.fromEntries(figures);
  return config && Object.keys(stated).length === figures.length ? { config, stated } : null;
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function eventFilesIn(folder: string): string[] {
  const names = entriesIn(folder).flatMap((entry) =>
    entry.isFile() && isEventFile(entry.name) ? entry.name : [],
  );
  return names.sort().map((name) => join(folder, name));
}

/** The name of its first file, which has time, host and process, and the time of its first event: they stay where a folder is moved. */
function runId(files: readonly string[]): string | null {
  for (const file of files) {
    const [first] = readFrames(file, 0, tfRecords).next().value?.records ?? [];
    try {
      if (first) return `${basename(file)}@${EVENT.decode(first).wallTime}`;
    } catch {
      // It is told as a record that is no event, where another file has one.
    }
  }
  return null;
}

/** tensorflow/core/util/event.proto, and summary.proto and tensor.proto in its framework. */
const EVENTS = {
  Event: { wallTime: ['double', 1], step: ['int64', 2], fileVersion: ['string', 3], summary: ['Summary', 5] },
  Summary: { value: ['Value', 1, 'repeated'] },
  Value: {
    tag: ['string', 1],
    simpleValue: ['float', 2, 'optional'],
    tensor: ['Tensor', 8],
    metadata: ['Metadata', 9],
  },
  Metadata: { pluginData: ['PluginData', 1] },
  PluginData: { pluginName: ['string', 1], content: ['bytes', 2] },
  Tensor: {
    dtype: ['int32', 1],
    tensorShape: ['Shape', 2],
    tensorContent: ['bytes', 4],
    floatVal: ['float', 5, 'repeated'],
    doubleVal: ['double', 6, 'repeated'],
    intVal: ['int32', 7, 'repeated'],
    stringVal: ['bytes', 8, 'repeated'],
    int64Val: ['int64', 10, 'repeated'],
  },
  Shape: { dim: ['Dim', 2, 'repeated'] },
  Dim: {},
} as const;
export const EVENT = codecOf(EVENTS, 'Event');

/** tensorboard/plugins/hparams/plugin_data.proto */
const HPARAMS = {
  HParams: { start: ['Start', 3], end: ['End', 4] },
  Start: { hparams: ['ParamValue', 1, 'map'] },
  End: { status: ['int32', 1] },
  ParamValue: {
    number: ['double', 2, 'optional'],
    text: ['string', 3, 'optional'],
    flag: ['bool', 4, 'optional'],
    list: ['List', 6],
  },
  List: { values: ['ParamValue', 1, 'repeated'] },
} as const;
export const HPARAM_DATA = codecOf(HPARAMS, 'HParams');
const FAILED = 2;

/** What the events of a run come to. */
class RunEvents {
  readonly #run: string;
  readonly #to: Pick<TrackerListener, 'facts' | 'point' | 'lost'>;
  /** Tags name their plugin with their first value alone. */
  readonly #plugins = new Map<string, string>();
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;

  constructor(run: string, to: Pick<TrackerListener, 'facts' | 'point' | 'lost'>) {
    this.#run = run;
    this.#to = to;
  }

  add(record: Uint8Array): void {
    try {
      const { wallTime, step, summary } = EVENT.decode(record);
      const time = wallTime * 1000;
      if (Number.isFinite(time)) this.#see(time);
      for (const value of summary?.value ?? []) this.#add(value, wholeNumber(step), time);
    } catch {
      this.#to.lost('records that are no events');
    }
  }

  tellEnd(): void {
    if (Number.isFinite(this.#until)) this.#to.facts(this.#run, { endedAt: this.#until });
  }

  #see(time: number): void {
    if (time < this.#from) this.#to.facts(this.#run, { startedAt: time });
    this.#from = Math.min(this.#from, time);
    this.#until = Math.max(this.#until, time);
  }

  #add(value: Decoded<typeof EVENTS, 'Value'>, step: number, time: number): void {
    const { tag, tensor, metadata } = value;
    const { pluginName, content } = metadata?.pluginData ?? { pluginName: '', content: new Uint8Array() };
    if (pluginName !== '') this.#plugins.set(tag, pluginName);
    const plugin = this.#plugins.get(tag);
    const isSimple = Object.hasOwn(value, 'simpleValue');
    const number = tensor && (plugin ?? 'scalars') === 'scalars' ? scalarOf(tensor) : undefined;
    if (plugin === 'hparams') this.#configure(HPARAM_DATA.decode(content));
    else if (isSimple) this.#to.point(this.#run, tag, step, time, value.simpleValue);
    else if (number !== undefined) this.#to.point(this.#run, tag, step, time, number);
    else if (tensor && (plugin ?? 'text') === 'text' && tensor.stringVal.length > 0) {
      const text = tensor.stringVal.map((bytes) => Buffer.from(bytes).toString('utf8')).join('\n');
      this.#to.facts(this.#run, { environment: { [tag.replace(/\/text_summary$/, '')]: text } });
    } else this.#to.lost('images, histograms and other records without a number');
  }

  #configure({ start, end }: Decoded<typeof HPARAMS, 'HParams'>): void {
    const config = Object.entries(start?.hparams ?? {}).map(([key, value]) => [key, plainValue(value)]);
    if (start) this.#to.facts(this.#run, { config: Object.fromEntries(config) });
    if (end) this.#to.facts(this.#run, { status: end.status === FAILED ? 'failed' : 'completed' });
  }
}

type Tensor = Decoded<typeof EVENTS, 'Tensor'>;

/** Of DT_FLOAT, DT_DOUBLE, DT_INT32 and DT_INT64: the bytes of a number, how they are read, and the list that may have it. */
const TYPES: Record<
  number,
  [bytes: number, read: (bytes: Buffer) => number, list: (tensor: Tensor) => Integer[]]
> = {
  1: [4, (bytes) => bytes.readFloatLE(), (tensor) => tensor.floatVal],
  2: [8, (bytes) => bytes.readDoubleLE(), (tensor) => tensor.doubleVal],
  3: [4, (bytes) => bytes.readInt32LE(), (tensor) => tensor.intVal],
  9: [8, (bytes) => Number(bytes.readBigInt64LE()), (tensor) => tensor.int64Val],
};

/** The number of a tensor without dimensions; undefined for any other. */
function scalarOf(tensor: Tensor): number | undefined {
  if ((tensor.tensorShape?.dim.length ?? 0) > 0 || !(tensor.dtype in TYPES)) return undefined;
  const [bytes, read, list] = TYPES[tensor.dtype];
  const content = Buffer.from(tensor.tensorContent);
  // Zeros at the end of a list are left out.
  return content.length >= bytes ? read(content) : wholeNumber(list(tensor)[0] ?? 0);
}

/** A google.protobuf.Value. */
function plainValue(value: Decoded<typeof HPARAMS, 'ParamValue'>): unknown {
  const field = (['number', 'text', 'flag'] as const).find((one) => Object.hasOwn(value, one));
  return field ? value[field] : (value.list?.values.map(plainValue) ?? null);
}
