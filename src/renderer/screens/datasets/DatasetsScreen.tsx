import { useEffect } from 'react';
import { takeDroppedPaths, useDrops } from '../../state/drops.ts';
import { goTo, useRoute } from '../../state/navigation.ts';
import { DatasetList } from './DatasetList.tsx';
import { DatasetPage } from './DatasetPage.tsx';
import { ImportScreen } from './ImportScreen.tsx';
import './datasets.css';

/** "#/datasets" lists them, "#/datasets/<id>" shows one, "#/datasets/import?paths=…" previews files. */
export default function DatasetsScreen() {
  const { path, query } = useRoute();
  const waiting = useDrops((state) => state.paths !== null);
  useEffect(() => {
    const paths = waiting ? takeDroppedPaths() : null;
    if (paths) goToImport(paths);
  }, [waiting]);
  const [page, view] = path;
  if (page === undefined) return <DatasetList />;
  if (page !== IMPORT) return <DatasetPage key={page} dataset={page} view={view ?? 'overview'} />;
  const paths = importPaths(query);
  return <ImportScreen key={paths.join('\n')} paths={paths} name={query.get('name') ?? ''} />;
}

/** In place of an id; ids of data sets end in eight hexadecimal digits. */
const IMPORT = 'import';

/**
 * The preview of these files. The address holds them, so that a reload shows the same. `name` is that of the data
 * set where the files do not tell a good one.
 */
function goToImport(paths: readonly string[], name?: string): void {
  goTo('datasets', [IMPORT], { paths: paths.join('\n'), ...(name ? { name } : {}) });
}

function importPaths(query: URLSearchParams): string[] {
  return (query.get('paths') ?? '').split('\n').filter((path) => path !== '');
}
