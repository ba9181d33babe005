import { randomInt } from 'node:crypto';

// Crockford's alphabet: sorts like the numbers it writes and has no letters easily misread.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const EPOCH_MS = Date.UTC(2024, 0, 1);
let lastTick = 0;

/**
 * A new run id: 8 digits of the time in milliseconds since 2024 and 3 random ones, base 32.
 * Ids sort by creation, strictly so within a process; the caller retries on the rare collision between two.
 */
export function newRunId(): string {
  lastTick = Math.max(Date.now() - EPOCH_MS, lastTick + 1);
  return base32(lastTick, 8) + base32(randomInt(32 ** 3), 3);
}

/** Ids up to here, the first twelve days of 2024, are of runs before that year: no run of Tessera is that old. */
const BEFORE_2024 = 1e9;

/** The id of a run that began at a time in Unix milliseconds, so that it sorts among the others by that. */
export function runIdOf(startedAt: number): string {
  const early = (Math.max(0, startedAt) / EPOCH_MS) * BEFORE_2024;
  const tick =
    startedAt < EPOCH_MS ? early : Math.max(BEFORE_2024, Math.min(startedAt, Date.now()) - EPOCH_MS);
  return base32(Math.floor(tick), 8) + base32(randomInt(32 ** 3), 3);
}

/** Whether a name has the form of a run's id. */
export function isRunId(name: string): boolean {
  return new RegExp(`^[${ALPHABET}]{11}$`).test(name);
}

function base32(value: number, digits: number): string {
  let text = '';
  for (let rest = value; text.length < digits; rest = Math.floor(rest / 32))
    text = ALPHABET[rest % 32] + text;
  return text;
}
