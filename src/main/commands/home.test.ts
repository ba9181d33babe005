import { expect, test } from 'vitest';
import { homeFolder } from './home.ts';

const machine = (platform: NodeJS.Platform, env: Record<string, string> = {}) => ({
  env,
  platform,
  userFolder: '/home/ada',
});

test('--home comes before TESSERA_HOME, and that before the place for application data', () => {
  const linux = machine('linux', { TESSERA_HOME: '/data/t', XDG_DATA_HOME: '/xdg' });
  expect(homeFolder('here', linux)).toBe('here');
  expect(homeFolder(undefined, linux)).toBe('/data/t');
  expect(homeFolder(undefined, machine('linux', { XDG_DATA_HOME: '/xdg' }))).toBe('/xdg/tessera');
  expect(homeFolder(undefined, machine('linux', { XDG_DATA_HOME: 'not/absolute' }))).toBe(
    '/home/ada/.local/share/tessera',
  );
  expect(homeFolder(undefined, machine('darwin'))).toBe('/home/ada/Library/Application Support/Tessera');
  expect(homeFolder(undefined, machine('win32', { APPDATA: '/roaming' }))).toBe('/roaming/Tessera');
  expect(() => homeFolder('', linux)).toThrow('--home is empty');
});
