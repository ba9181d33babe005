import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryHome } from '../../../test/store/home.ts';
import { choiceFile, currentEnvironment, type Environment, readChoice, writeChoice } from './choice.ts';
import { commandLine, program, withProgram } from './command-line.ts';
import { defaultHome, findHome } from './home.ts';

const environment = (
  platform: NodeJS.Platform,
  env: Record<string, string> = {},
  userFolder = '/home/ada',
) => ({
  env,
  platform,
  userFolder,
});
const homeOf = (asked: string | undefined, on: Environment) => findHome(asked, on).home;

// Paths of other systems are joined as this one does.
test.skipIf(process.platform === 'win32')(
  '--home comes before TESSERA_HOME, and that before the place for application data',
  () => {
    const linux = environment('linux', { TESSERA_HOME: '/data/t', XDG_DATA_HOME: '/xdg' });
    expect(findHome('here', linux)).toEqual({ home: 'here', source: 'option' });
    expect(findHome(undefined, linux)).toEqual({ home: '/data/t', source: 'environment' });
    expect(homeOf(undefined, environment('linux', { XDG_DATA_HOME: '/xdg' }))).toBe('/xdg/tessera');
    expect(findHome(undefined, environment('linux', { XDG_DATA_HOME: 'not/absolute' }))).toEqual({
      home: '/home/ada/.local/share/tessera',
      source: 'default',
    });
    expect(homeOf(undefined, environment('darwin'))).toBe(
      '/home/ada/Library/Application Support/Tessera/Data',
    );
    const mac = temporaryHome();
    const earlier = join(mac, 'Library/Application Support/Tessera');
    mkdirSync(earlier, { recursive: true });
    writeFileSync(join(earlier, 'tessera.db'), '');
    expect(homeOf(undefined, environment('darwin', {}, mac))).toBe(earlier);
    const roaming = temporaryHome();
    const windows = environment('win32', { APPDATA: roaming, LOCALAPPDATA: '/local' });
    expect(homeOf(undefined, windows)).toBe('/local/Tessera/Data');
    mkdirSync(join(roaming, 'Tessera'));
    writeFileSync(join(roaming, 'Tessera', 'tessera.db'), '');
    expect(homeOf(undefined, windows)).toBe(join(roaming, 'Tessera'));
    expect(() => findHome('', linux)).toThrow('--home is empty');
    expect(homeOf('~/data', linux)).toBe('/home/ada/data');
    expect(homeOf(undefined, environment('linux', { TESSERA_HOME: '~' }))).toBe('/home/ada');
    expect(homeOf('~data', linux)).toBe('~data');
  },
);

test('the folder chosen in Settings comes after both, and is never made anew where it is missing', () => {
  const user = temporaryHome();
  const [chosen, elsewhere] = [join(user, 'chosen'), join(user, 'elsewhere')];
  const on = environment('linux', {}, user);
  writeChoice(choiceFile(on), { home: chosen, move: null });
  mkdirSync(chosen);
  expect(() => findHome(undefined, on)).toThrow(`the data folder ${chosen}, chosen in Settings, is missing`);
  writeFileSync(join(chosen, 'tessera.db'), '');
  expect(findHome(undefined, on)).toEqual({ home: chosen, source: 'chosen' });
  expect(homeOf('here', on)).toBe('here');
  expect(homeOf(undefined, environment('linux', { TESSERA_HOME: elsewhere }, user))).toBe(elsewhere);
  // Asked for by the environment: settings of the user are elsewhere, and nothing is chosen there.
  expect(homeOf(undefined, environment('linux', { XDG_CONFIG_HOME: elsewhere }, user))).toBe(
    join(user, '.local/share/tessera'),
  );
  writeFileSync(choiceFile(on), '{"home": 3');
  expect(() => findHome(undefined, on)).toThrow(/data-folder\.json cannot be read .*delete it/);
  expect(homeOf('here', on)).toBe('here');
  renameSync(dirname(choiceFile(on)), join(user, 'gone'));
  expect(findHome(undefined, on).source).toBe('default');
});

// A path of Windows would need quotes in a shell of Linux.
test.skipIf(process.platform === 'win32')(
  'a command names its data folder unless it is used by default; to ask for it checks and moves nothing',
  () => {
    const user = temporaryHome();
    const [chosen, next] = [join(user, 'chosen'), join(user, 'next')];
    const on = environment('linux', {}, user);
    const file = choiceFile(on);
    mkdirSync(chosen);
    writeFileSync(join(chosen, 'tessera.db'), '');
    const move = { from: chosen, to: next, copied: null };
    writeChoice(file, { home: chosen, move });
    expect(commandLine(chosen, on)).toBe('./tessera');
    expect(commandLine(user, on)).toBe(`./tessera --home ${user}`);
    expect(readChoice(file)).toMatchObject({ move });
    writeChoice(file, { home: join(user, 'unplugged'), move: null });
    expect(commandLine(chosen, on)).toBe(`./tessera --home ${chosen}`);
    writeFileSync(file, '{"home": 3');
    expect(commandLine(chosen, on)).toBe(`./tessera --home ${chosen}`);
  },
);

test('an installed program is called by its launcher, by name where a terminal finds it', () => {
  const user = temporaryHome();
  const resources = join(user, 'a program', 'resources');
  const called = (platform: NodeJS.Platform, PATH: string) =>
    program(environment(platform, { PATH }, user), { resources, clone: null, at: user });
  expect(called('linux', '/usr/bin')).toBe('tessera');
  mkdirSync(join(resources, 'bin'), { recursive: true });
  for (const name of ['tessera', 'tessera.cmd']) writeFileSync(join(resources, 'bin', name), '');
  expect(called('darwin', '/usr/bin')).toBe(`'${join(resources, 'bin', 'tessera')}'`);
  expect(called('win32', '')).toBe(`"${join(resources, 'bin', 'tessera.cmd')}"`);
  expect(called('darwin', join(resources, 'bin'))).toBe('tessera');
});

test('a clone is called by its own launcher, from wherever that is typed', () => {
  const user = temporaryHome();
  const [clone, at] = [join(user, 'clone'), user];
  mkdirSync(clone);
  for (const name of ['tessera', 'tessera.cmd']) writeFileSync(join(clone, name), '');
  const called = (platform: NodeJS.Platform, places = {}, PATH = '/usr/bin') =>
    program(environment(platform, { PATH }, user), { resources: user, clone, at: clone, ...places });
  expect(called('linux')).toBe('./tessera');
  expect(called('win32')).toBe('.\\tessera');
  expect(called('linux', { at })).toBe(join(clone, 'tessera'));
  expect(called('linux', { at }, clone)).toBe('tessera');
  expect(withProgram('see: tessera models ease; "tessera runs list" shows them, and data/tessera runs')).toBe(
    `see: ${program()} models ease; "${program()} runs list" shows them, and data/tessera runs`,
  );
});

// macOS keeps both in the home folder whatever the environment says.
test.skipIf(process.platform === 'darwin')('tests touch neither settings nor runs of who starts them', () => {
  const { userFolder, ...own } = currentEnvironment();
  for (const path of [choiceFile({ ...own, userFolder }), defaultHome({ ...own, userFolder })]) {
    expect(path).toContain('tessera-user-');
  }
});
