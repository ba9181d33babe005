import { goTo } from './navigation.ts';

/** In place of an id; ids of data sets end in eight hexadecimal digits. */
export const IMPORT = 'import';

/**
 * The preview of these files. The address holds them, so that a reload shows the same. `name` is that of the data
 * set where the files do not tell a good one.
 */
export function goToImport(paths: readonly string[], name?: string): void {
  goTo('datasets', [IMPORT], { paths: paths.join('\n'), ...(name ? { name } : {}) });
}

export function importPaths(query: URLSearchParams): string[] {
  return (query.get('paths') ?? '').split('\n').filter((path) => path !== '');
}
