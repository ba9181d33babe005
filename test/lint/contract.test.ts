/** The contract has schemas and types: what computes belongs to the room that it is about, where main may use it without the contract. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const API = join(import.meta.dirname, '../../src/core/api');
const FUNCTION = /^(?:export )?(?:async )?function (\w+)|^export const (\w+)[^=]*= (?:async )?\(.*=>/gm;

it('no file of the contract has a function, but for how a question begins and the check of what hosts have said', () => {
  const files = readdirSync(API).filter((name) => !name.includes('.test.'));
  const found = files.flatMap((name) =>
    [...readFileSync(join(API, name), 'utf8').matchAll(FUNCTION)].map((match) => match[1] ?? match[2]),
  );
  expect(found).toEqual(['asks', 'isReport']);
});
