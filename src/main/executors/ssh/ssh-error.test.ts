import { expect, it } from 'vitest';
import { connectionError } from './ssh-error.ts';

const CASES = [
  ['ssh: Could not resolve hostname box: Name or service not known', 'unknown-host', 'no host of this name'],
  ['ssh: connect to host box port 22: No route to host', 'timeout', 'no network leads there'],
  ['ssh: connect to host box port 22: Network is unreachable', 'timeout', 'no network leads there'],
  ['ssh: connect to host box port 22: Connection timed out', 'timeout', 'does not answer'],
  ['client_loop: send disconnect: Broken pipe', 'lost', 'was lost'],
] as const;

it.each(CASES)('says of "%s" what is so, and that it may pass', (said, problem, text) => {
  const error = connectionError('box', said);
  expect(error).toMatchObject({ problem, isPassing: true });
  expect(error.message).toContain(text);
});
