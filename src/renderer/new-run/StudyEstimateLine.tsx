import { Gauge } from 'lucide-react';
import type {
  ScalingRequest,
  SizeEstimate,
  StudyEstimate,
  StudyProbeProgress,
} from '../../core/api/studies.ts';
import { Button } from '../components/Button.tsx';
import { type Column, column } from '../components/columns.ts';
import { Table } from '../components/Table.tsx';
import { bytesText, durationText } from '../format/format.ts';
import { client } from '../state/api.ts';
import { resultOf } from '../state/steps.ts';
import { useProbe } from '../state/work.ts';

const columns: Column<SizeEstimate>[] = [
  column('size', 'Size', 'text', ({ label }) => label),
  column('seconds', 'Time a run', 'duration', ({ seconds }) => seconds),
  column('memory', 'Memory', 'bytes', ({ memoryBytes }) => memoryBytes),
  column('basis', 'Basis', 'text', ({ basis, note }) => `${basis}, ${note}`),
];

async function measure(
  request: ScalingRequest,
  signal: AbortSignal,
  onProgress: (progress: StudyProbeProgress) => void,
): Promise<StudyEstimate> {
  return resultOf(await client.studies.measure(request, { signal }), onProgress);
}

/** What the study takes, by probes of some seconds a size where the user wants them. */
export function StudyEstimateLine({ request }: { request: ScalingRequest }) {
  const probe = useProbe(request, measure);
  const { result: estimate, progress, failure } = probe;
  return (
    <div className="stack">
      <div className="new-run-measured row wrap" role="status" aria-label="Estimate">
        {probe.isPending ? (
          <Button kind="quiet" onClick={probe.stop}>
            Stop measuring
          </Button>
        ) : (
          <Button
            icon={Gauge}
            kind="quiet"
            title="Trains every size for a few seconds; nothing is saved"
            onClick={() => probe.start(request)}
          >
            {estimate ? 'Measure again' : 'Measure time and memory'}
          </Button>
        )}
        {progress && (
          <span className="muted">
            {progress.label}, {progress.done + 1} of {progress.total}
          </span>
        )}
        {failure && <span className="field-problem">{failure}</span>}
        {estimate && !probe.isPending && <span>{wholeText(estimate)}</span>}
      </div>
      {estimate && (
        <Table
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
  const time = seconds === null ? 'Time unknown' : `About ${durationText(seconds)} in sequence`;
  return `${time}, up to ${bytesText(memoryBytes)} of memory, assuming every epoch runs`;
}
