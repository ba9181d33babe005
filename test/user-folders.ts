/**
 * Gives the tests, and all that they start, folders for a user's settings and data that nobody else has, and takes them away; and one for
 * what hosts are sent (test/remote/program.ts).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'tessera-user-'));
  for (const name of ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'LOCALAPPDATA']) {
    process.env[name] = join(folder, name.toLowerCase());
  }
  process.env.TESSERA_TEST_PROGRAM = join(folder, 'program');
  return () => rmSync(folder, { recursive: true, force: true });
}
