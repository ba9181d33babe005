import { useQueries, useQuery } from '@tanstack/react-query';
import { Check, Gauge, TriangleAlert } from 'lucide-react';
import {
  doneOf,
  doneText,
  type ExpectedTime,
  isRough,
  type NewRun,
  type Span,
  spanText,
  sumOf,
} from '../../core/api/clock.ts';
import { type Estimate, modelTitle } from '../../core/api/models.ts';
import type { EnqueueRequest } from '../../core/api/queue.ts';
import type { StudyPlan } from '../../core/api/studies.ts';
import { modelColour } from '../charts/colours.ts';
import { Button, Icon } from '../components/Button.tsx';
import { Tiles } from '../components/lists.tsx';
import { bytesText, countText, grouped } from '../format/format.ts';
import { useTimesOfNew } from '../runs/use-clock.ts';
import { api, client, problemText, useKeptAnswers } from '../state/api.ts';
import { useDebounced } from '../state/debounced.ts';
import { useTheme } from '../state/theme.ts';
import { useProbe } from '../state/work.ts';
import { Amount } from './Amount.tsx';
import type { Asked, Question, RunsAlike } from './asked.ts';
import { CommandPanel } from './CommandPanel.tsx';
import type { Config } from './draft.ts';
import { memoryTiles, tileMinutes } from './estimate.ts';
import { StepMemory } from './StepMemory.tsx';
import { Trials, trialsOf } from './Trials.tsx';

const SETTLE_MS = 400;
const NONE: RunsAlike[] = [];

const probeInput = ({ model, preset, overrides, dataset, device, threads, on }: EnqueueRequest) => ({
  ...{ model, preset, overrides, dataset, device, threads, on },
});
type ProbeInput = ReturnType<typeof probeInput>;

/** What one of each would take, from earlier runs, once the requests have stayed as they are for a moment. */
export function useEstimates(alike: readonly RunsAlike[] | null) {
  const settled = useDebounced(
    (alike ?? NONE).map(({ request }) => probeInput(request)),
    SETTLE_MS,
  );
  const answers = useQueries({
    queries: settled.map((input) => api.models.estimate.queryOptions({ input })),
  });
  const estimates = useKeptAnswers(
    settled.map(({ model }, at) => `${model} ${at}`),
    answers,
  );
  return {
    models: settled.map(({ model }) => model),
    /** Those that are trained by steps. */
    steps: settled.filter((_, at) => estimates[at] && estimates[at].parameters !== null),
    estimates,
    error: answers.find(({ error }) => error !== null)?.error ?? null,
    tooLarge: estimates.find((one) => one?.exceedsMemory),
  };
}

interface EstimatePanelProps {
  question: Question;
  /** Null while something cannot be taken. */
  asked: Asked | null;
  plans: readonly (StudyPlan | undefined)[];
  /** Null, too, while the program has not counted them. */
  alike: readonly RunsAlike[] | null;
  hasModels: boolean;
  estimates: ReturnType<typeof useEstimates>;
  /** The whole config of each model. */
  configs: Readonly<Record<string, Config>>;
  onSettings(changes: Readonly<Record<string, Config>>): void;
}

