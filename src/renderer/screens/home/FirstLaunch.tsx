import { useQuery } from '@tanstack/react-query';
import { FolderOpen, Upload } from 'lucide-react';
import { useState } from 'react';
import { DataFolderDialog } from '../../app/DataFolderDialog.tsx';
import { FilePicker } from '../../app/FilePicker.tsx';
import { SampleButton } from '../../app/SampleButton.tsx';
import { Button, Icon } from '../../components/Button.tsx';
import { Mark } from '../../components/Mark.tsx';
import { bytesText, countText } from '../../format/format.ts';
import { api } from '../../state/api.ts';
import { Mosaic } from './Mosaic.tsx';

const FORMATS = ['CSV', 'TSV', 'Parquet', 'JSON lines', 'RecBole .inter', 'MovieLens', 'KuaiRand', '.gz'];

const STEPS = [
  ['Check the import.', 'Columns get their roles, bad rows are shown, and filters say what remains.'],
  ['Compare starter models.', 'Popularity, ItemKNN, EASE and SASRec train in one click.'],
  ['Look inside.', 'Recommendations per user, Semantic IDs and codebooks, scaling laws, reports.'],
] as const;

/** Three doors: data of one's own, the sample set, an existing folder. */
export function FirstLaunch() {
  const [opening, setOpening] = useState(false);
  const { data: system } = useQuery(api.settings.system.queryOptions());
  return (
    <main className="column shrinks flattens tall scrolls">
      <div className="first-page inset">
        <h1>Start with a data set</h1>
        <p className="muted">
          Train, compare and look inside recommendation models. Everything stays on this machine.
        </p>
        <div className="first-doors grid gap-4">
          <section className="first-drop framed grid at-start gap-2 holds surface" aria-label="Your data">
            <Mosaic />
            <div className="first-drop-text stack packed at-start holds">
              <span className="first-icon grid" data-main>
                <Icon of={Upload} />
              </span>
              <h2 className="verdict">Drop your data here</h2>
              <p className="muted">
                Interactions, items or click logs. You check every column before anything is imported.
              </p>
              <ul className="flex gap-1 wrap packed" aria-label="Formats">
                {FORMATS.map((format) => (
                  <li key={format} className="chip">
                    {format}
                  </li>
                ))}
              </ul>
              <div className="row">
                <FilePicker primary />
              </div>
            </div>
          </section>
          <section className="first-door framed grid at-start gap-2" aria-label="The sample set">
            <span className="first-icon grid">
              <Mark size={16} />
            </span>
            <h2>Use the sample set</h2>
            <p className="muted">
              A generated film club: 3,000 users, titles and genres. Its baselines train in seconds.
            </p>
            <SampleButton />
          </section>
          <section className="first-door framed grid at-start gap-2" aria-label="An existing folder">
            <span className="first-icon grid">
              <Icon of={FolderOpen} />
            </span>
            <h2>Open a folder</h2>
            <p className="muted">Runs, checkpoints and data sets from another machine or a colleague.</p>
            <Button onClick={() => setOpening(true)}>Open folder</Button>
          </section>
        </div>
        <ol className="first-steps grid gap-6">
          {STEPS.map(([what, how]) => (
            <li key={what}>
              <strong className="strong">{what}</strong> <span className="muted">{how}</span>
            </li>
          ))}
        </ol>
      </div>
      {system && (
        <p className="first-foot muted small line-above">
          {countText(system.threads, 'processor thread')}, {bytesText(system.memoryBytes)} memory
          {system.freeBytes !== null && `, ${bytesText(system.freeBytes)} free in ${system.home}`}
        </p>
      )}
      {opening && <DataFolderDialog first={null} onClose={() => setOpening(false)} />}
    </main>
  );
}
