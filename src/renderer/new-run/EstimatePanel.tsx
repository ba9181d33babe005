import type { Estimate, Measurement } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import { Button } from '../components/Button.tsx';
import { bytesText, durationText, grouped } from '../format/format.ts';
import { api, client, problemText } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { useKeptQuery } from '../state/use-kept-query.ts';
import { useProbe } from '../state/work.ts';

const SETTLE_MS = 400;

/** What the runs would take, from earlier ones, once the request has stayed as it is for a moment. */
export function useEstimate(request: EnqueueRequest | null) {
  const settled = useDebounced(request && probeInput(request), SETTLE_MS);
  const { data, error } = useKeptQuery({
    ...api.models.estimate.queryOptions({ input: settled ?? { model: '', dataset: '', device: 'auto' } }),
    enabled: settled !== null,
  });
  return { data, error, tooLarge: data?.exceedsMemory === true };
}

interface EstimatePanelProps {
  /** Title of the model that it is of, where there are others. */
  of?: string;
  request: EnqueueRequest | null;
  estimate: ReturnType<typeof useEstimate>;
}

/** What the runs would take: from earlier runs at once, and measured by a probe where the user wants it. */
export function EstimatePanel({ of, request, estimate: { data, error, tooLarge } }: EstimatePanelProps) {
  const input = request && probeInput(request);
  const probe = useProbe(input, (measured: NonNullable<typeof input>, signal) =>
    client.models.measure(measured, { signal }),
  );
  const { result: measured, failure } = probe;
  return (
    <div className="new-run-line" role="status" aria-label="Estimate">
      <span className="new-run-line-title">{of ? `Estimate of ${of}` : 'Estimate'}</span>
      <span className="new-run-estimate">
        {input && !error && !data && <span className="muted">Estimating</span>}
        {error && <span className="field-problem">{problemText(error)}</span>}
        {failure && <span className="field-problem">{failure}</span>}
        {!input && <span className="muted">Fix the highlighted fields</span>}
        {input && !error && data && tooLarge && (
          <span className="field-problem" role="alert">
            This cannot be trained here: its parameters and optimiser need {bytesText(data.stateBytes)}, and
            this machine has {bytesText(data.memoryBytes)} of memory. Make the model smaller.
          </span>
        )}
        {input && !error && data && !tooLarge && (
          <Facts estimate={data} measured={measured} seeds={request?.seeds.length ?? 1} />
        )}
      </span>
      {probe.isPending ? (
        <Button kind="quiet" onClick={probe.stop}>
          Stop measuring
        </Button>
      ) : (
        <Button
          kind="quiet"
          disabled={!input || tooLarge}
          title="Trains for some seconds and keeps nothing"
          onClick={() => input && probe.start(input)}
        >
          {measured ? 'Measure again' : 'Measure'}
        </Button>
      )}
    </div>
  );
}

function probeInput({ model, preset, overrides, dataset, device, threads }: EnqueueRequest) {
  return { model, preset, overrides, dataset, device, threads };
}

function Facts({
  estimate,
  measured,
  seeds,
}: {
  estimate: Estimate;
  measured: Measurement | null;
  seeds: number;
}) {
  const seconds = measured ? measured.seconds : estimate.seconds;
  const memory = measured?.memoryBytes ?? estimate.stateBytes;
  const facts = [
    seconds === null
      ? 'Time unknown'
      : `About ${durationText(seconds)}${seeds > 1 ? ` a run, ${durationText(seeds * seconds)} in all` : ''}`,
    memory === null
      ? null
      : `${bytesText(memory)} of memory${measured?.memoryBytes ? '' : ' for parameters and optimiser'}`,
    estimate.parameters === null ? null : `${grouped(estimate.parameters)} parameters`,
  ].filter((fact) => fact !== null);
  return (
    <>
      <span>{facts.join(' · ')}</span>
      <span className="field-help">{basisText(estimate, measured)}</span>
    </>
  );
}

/** What the figures are taken from. */
function basisText({ basis }: Estimate, measured: Measurement | null): string {
  if (!measured) {
    return basis
      ? `From ${basis}, every epoch counted`
      : 'No run of this model on this data yet; measure it, or start it';
  }
  const on = `on ${measured.device}`;
  if (measured.finished) return `Measured ${on}: a whole run`;
  if (measured.seconds === null) return `Measured ${on}: it takes longer than the probe`;
  const validation = measured.validated ? '' : '; validation comes on top';
  return `Measured ${on} by a probe of some seconds, every epoch counted${validation}`;
}