/** What the runs would take: from earlier runs at once, and measured by probes where the user wants them. */
export function EstimatePanel({
  question,
  asked,
  plans,
  alike,
  hasModels,
  estimates,
  configs,
  onSettings,
}: EstimatePanelProps) {
  const { error, tooLarge } = estimates;
  const on = alike?.[0]?.request.on;
  const isSearch = question !== 'runs';
  const isCounting = asked !== null && plans.every((plan) => !plan?.problem);
  const inputs = alike?.map(({ request }) => probeInput(request)) ?? null;
  const probe = useProbe(inputs, measureAll);
  const models = (alike ?? NONE).map(({ request }) => request.model);
  const times = models.map((model, at) => {
    const measured = probe.result?.[at];
    if (measured) return exactly(measured.seconds);
    return estimates.models[at] === model ? (estimates.estimates[at]?.time ?? null) : null;
  });
  const known = estimates.estimates.filter((one) => one !== undefined);
  return (
    <section
      className="new-run-estimate column gap-3 shrinks scrolls surface line-before"
      role="status"
      aria-label="Estimate"
    >
      <div className="new-run-estimate-head flex middle spread">
        <h3>Estimate</h3>
        {on === undefined && !isSearch && (
          <Button
            icon={Gauge}
            kind="quiet"
            disabled={!inputs || tooLarge !== undefined}
            title="Trains for a few seconds; nothing is saved"
            onClick={() => (probe.isPending ? probe.stop() : inputs && probe.start(inputs))}
          >
            {probe.isPending ? 'Stop measuring' : probe.result ? 'Measure again' : 'Measure'}
          </Button>
        )}
      </div>
      {alike === null || asked === null ? (
        <p className="muted new-run-total">
          {!hasModels ? 'Choose a model' : isCounting ? 'Counting the runs' : 'Fix the highlighted fields'}
        </p>
      ) : error ? (
        <p className="field-problem new-run-total">{problemText(error)}</p>
      ) : tooLarge ? (
        <p className="field-problem new-run-total" role="alert">
          This cannot be trained {on === undefined ? 'here' : 'there'}: its parameters and optimiser need{' '}
          {bytesText(tooLarge.stateBytes)}, and {on ?? 'this machine'} has {bytesText(tooLarge.memoryBytes)}{' '}
          of memory. Make the model smaller.
        </p>
      ) : (
        <>
          <Total alike={alike} trials={trialsOf(plans)} times={times} />
          {isSearch ? (
            <Trials asked={asked} plans={plans} />
          ) : (
            <ModelTimes
              models={models}
              times={times.map((time, at) => time && sumOf(Array(alike[at].count).fill(time)))}
            />
          )}
          <p className="field-help">
            {probe.progress ?? (probe.result ? measuredText(probe.result) : basisText(known, on))}
          </p>
          {probe.failure && <p className="field-problem">{probe.failure}</p>}
          <Memory
            alike={alike}
            estimates={estimates.estimates}
            measured={probe.result?.map(({ memoryBytes }) => memoryBytes) ?? []}
          />
          {on === undefined && !isSearch && (
            <StepMemory
              inputs={estimates.steps}
              configs={question === 'runs' ? configs : {}}
              onSettings={onSettings}
            />
          )}
          <Comparable estimates={known} />
          {[...new Set(known.flatMap(({ caution }) => caution ?? []))].map((caution) => (
            <p key={caution} className="new-run-comparable row">
              <Icon of={TriangleAlert} />
              {caution}
            </p>
          ))}
          <CommandPanel asked={asked} />
        </>
      )}
    </section>
  );
}

/** One after another, as each takes the device to itself. */
async function measureAll(
  inputs: readonly ProbeInput[],
  signal: AbortSignal,
  onProgress: (progress: string) => void,
) {
  const measured = [];
  for (const input of inputs) {
    onProgress(`Measuring ${modelTitle(input.model)}`);
    measured.push(await client.models.measure(input, { signal }));
  }
  return measured;
}
type Measured = Awaited<ReturnType<typeof measureAll>>;

const exactly = (seconds: number | null): ExpectedTime | null =>
  seconds === null ? null : { low: seconds, high: seconds, epochs: null };

interface TotalProps {
  alike: readonly RunsAlike[];
  /** Of all searches. */
  trials: number;
  times: readonly (ExpectedTime | null)[];
}

/** The training in all, and when it is done after what waits already. `times`: of a run of each model. */
function Total({ alike, trials, times }: TotalProps) {
  const { data: queue } = useQuery(api.queue.show.queryOptions());
  const runs = alike.flatMap(({ request: { device = 'auto', on = null }, count }, at) =>
    Array<NewRun>(count).fill({ requestedDevice: device, place: on, expected: times[at] ?? null }),
  );
  const ends = useTimesOfNew(queue, runs);
  const total = sumOf(runs.map(({ expected }) => expected));
  const waiting = queue ? queue.running.length + queue.waiting.length : 0;
  const { on } = alike[0].request;
  const done = ends && doneText(doneOf(ends), Date.now());
  return (
    <div className="new-run-total">
      <strong>{total.low === 0 && total.high > 0 ? 'Time unknown' : spanText(total)}</strong>{' '}
      {isRough(total) && <span className="chip">rough</span>}{' '}
      <span className="small muted">
        {[
          trials > 0 ? countText(trials, 'trial') : '',
          trials === runs.length ? '' : countText(runs.length, 'run'),
        ]
          .filter((part) => part !== '')
          .join(', ')}
        {on !== undefined && `, without the wait for ${on}`}
        {on === undefined && waiting > 0 && ` after the ${waiting} in the queue`}
        {on === undefined && done && `. ${done}`}
      </span>
    </div>
  );
}

