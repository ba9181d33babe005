import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { FigureSpec } from '../../../core/api/figures.ts';
import type { RunRecord, UsageSample } from '../../../core/api/runs.ts';
import { Figure } from '../../charts/Figure.tsx';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { api } from '../../state/api.ts';

const PIXELS = 1_200;
const REFRESH_MS = 2_000;
const GB = 1e9;
const MINUTE_MS = 60_000;

const MEASURES: { title: string; file: string; value(sample: UsageSample): number | null }[] = [
  { title: 'CPU, % of one core', file: 'cpu', value: ({ cpu }) => cpu },
  { title: 'Memory, GB', file: 'memory', value: ({ memory }) => memory && memory / GB },
  { title: 'GPU, %', file: 'gpu', value: ({ gpu }) => gpu },
  { title: 'GPU memory, GB', file: 'gpu-memory', value: ({ gpuMemory }) => gpuMemory && gpuMemory / GB },
];

/** What the trainer took of the machine; the GPU where there is one. */
export function SystemTab({ run }: { run: RunRecord }) {
  const samples = useQuery({
    ...api.runs.system.queryOptions({ input: { run: run.id, pixels: PIXELS } }),
    refetchInterval: run.status === 'running' ? REFRESH_MS : false,
  });
  if (!samples.data) return <Missing query={samples} />;
  if (samples.data.length === 0) {
    return (
      <EmptyState
        title="No measurements"
        text="CPU, memory and GPU are measured every two seconds while a run is trained. This one has not begun, or an earlier version trained it on the command line."
      />
    );
  }
  return (
    <div className="flow">
      {MEASURES.filter(({ value }) => samples.data.some((sample) => value(sample) !== null)).map(
        (measure) => (
          <SystemChart key={measure.file} run={run} samples={samples.data} {...measure} />
        ),
      )}
    </div>
  );
}

/** As much longer than usual between two samples nothing was measured: the run was paused, or its trainer gone. */
const LONGER = 5;

function pauseOf(times: readonly number[]): number {
  const steps = times.slice(1).map((time, at) => time - times[at]);
  return LONGER * (steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0);
}

type SystemChartProps = (typeof MEASURES)[number] & { run: RunRecord; samples: readonly UsageSample[] };

function SystemChart({ run, samples, title, file, value }: SystemChartProps) {
  const colour = useModelColour(run.model);
  const [{ time: began }] = samples;
  const pause = useMemo(() => pauseOf(samples.map(({ time }) => time)), [samples]);
  const spec = useMemo(
    (): FigureSpec => ({
      title,
      description: `${title}: by minutes since the start`,
      fileName: `${run.name}-${file}`,
      height: 180,
      x: { label: 'Minutes since the start' },
      y: { zero: true },
      series: [
        {
          id: file,
          label: title,
          colour,
          points: samples.flatMap((sample, at) => {
            const x = (sample.time - began) / MINUTE_MS;
            const gap = at > 0 && sample.time - samples[at - 1].time > pause ? [{ x, y: Number.NaN }] : [];
            return [...gap, { x, y: value(sample) ?? Number.NaN }];
          }),
          line: 'straight',
        },
      ],
      crosshair: 'system',
    }),
    [run.name, samples, began, pause, title, file, value, colour],
  );
  return <Figure spec={spec} />;
}
