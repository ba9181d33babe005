import { expect, it, vi } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { print, printJson } from './context.ts';
import { errorText } from './errors.ts';

it('nothing that is printed is obeyed by a terminal, and JSON stays what it was', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const hostile = 'a\u001b]0;owned\u0007\u009b31m\u061c\u202eb';
  print(`${hostile}\n\tnext`);
  printJson({ name: hostile });
  const [text, json] = write.mock.calls.map(([written]) => String(written));
  write.mockRestore();
  expect(text).toBe('a ]0;owned 31m b\n\tnext\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u202e]/;
  expect(json).not.toMatch(obeyed);
  expect(JSON.parse(json)).toEqual({ name: hostile });
  expect(errorText(new UserError(hostile), false)).not.toMatch(obeyed);
  expect(errorText(new Error(hostile), true)).not.toMatch(obeyed);
});