/** A line of tiles a model, all to one scale. */
function ModelTimes({ models, times }: { models: readonly string[]; times: readonly (Span | null)[] }) {
  const theme = useTheme((state) => state.theme);
  const seconds = times.map((time) => time && (time.low + time.high) / 2);
  const minutes = tileMinutes(seconds);
  const most = Math.max(0, ...seconds.map((one) => Math.ceil((one ?? 0) / 60 / minutes)));
  return (
    <div className="grid gap-1">
      {models.map((model, at) => (
        <div
          key={model}
          className="grid gap-2 middle"
          style={{ gridTemplateColumns: '76px minmax(0, 1fr) auto' }}
        >
          <span className="clip">{modelTitle(model)}</span>
          <Tiles
            className="new-run-tiles large shrinks"
            filled={Math.ceil((seconds[at] ?? 0) / 60 / minutes)}
            of={most}
            colour={modelColour(model, theme)}
          />
          <strong className="medium small text-end">
            {times[at] === null ? 'unknown' : spanText(times[at])}
          </strong>
        </div>
      ))}
      {most > 1 && <p className="field-help">A tile is {countText(minutes, 'minute')}.</p>}
    </div>
  );
}

function basisText(estimates: readonly Estimate[], on: string | undefined): string {
  const bases = estimates.flatMap(({ basis }) => basis ?? []);
  const rough = estimates.some(({ time }) => time !== null && isRough(time));
  if (bases.length === 0 && on !== undefined)
    return `No run on ${on} to estimate from yet. Times of this machine say nothing about it.`;
  if (bases.length === 0) return 'No earlier run to estimate from. Measure, or just start.';
  const all = '; assumes all epochs';
  if (bases.length === 1) return `From ${bases[0]}${all}`;
  return `${rough ? 'From runs that are less alike' : `From similar runs on ${on ?? 'this machine'}`}${all}`;
}

function measuredText(measured: Measured): string {
  const [{ device, finished, seconds }] = measured;
  if (measured.length > 1) return `Measured on ${device}, assumes all epochs`;
  if (finished) return `Measured on ${device}: a whole run`;
  return seconds === null
    ? `Measured on ${device}: longer than the timing test allows`
    : `Measured on ${device} for a few seconds; assumes all epochs`;
}

interface MemoryProps {
  alike: readonly RunsAlike[];
  /** Of a run of each. */
  estimates: readonly (Estimate | undefined)[];
  measured: readonly (number | null)[];
}

/** What the largest of them keeps in memory, in tiles of a gigabyte, and what all of them write. */
function Memory({ alike, estimates, measured }: MemoryProps) {
  const bytes = Math.max(0, ...estimates.map((one, at) => measured[at] ?? one?.stateBytes ?? 0));
  const counts = estimates.flatMap((one) => one?.parameters ?? []);
  const disk = estimates.reduce((sum, one, at) => sum + (one?.diskBytes ?? 0) * (alike[at]?.count ?? 0), 0);
  const memoryBytes = estimates.find((one) => one !== undefined)?.memoryBytes;
  if (bytes === 0 || memoryBytes === undefined) return null;
  const tiles = memoryBytes !== null && memoryTiles(bytes, memoryBytes);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const of = memoryBytes === null ? '' : ` of ${bytesText(memoryBytes)}`;
  return (
    <div className="new-run-memory grid last-fits">
      <Amount name={measured.length > 0 ? 'Memory, measured' : 'Model memory'}>
        {bytesText(bytes) + of}
      </Amount>
      {tiles && (
        <div className="whole">
          <Tiles className="new-run-tiles large shrinks" {...tiles} colour="var(--text-muted)" />
        </div>
      )}
      {counts.length > 0 && (
        <Amount name="Parameters">
          {least === most ? grouped(least) : `${grouped(least)} to ${grouped(most)}`}
        </Amount>
      )}
      {disk > 0 && <Amount name="Disk">{bytesText(disk)}</Amount>}
    </div>
  );
}

/** Whether earlier runs were measured as these would be. */
function Comparable({ estimates }: { estimates: readonly Estimate[] }) {
  // Of several models, what holds for each.
  const alike = Math.min(...estimates.map(({ measuredAlike }) => measuredAlike));
  const otherwise = Math.max(0, ...estimates.map(({ measuredOtherwise }) => measuredOtherwise));
  if (estimates.length === 0 || alike + otherwise === 0) return null;
  return (
    <p className="new-run-comparable row" data-alike={alike > 0 || undefined}>
      <Icon of={alike > 0 ? Check : TriangleAlert} />
      {alike > 0
        ? `Same protocol as ${countText(alike, 'run')} here`
        : `Different protocol from the ${countText(otherwise, 'run')} here`}
    </p>
  );
}
