/** Packages of the registry for another system than this one. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../../../core/errors.ts';
import { writeDurably } from '../../../core/files/durable.ts';
import { type ArchiveFile, readPackage } from './tar.ts';

const published = z.object({
  dist: z.object({ tarball: z.url(), integrity: z.string().startsWith('sha512-') }),
});

/** The files of a package at one version, kept in `folder` once they are fetched and checked. */
export async function fetchPackage(name: string, version: string, folder: string): Promise<ArchiveFile[]> {
  const kept = join(folder, `${name.replace('/', '+')}-${version}.tgz`);
  const known = await readFile(kept).catch(() => null);
  if (known) return readPackage(known);
  const registry = (process.env.npm_config_registry ?? 'https://registry.npmjs.org').replace(/\/$/, '');
  try {
    const { dist } = published.parse(await (await answer(`${registry}/${name}/${version}`)).json());
    const archive = Buffer.from(await (await answer(dist.tarball)).arrayBuffer());
    const hash = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    if (hash !== dist.integrity) throw new Error('it is not what the registry says it is');
    await mkdir(folder, { recursive: true });
    writeDurably(kept, [archive]);
    return readPackage(archive);
  } catch (error) {
    throw new UserError(`${name} ${version} could not be fetched from ${registry}: ${messageOf(error)}`);
  }
}

async function answer(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
  return response;
}
