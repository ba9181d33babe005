/**
 * Logs of RecBole: its settings, a loss and a validation an epoch, and the results of the end. One file of text has a run, or all runs of
 * one process.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { utcMs } from '../../dates.ts';
import { firstText } from '../../files/lines.ts';
import { configValue, pythonNumber, type ToldFacts, type TrackerListener } from './told.ts';

/** Longer ones are no logs of trainings. */
const MOST_BYTES = 256 * 2 ** 20;
const BEGINS = /^(?=General Hyper Parameters:)/m;
const TIMED = /^(\w{3} \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d)\s+[A-Z]+\s*(.*)$/;
const EPOCH = /^epoch (\d+) (training|evaluating) \[time: [^,\]]+, (.*)\]$/;
/** "SASRec-ml-100k-Dec-15-2023_16-08-04-5e1d5f.log" */
const FILE = /^([^-]+)-(.+)-[A-Z][a-z]{2}-\d{2}-\d{4}_\d{2}-\d{2}-\d{2}(-\w+)?\.log$/;

export function isRecBoleLog(path: string): boolean {
  return (
    /\.log$/i.test(path) && /^General Hyper Parameters:/m.test(stripVTControlCharacters(firstText(path)))
  );
}

export function readRecBole([path]: readonly string[], to: TrackerListener): void {
  if (statSync(path).size > MOST_BYTES) {
    to.lost(`${path} is too large for a log of RecBole`, null);
    return;
  }
  const [, model, dataset] = FILE.exec(basename(path)) ?? [];
  const [head, first = '', ...others] = stripVTControlCharacters(readFileSync(path, 'utf8')).split(BEGINS);
  // What comes before the settings of the first run belongs to it.
  for (const [at, text] of [head + first, ...others].entries()) {
    const number = at === 0 ? '' : `#${at + 1}`;
    const log = new Log(basename(path) + number, to);
    for (const line of text.split(/\r?\n/)) log.add(line);
    const named = at === 0 && model !== undefined ? { model, dataset } : {};
    log.tell({ name: [basename(path, '.log'), number].join(' ').trim(), ...log.named, ...named });
  }
}

/** What the lines so far come to. A log has a name of its own, with its time and a hash. */
class Log {
  readonly named: Partial<Pick<ToldFacts, 'model' | 'dataset'>> = {};
  readonly #run: string;
  readonly #to: TrackerListener;
  readonly #config: Record<string, unknown> = {};
  readonly #stated: Record<string, number> = {};
  #times: number[] = [];
  /** Settings follow, or the figures of a validation. */
  #part: 'settings' | 'validation' | null = null;
  #epoch = 0;
  #isOver = false;

  constructor(run: string, to: TrackerListener) {
    this.#run = run;
    this.#to = to;
  }

  add(text: string): void {
    const [, time, message] = TIMED.exec(text) ?? [];
    if (time !== undefined) {
      this.#part = null;
      this.#times = [this.#times[0] ?? utcMs(time), utcMs(time)];
    }
    const line = (message ?? text).trim();
    const [, epoch, phase, told] = EPOCH.exec(line) ?? [];
    const [, model] = (this.named.model === undefined && message && /^(\w+)\($/.exec(line)) || [];
    if (model !== undefined) this.named.model = model;
    else if (/ Hyper Parameters:$/.test(line)) this.#part = 'settings';
    else if (epoch !== undefined) this.#addEpoch(Number(epoch), phase, told);
    else if (/^valid result: ?/.test(line)) {
      this.#part = 'validation';
      this.#addFigures(line, 'valid');
    } else if (/^(best valid|test result) ?:/.test(line)) {
      this.#isOver = true;
      for (const [metric, value] of figuresIn(line))
        this.#stated[`${line.startsWith('best') ? 'valid' : 'test'}/${metric}`] = value;
    } else if (this.#part === 'settings') this.#addSetting(line);
    else if (this.#part === 'validation') this.#addFigures(line, 'valid');
  }

  tell(facts: Partial<ToldFacts>): void {
    const [startedAt, endedAt] = this.#times;
    const message = this.#isOver
      ? ''
      : 'its log has no result of the end: it was killed, or was still running when it was imported';
    this.#to.facts(this.#run, {
      ...{ program: 'RecBole', config: this.#config, stated: this.#stated, startedAt, endedAt, ...facts },
      ...{ status: this.#isOver ? 'completed' : 'interrupted', message },
    });
  }

  #addEpoch(epoch: number, phase: string, told: string): void {
    this.#epoch = epoch;
    for (const [, name, text] of told.matchAll(/([a-z][\w ]*): ([-+.\w]+)/gi)) {
      const value = pythonNumber(text);
      const metric = phase === 'training' ? name.replace(' ', '/') : name;
      if (value !== undefined) this.#point(metric, value);
    }
  }

  #addFigures(line: string, part: string): void {
    for (const [metric, value] of figuresIn(line)) this.#point(`${part}/${metric}`, value);
  }

  #point(metric: string, value: number): void {
    this.#to.point(this.#run, metric, this.#epoch, this.#times[1] ?? Number.NaN, value, this.#epoch);
  }

  #addSetting(line: string): void {
    const [, key, text] = /^(\w+) ?= ?(.*)$/.exec(line) ?? [];
    if (key === undefined || text === 'None' || text === '') return;
    this.#config[key] = text === 'True' || text === 'False' ? text === 'True' : configValue(text);
    if (key === 'data_path') this.named.dataset = basename(text) || basename(dirname(text));
  }
}

/** "recall@10 : 0.05    mrr@10 : 0.01", or pairs as Python writes them, of NumPy's numbers too. */
function figuresIn(line: string): [metric: string, value: number][] {
  const pairs = line.matchAll(
    /'?([a-z]\w*(?:@\d+)?)'?\s*[:,]\s*(?:np\.\w+\()?([-+]?(?:\d[\d.e+-]*|inf|nan))/gi,
  );
  return [...pairs].flatMap(([, metric, text]): [string, number][] => {
    const value = pythonNumber(text);
    return value === undefined ? [] : [[metric, value]];
  });
}
