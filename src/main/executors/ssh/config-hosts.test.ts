import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryHome } from '../../../../test/store/home.ts';
import { configHosts } from './config-hosts.ts';

it('offers the names of the ssh config and what it includes, and no patterns', () => {
  const folder = temporaryHome();
  mkdirSync(join(folder, 'conf.d'));
  const config = join(folder, 'config');
  writeFileSync(join(folder, 'conf.d', 'work'), 'Host=cluster "login 1" login-1\n  HostName x\n');
  writeFileSync(
    config,
    'Include conf.d/*\nInclude config\n# Host no\nhost lab-2 *.example !bad -oProxyCommand=x\n\tHost lab-2 box?\nMatch host y\n',
  );
  expect(configHosts(config)).toEqual(['cluster', 'login', '1', 'login-1', 'lab-2']);
  expect(configHosts(join(folder, 'none'))).toEqual([]);
});
