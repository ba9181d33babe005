import { statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { isInside } from '../../core/files/inside.ts';

const MEDIA_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.map': 'application/json',
};

/** Finds the file of the built page that a URL path names. Null if it is outside the folder, a folder, or missing. */
export function pageAsset(folder: string, urlPath: string): { path: string; mediaType: string } | null {
  let name: string;
  try {
    name = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  if (name.includes('\0') || name.includes('\\')) return null;
  const path = join(folder, name === '/' ? 'index.html' : name);
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()];
  if (!isInside(folder, path) || mediaType === undefined) return null;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? { path, mediaType } : null;
}
