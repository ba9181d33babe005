import { z } from 'zod';
import { UserError } from './errors.ts';

/** Characters of a name. */
export const MAX_NAME = 200;

/** Half of a surrogate pair would be another character once it was stored. */
export const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]*$/u;

/** A name that users give to a data set or a run: a line of text. */
export const nameSchema = z
  .string()
  .trim()
  .min(1, 'Enter a name')
  .max(MAX_NAME, `At most ${MAX_NAME} characters`)
  .regex(ONE_LINE, 'Use one line, without control characters');

/** Throws UserError for a name that does not fit on a line. `what` is what it is a name of. */
export function requireName(name: string, what: string): void {
  const parsed = nameSchema.safeParse(name);
  if (parsed.success) return;
  throw new UserError(`${JSON.stringify(name)} is no name of a ${what}: ${parsed.error.issues[0].message}`);
}

/** A name, or where that is taken the same with the first number behind it that is free. */
export function freeName(name: string, isTaken: (name: string) => boolean, between = '-'): string {
  for (let free = name, number = 2; ; number++) {
    if (!isTaken(free)) return free;
    free = `${name}${between}${number}`;
  }
}

/** Names that a sentence can hold. */
const [FEW, FIRST] = [5, 3];

/** "a, b, c", and of many names the first with how many others there are: "a, b, c and 203 others". */
export function someNames(names: readonly string[]): string {
  if (names.length <= FEW) return names.join(', ');
  return `${names.slice(0, FIRST).join(', ')} and ${withCommas(names.length - FIRST)} others`;
}

/** A piece of a text for a message: one line of at most so many characters. */
export function clip(text: string, length = 60): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

/** Characters at the end of a text that stay where its beginning says too little. */
const TAIL = 12;

/** Each text as `clip` has it, or where several would then be alike shortened in its middle; no two are the same. */
export function clippedApart(texts: readonly string[], length: number): string[] {
  const line = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
  const middle = (text: string) =>
    text.length > length ? `${text.slice(0, length - TAIL - 1)}…${text.slice(-TAIL)}` : text;
  const ways = [(text: string) => clip(text, length), (text: string) => middle(line(text)), line];
  const all = ways.map((way) => texts.map(way));
  return texts.map((text, at) => {
    const apart = all.find((shown) => shown.indexOf(shown[at]) === at && shown.lastIndexOf(shown[at]) === at);
    return apart?.[at] ?? `${line(text)} ${at + 1}`;
  });
}

/** "two words" → "Two words" */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Made at its first use, which takes 15 ms; the window takes twenty times as long for `toLocaleString`. */
let inGroups: Intl.NumberFormat | undefined;

/** "12,101": a number in groups of three digits. */
export function withCommas(value: number): string {
  inGroups ??= new Intl.NumberFormat('en-US');
  return inGroups.format(value);
}

/** "1 run", "1,200 runs": how many there are of something. */
export function countText(count: number, noun: string): string {
  return `${withCommas(count)} ${noun}${count === 1 ? '' : 's'}`;
}

const EXAMPLES = 3;

/** The first few of a list, for a message. */
export function examplesText(all: readonly string[]): string {
  return `${all.slice(0, EXAMPLES).join(', ')}${all.length > EXAMPLES ? ', …' : ''}`;
}

/** The name as one line. */
export function onOneLine(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}

/** An argument as a POSIX shell reads it back. */
export function shellQuote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

/** The last argument of a command in a shell, which would be an option where it begins with a dash. */
export function lastOperand(argument: string): string {
  return argument.startsWith('-') ? `-- ${shellQuote(argument)}` : shellQuote(argument);
}

/** An argument as a terminal reads it back: on Windows cmd, which knows double quotes alone, or PowerShell, which parts words at commas. */
export function terminalQuote(argument: string, platform: string = process.platform): string {
  if (platform !== 'win32') return shellQuote(argument);
  const isPlain = /^[\w+=:./\\-]+$/.test(argument);
  return isPlain ? argument : `"${argument.replaceAll('"', '\\"').replace(/\\+$/, '$&$&')}"`;
}

/** A config key in words: "learningRate" → "learning rate", "ffnDim" → "FFN dim". */
export function keyWords(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(/\b(cpu|gpu|ffn|mlp)\b/g, (name) => name.toUpperCase());
}
