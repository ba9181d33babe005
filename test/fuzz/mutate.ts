/** Random damage to the bytes of a file. */
import type { Random } from '../../src/core/math/random.ts';

/** What parsers stumble over. */
const TOKENS = [
  ...[
    '"',
    '""',
    '"\n',
    ',"',
    '",',
    '\n',
    '\r\n',
    '\r',
    '\n\n',
    '\0',
    '\t',
    ',',
    ';',
    '|',
    '::',
    ' ',
    '   \n',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '{"',
    '":',
    'null',
    'null\n',
    'true',
    '[]',
    '{}\n',
    "'",
    '\\',
    '\\u0000',
    '\\ud800',
  ],
  ...[
    '0',
    '-1',
    '1e999',
    '-1e400',
    'NaN',
    'inf',
    '007',
    '0x1F',
    '1.5',
    '9007199254740993',
    '99999999999999999999',
  ],
  ...['constructor', '__proto__', 'toString', 'user', 'item', 'label', 'time', '=cmd', '\x1b[31m', '\u202e'],
  ...['é', '漢', '😀', '\ufeff', '\u2028', 'ı', 'İ'],
].map((text) => Buffer.from(text));
const BYTES = [
  0, 1, 9, 10, 13, 32, 34, 39, 44, 47, 58, 91, 92, 93, 123, 125, 127, 128, 0xc3, 0xe9, 0xfe, 0xff,
];

const below = (random: Random, limit: number) => Math.floor(random.uniform() * limit);
const pick = <T>(random: Random, list: readonly T[]): T => list[below(random, list.length)];

function splice(bytes: Buffer, at: number, removed: number, ...added: Uint8Array[]): Buffer {
  return Buffer.concat([bytes.subarray(0, at), ...added, bytes.subarray(at + removed)]);
}

/** A part of the bytes: short ones are likelier than long ones. */
function part(random: Random, bytes: Buffer): [at: number, length: number] {
  const at = below(random, bytes.length + 1);
  return [at, Math.min(bytes.length - at, Math.floor(2 ** (random.uniform() * 12)))];
}

function line(random: Random, bytes: Buffer): [at: number, length: number] {
  const at = bytes.lastIndexOf(10, below(random, bytes.length + 1)) + 1;
  const end = bytes.indexOf(10, at);
  return [at, (end < 0 ? bytes.length : end + 1) - at];
}

type Damage = (random: Random, bytes: Buffer, other: Buffer) => Buffer;

const DAMAGES: readonly Damage[] = [
  (random, bytes) => splice(bytes, below(random, bytes.length + 1), 0, pick(random, TOKENS)),
  (random, bytes) => {
    const [at] = line(random, bytes);
    return splice(bytes, at, 0, pick(random, TOKENS));
  },
  (random, bytes) => {
    const token = pick(random, TOKENS);
    return splice(bytes, below(random, bytes.length + 1), token.length, token);
  },
  (random, bytes) => splice(bytes, below(random, bytes.length + 1), 1, Buffer.from([pick(random, BYTES)])),
  (random, bytes) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[below(random, copy.length)] ^= 1 << below(random, 8);
    return copy;
  },
  (random, bytes) => splice(bytes, ...part(random, bytes)),
  (random, bytes) => {
    const [at, length] = part(random, bytes);
    return splice(bytes, below(random, bytes.length + 1), 0, bytes.subarray(at, at + length));
  },
  (random, bytes) => bytes.subarray(0, below(random, bytes.length + 1)),
  (random, bytes) => {
    const [at, length] = line(random, bytes);
    return splice(bytes, at, length);
  },
  (random, bytes) => {
    const [at, length] = line(random, bytes);
    return splice(bytes, line(random, bytes)[0], 0, bytes.subarray(at, at + length));
  },
  (random, bytes, other) => {
    const [at, length] = part(random, other);
    return splice(bytes, below(random, bytes.length + 1), 0, other.subarray(at, at + length));
  },
  (random, bytes) => {
    const token = pick(random, TOKENS);
    const times = Math.floor(2 ** (random.uniform() * 14));
    return splice(bytes, below(random, bytes.length + 1), 0, Buffer.alloc(token.length * times, token));
  },
];

/** Damage to the whole text, which must stay rare to leave the rest a chance. */
const CONVERSIONS: readonly ((bytes: Buffer) => Buffer)[] = [
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'latin1'),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
  (bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]),
  (bytes) => Buffer.from(bytes.toString('latin1').replaceAll(',', ';'), 'latin1'),
];

/** One to a dozen damages, mostly few. `other` is a second file, parts of which may be inserted. */
export function mutate(random: Random, bytes: Buffer, other: Buffer): Buffer {
  let damaged = bytes;
  if (random.uniform() < 0.05) damaged = pick(random, CONVERSIONS)(damaged);
  for (let count = Math.ceil(12 * random.uniform() ** 3); count > 0; count--) {
    damaged = pick(random, DAMAGES)(random, damaged, other);
  }
  return damaged;
}
