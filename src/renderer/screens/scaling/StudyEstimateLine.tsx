import { useMutation } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type {
  SizeEstimate,
  StudyEstimate,
  StudyRequest,
  StudyTrialProgress,
} from '../../../core/api/studies.ts';
import { Button } from '../../components/Button.tsx';
import type { Column } from '../../components/data-table-types.ts';
import { StaticTable } from '../../components/StaticTable.tsx';
import { bytesText, durationText } from '../../format/format.ts';
import { client, problemText } from '../../state/api.ts';

const columns: Column<SizeEstimate>[] = [
  { id: 'size', title: 'Size', text: ({ label }) => label },
  { id: 'seconds', title: 'Time a run', numeric: true, text: ({ seconds }) => durationText(seconds) },
  { id: 'memory', title: 'Memory', numeric: true, text: ({ memoryBytes }) => bytesText(memoryBytes) },
  { id: 'basis', title: 'Basis', text: ({ basis, note }) => `${basis}, ${note}` },
];

/** What the study takes, by trials of some seconds a size where the user wants them. */
export function StudyEstimateLine({ request }: { request: StudyRequest }) {
  const abort = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState<StudyTrialProgress | null>(null);
  const trial = useMutation({
    mutationFn: async (asked: StudyRequest): Promise<{ asked: string; estimate: StudyEstimate }> => {
      abort.current = new AbortController();
      try {
        const steps = await client.studies.measure(asked, { signal: abort.current.signal });
        for (;;) {
          const step = await steps.next();
          if (step.done) return { asked: JSON.stringify(asked), estimate: step.value };
          setProgress(step.value);
        }
      } finally {
        setProgress(null);
      }
    },
  });
  const estimate = trial.data?.asked === JSON.stringify(request) ? trial.data.estimate : null;
  const failed = trial.error && !abort.current?.signal.aborted ? problemText(trial.error) : null;
  return (
    <div className="stack">
      <div className="scaling-estimate" role="status" aria-label="Estimate">
        {trial.isPending ? (
          <Button kind="quiet" onClick={() => abort.current?.abort()}>
            Stop measuring
          </Button>
        ) : (
          <Button
            kind="quiet"
            title="Trains every size for some seconds and keeps nothing"
            onClick={() => trial.mutate(request)}
          >
            {estimate ? 'Measure again' : 'Measure time and memory'}
          </Button>
        )}
        {progress && (
          <span className="muted">
            {progress.label}, {progress.done + 1} of {progress.total}
          </span>
        )}
        {failed && <span className="field-problem">{failed}</span>}
        {estimate && !trial.isPending && <span>{wholeText(estimate)}</span>}
      </div>
      {estimate && (
        <StaticTable
          label="Estimate by size"
          columns={columns}
          rows={estimate.sizes}
          rowKey={({ label }) => label}
        />
      )}
    </div>
  );
}

function wholeText({ seconds, memoryBytes }: StudyEstimate): string {
  const time = seconds === null ? 'Time unknown' : `About ${durationText(seconds)} one after the other`;
  return `${time}, at most ${bytesText(memoryBytes)} of memory, every epoch counted`;
}
