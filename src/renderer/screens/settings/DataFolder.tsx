import { useState } from 'react';
import type { SystemInfo } from '../../../core/api/settings.ts';
import { DataFolderDialog } from '../../app/DataFolderDialog.tsx';
import { Button } from '../../components/Button.tsx';
import { CopyLine } from '../../components/CopyLine.tsx';
import { bytesText } from '../../format/format.ts';

const NAMED_BY = { option: 'the option --home', environment: 'the environment variable TESSERA_HOME' };

/** Where everything is kept, and the way to another place. */
export function DataFolder({ system }: { system: SystemInfo }) {
  const [changing, setChanging] = useState(false);
  const { homeSource: source } = system;
  const first = source === 'option' || source === 'environment' ? NAMED_BY[source] : null;
  return (
    <>
      <CopyLine text={system.home} what="the path" />
      <p className="field-help">
        {system.freeBytes !== null && `${bytesText(system.freeBytes)} free on its disk. `}
        {first && `Named by ${first}, which comes before the folder chosen here.`}
      </p>
      <div data-setting="folder">
        <Button onClick={() => setChanging(true)}>Change folder</Button>
      </div>
      {changing && <DataFolderDialog first={first} onClose={() => setChanging(false)} />}
    </>
  );
}
