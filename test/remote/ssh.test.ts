import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { sha256 } from '../../src/core/files/sha256.ts';
import { SshConnection } from '../../src/main/executors/ssh/connection.ts';
import { getFile, putFile, putText } from '../../src/main/executors/ssh/transfer.ts';
import { freePorts, runProgram, skipped } from './daemons.ts';
import { startSshd, type TestSshd } from './sshd.ts';

const why = skipped('ssh', 'ssh-keygen', 'sshd');

describe.skipIf(why)(`over ssh (${why ?? 'sshd'})`, () => {
  let sshd: TestSshd;
  let here: string;
  beforeAll(async () => {
    sshd = await startSshd();
    here = mkdtempSync(join(tmpdir(), 'tessera-ssh-'));
  });
  afterAll(() => sshd?.end());

  /** With some lines of the client's configuration in front of its own. */
  function connect(...lines: string[]): SshConnection {
    const config = join(here, `config-${randomBytes(4).toString('hex')}`);
    writeFileSync(config, ['Host box', ...lines, readFileSync(sshd.config, 'utf8')].join('\n'));
    const connection = new SshConnection('box', config);
    onTestFinished(() => connection.close());
    return connection;
  }

  const echo = { what: 'saying so', script: 'printf %s "$1"', args: ["two 'words'\n$HOME"] };

  it('says what a script says, and why one fails', async () => {
    const box = connect();
    expect(await box.run(echo)).toBe("two 'words'\n$HOME");
    expect(await box.run({ what: 'counting', script: 'wc -c', stdin: Readable.from(['abc', 'de']) })).toMatch(
      /^ *5\n$/,
    );
    await expect(box.run({ what: 'looking', script: 'ls /nowhere' })).rejects.toMatchObject({
      problem: 'failed',
      exitCode: 2,
      message: expect.stringMatching(/^box: looking failed: ls: .*\/nowhere.*No such file/),
    });
    expect(await box.resolve()).toMatchObject({ hostname: '127.0.0.1', port: String(sshd.port) });
  });

  it('shares one connection, and uses the user’s where there is one', async () => {
    const box = connect();
    const times = await Promise.all(Array.from({ length: 20 }, () => box.run(echo)));
    expect(times).toHaveLength(20);
    const before = performance.now();
    await box.run(echo);
    expect(performance.now() - before).toBeLessThan(1_000);
    const mine = connect('ControlMaster auto', `ControlPath /tmp/own-${process.pid}`, 'ControlPersist 5');
    await mine.run(echo);
    expect(existsSync(`/tmp/own-${process.pid}`)).toBe(true);
  });

  it('hears nothing of what start-up files print', async () => {
    writeFileSync(join(sshd.home, '.bashrc'), 'echo welcome; echo "disk quota: fine" >&2\n');
    expect(await connect().run(echo)).toBe("two 'words'\n$HOME");
  });

  it('says in one line why a host cannot be reached', async () => {
    const [nobody] = await freePorts(1);
    const other = join(here, 'other-key');
    await runProgram(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', other]);
    const known = join(here, 'known-other');
    const [type, key] = readFileSync(`${other}.pub`, 'utf8').split(' ');
    writeFileSync(known, `[127.0.0.1]:${sshd.port} ${type} ${key}\n`);
    const cases = [
      [['HostName nowhere.invalid'], 'unknown-host', /no host of this name/],
      [[`Port ${nobody}`], 'refused', /refuses the connection/],
      [['UserKnownHostsFile /dev/null', 'StrictHostKeyChecking yes'], 'unknown-key', /not known yet/],
      [[`UserKnownHostsFile ${known}`, 'StrictHostKeyChecking yes'], 'changed-key', /has changed/],
      [
        [`IdentityFile ${other}`, 'IdentitiesOnly yes', 'CertificateFile none'],
        'denied',
        /did not let you in/,
      ],
    ] as const;
    // A second identity would be tried after the first.
    writeFileSync(
      join(here, 'denied'),
      readFileSync(sshd.config, 'utf8').replace(/IdentityFile .*/, `IdentityFile ${other}`),
    );
    for (const [lines, problem, message] of cases) {
      const box = problem === 'denied' ? new SshConnection('box', join(here, 'denied')) : connect(...lines);
      const error = await box.run(echo).catch((reason) => reason);
      expect([problem, error.problem, error.message]).toEqual([
        problem,
        problem,
        expect.stringMatching(message),
      ]);
      expect(error.message).not.toContain('\n');
    }
    await expect(
      connect().run({ what: 'waiting', script: 'sleep 30', silenceMs: 500 }),
    ).rejects.toMatchObject({
      problem: 'timeout',
    });
  });

  it('notices a connection that is cut, and takes a file up where it was', async () => {
    const local = join(here, 'large');
    writeFileSync(local, randomBytes(12_000_000));
    const remote = join(sshd.home, "a folder's $HOME\n`x`", 'large file');
    const box = connect('ControlMaster no', 'ControlPath none');
    const slow = { onProgress: (done: number) => done > 9_000_000 && cut.abort() };
    const cut = new AbortController();
    await expect(putFile(box, local, remote, { ...slow, signal: cut.signal })).rejects.toThrow('cancelled');
    expect(existsSync(remote)).toBe(false);
    const { sent } = await putFile(box, local, remote);
    expect(sent).toBeLessThan(12_000_000);
    expect(readFileSync(remote)).toEqual(readFileSync(local));
    expect(statSync(remote).mode & 0o777).toBe(0o600);
    expect(await putFile(box, local, remote)).toEqual({ sent: 0 });

    const part = `${remote}.${await sha256(local)}.part`;
    truncateSync(remote, 10);
    writeFileSync(part, randomBytes(12_000_000));
    await expect(putFile(box, local, remote)).rejects.toThrow('what arrived is not what was sent');
    await putFile(box, local, remote);
    expect(readFileSync(remote)).toEqual(readFileSync(local));

    const back = join(here, 'back');
    writeFileSync(`${back}.${await sha256(local)}.part`, readFileSync(local).subarray(0, 1_234_567));
    const progress: number[] = [];
    await getFile(box, { path: remote, size: 12_000_000, hash: await sha256(local) }, back, {
      onProgress: (done) => progress.push(done),
    });
    expect(readFileSync(back)).toEqual(readFileSync(local));
    expect(progress[0]).toBeGreaterThan(1_234_567);

    const listening = box.run({ what: 'waiting', script: 'echo $PPID; kill $PPID; sleep 20' });
    await expect(listening).rejects.toMatchObject({ problem: 'lost', isPassing: true });
  });

  it('tells a full disk from any other failure', async () => {
    const box = connect();
    const [local, remote] = [join(here, 'small'), join(sshd.home, 'full')];
    writeFileSync(local, 'some bytes');
    symlinkSync('/dev/full', `${remote}.${await sha256(local)}.part`);
    await expect(putFile(box, local, remote)).rejects.toMatchObject({
      problem: 'no-room',
      message: 'box: no space left there, or your quota is used up',
      details: { code: 'disk-full' },
    });
    await expect(putText(box, 'x', `${local}/x`)).rejects.toMatchObject({ problem: 'failed' });
  });
});
