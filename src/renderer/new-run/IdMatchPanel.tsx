import { FileButton } from '../app/FilePicker.tsx';
import { Button } from '../components/Button.tsx';
import { grouped } from '../format/format.ts';
import { shell } from '../shell/window-shell.ts';
import { api, problemText, useKeptQuery } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { takeFiles } from '../state/drops.ts';
import type { Change, RunDraft } from './draft.ts';

/** The tokeniser whose IDs come from a file. */
export const IMPORTED_IDS = 'imported-ids';
const SETTLE_MS = 400;

/** What the file of an import has for the data set; null for every other model. */
export function useIdMatch({ models, dataset }: RunDraft) {
  const one = models.find(({ model }) => model === IMPORTED_IDS);
  const settled = useDebounced({ dataset, overrides: one?.overrides ?? {} }, SETTLE_MS);
  const { file, itemsFile, codes, dropLast } = settled.overrides as Partial<ImportKeys>;
  const hasFile = one !== undefined && typeof file === 'string' && file !== '';
  const query = useKeptQuery({
    ...api.codebooks.match.queryOptions({
      input: { dataset: settled.dataset, overrides: { file: file ?? '', itemsFile, codes, dropLast } },
    }),
    enabled: hasFile,
    retry: false,
  });
  if (!one) return null;
  const { data, error } = hasFile ? query : { data: undefined, error: null };
  return { hasFile, data, error, isGood: error === null && data?.problems.length === 0 };
}

interface ImportKeys {
  file: string;
  itemsFile: string;
  codes: number;
  dropLast: boolean;
}

interface IdMatchPanelProps {
  match: NonNullable<ReturnType<typeof useIdMatch>>;
  onChange: Change;
}

/** Which file the IDs come from, and what of it matches the catalogue, before anything is kept. */
export function IdMatchPanel({ match: { hasFile, data, error }, onChange }: IdMatchPanelProps) {
  // Made from the draft as it is when the file is there: an upload takes a while.
  const set = (keys: Partial<ImportKeys>) =>
    onChange(({ models }) => ({
      models: models.map((one) =>
        one.model === IMPORTED_IDS ? { ...one, overrides: { ...one.overrides, ...keys } } : one,
      ),
    }));
  return (
    <div className="new-run-line grid top gap-2 line-above bar-inset" role="status" aria-label="Match">
      <span className="muted">Match</span>
      <span className="stack">
        {!hasFile && <span className="muted">Choose a file of Semantic IDs, or drop it on the window</span>}
        {error && <span className="field-problem">{problemText(error)}</span>}
        {hasFile && !error && !data && <span className="muted">Reading the file</span>}
        {!error && data && (
          <>
            <span>
              {grouped(data.matched)} of {grouped(data.catalogue)} items have an ID · {data.levels} levels of{' '}
              {data.codebookSizes.map(grouped).join(', ')} codes · {grouped(data.sharing)} items share theirs
            </span>
            {data.problems.map((problem) => (
              <span key={problem} className="field-problem">
                {problem}
              </span>
            ))}
            {data.lastCounts && (
              <span className="field-help">
                The last code only numbers items with equal codes.{' '}
                <Button kind="quiet" onClick={() => set({ dropLast: true })}>
                  Drop the last code
                </Button>
              </span>
            )}
          </>
        )}
      </span>
      <FileButton
        kind="quiet"
        label="Choose a file"
        accept=".json,.npy,.npz,.safetensors,.csv,.tsv,.parquet"
        onFiles={(chosen) =>
          void takeFiles(
            (watch) => shell.takeFiles(chosen, watch),
            ([file]) => set({ file }),
          )
        }
      />
    </div>
  );
}
