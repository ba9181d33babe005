/** A home that an earlier program made is opened, read, used and trained on, and answers as it did then. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runHere } from './cli/command-line.ts';
import { startShell } from './desktop/browser-shell.ts';
import {
  answersOfCommands,
  answersOfWindow,
  computedAnswers,
  differences,
  processorKind,
  readExpected,
  resumedRuns,
  unpack,
} from './fixtures/old-home/answers.ts';
import { isWhole } from './form.ts';

/**
 * Models compute bit by bit what they did where the processor is of the kind that the answers are from. Another one
 * rounds differently: one user of sixty may move to another rank, and the order of equal scores may change.
 */
const OTHER_PROCESSOR = 0.05;

const folder = mkdtempSync(join(tmpdir(), 'tessera-old-home-'));
const home = join(folder, 'home');
const expected = readExpected();
const tolerance = processorKind() === expected.processor ? 0 : OTHER_PROCESSOR;

beforeAll(() => unpack(home));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

/** The output of a command that ends well. */
async function tessera(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runHere(['--home', home, '--json', ...args]);
  if (code !== 0) throw new Error(`${args.join(' ')}: exit code ${code}: ${stderr}`);
  return stdout;
}

test('the window is told the same of runs, comparisons, codebooks and what the user left there', async () => {
  const { client } = await startShell(home);
  expect(differences(await answersOfWindow(client, home), expected.window)).toEqual([]);
});

test('commands tell the same of data sets, runs, comparisons, studies and Semantic IDs', async () => {
  expect(differences(await answersOfCommands(tessera, home), expected.commands)).toEqual([]);
});

test('models recommend, generate and are measured again as before', async () => {
  expect(differences(await computedAnswers(tessera), expected.computed, tolerance)).toEqual([]);
});

test.skipIf(!isWhole)(
  'every run that was killed goes on from its checkpoint to the end that it had then',
  async () => {
    expect(differences(await resumedRuns(tessera), expected.resumed, tolerance)).toEqual([]);
  },
);
