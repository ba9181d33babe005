import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../../test/form.ts';
import { OUTPUT_BEGINS, remoteCommand } from './remote-command.ts';

/** Whatever a user may call a folder, or an attacker a data set. */
const argument = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...`'"\\$\`!#&;|<>()*?[]{}~^%= \n\t-a0é🙂`), maxLength: 12 }),
  fc.constantFrom('$(touch /tmp/owned)', "'; rm -rf ~; '", '-rf', '\\\\', '%s%n', '\\0101', ''),
);
const args = fc.array(
  argument.filter((text) => !text.includes('\0') && text.isWellFormed()),
  { minLength: 1, maxLength: 5 },
);

/** Shells that a login may have; sh is everywhere. */
const SHELLS = ['sh', 'bash', 'dash', 'zsh', 'tcsh', 'fish'].filter(
  (shell) => existsSync(`/bin/${shell}`) || existsSync(`/usr/bin/${shell}`),
);

describe.skipIf(process.platform === 'win32')('a command for another machine', () => {
  it.each(SHELLS)('reaches its script as it was meant, through %s', (shell) => {
    fc.assert(
      fc.property(args, (given) => {
        const line = remoteCommand('printf "%s\\0" "$@"', given);
        const said = execFileSync(shell, ['-c', line], { encoding: 'utf8' });
        expect(said).toBe(`${OUTPUT_BEGINS}${given.join('\0')}\0`);
      }),
      { numRuns: runs(60) },
    );
  });

  it('is one line of harmless letters, whatever its arguments', () => {
    fc.assert(
      fc.property(args, (given) => {
        expect(remoteCommand('true', given)).toMatch(
          /^sh -c 'eval "\$\(printf %b "\$0"\)"' '[\w ,./:=\\-]*'$/,
        );
      }),
    );
  });

  it('hands on its exit code, and files that only the user may read', () => {
    expect(() => execFileSync('sh', ['-c', remoteCommand('exit 7')])).toThrow(
      expect.objectContaining({ status: 7 }),
    );
    expect(execFileSync('sh', ['-c', remoteCommand('umask')], { encoding: 'utf8' })).toMatch(/0077\n$/);
  });
});
