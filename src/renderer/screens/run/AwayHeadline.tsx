import { useQuery } from '@tanstack/react-query';
import { spanText } from '../../../core/api/clock.ts';
import type { Host } from '../../../core/api/hosts.ts';
import type { OwnRun } from '../../../core/api/runs.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { Statement } from '../../components/Statement.tsx';
import { untilText } from '../../format/format.ts';
import { type AwayState, awayNumbers, awayStatement, timeSince } from '../../runs/away.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { api } from '../../state/api.ts';
import { schedulerOf, useHosts } from '../../state/hosts.ts';
import { useNow } from '../../state/now.ts';

/** Why a run on another machine does not train yet, and what there is to know meanwhile. */
export function AwayHeadline({ run, place }: { run: OwnRun; place: AwayState }) {
  const now = useNow(1_000);
  const { data: hosts } = useHosts();
  const host = hosts?.find(({ name }) => name === run.place);
  const { data: expected } = useQuery(api.models.expected.queryOptions({ input: { runs: [run.id] } }));
  const { model, dataset, config: overrides } = run;
  const { data: here } = useQuery({
    ...api.models.estimate.queryOptions({
      input: { model, dataset: dataset.id ?? '', overrides, device: 'auto' },
    }),
    enabled: dataset.id !== null,
  });
  const training = expected?.[run.id]?.high ?? null;
  const name = run.place ?? '';
  const scheduler = (host && schedulerOf(host)?.title) ?? null;
  const [fact, limit] = awayStatement(place, name, now);
  const figures = [
    ...endFigure(place, { training, scheduler, now }),
    ...(host && schedulerOf(host) ? askedFigure(run, host) : []),
    ...(here?.time ? [{ label: 'Estimated here', value: spanText(here.time), detail: 'this machine' }] : []),
    heardFigure(place, now),
  ];
  return (
    <div className="run-headline">
      <EpochTiles hollow label={fact} fraction={0} epochs={Number(overrides.epochs ?? 1)} colour="" />
      <Statement large fact={fact} limit={limit && `: ${limit}`}>
        {awayNumbers(place, { name, scheduler }, training, now)}
      </Statement>
      <Figures label="Job" figures={figures} />
    </div>
  );
}

/** Where its scheduler guesses a start, and earlier runs there tell how long it takes. */
function endFigure(
  { phase, startsAt }: AwayState,
  { training, scheduler, now }: { training: number | null; scheduler: string | null; now: number },
): Figure[] {
  if (phase !== 'pending' || startsAt === null || startsAt < now || training === null) return [];
  const end = untilText(startsAt + 1000 * training, now);
  return [
    { label: 'Estimated end', value: `about ${end}`, detail: `${scheduler ?? 'cluster'}, current estimate` },
  ];
}

function askedFigure({ job }: OwnRun, host: Host): Figure[] {
  const { partition, account, time, memory, gpus } = { ...host.job, ...job };
  const [first = 'As is usual there', ...rest] = [gpus && `${gpus} GPU`, memory, time].filter(Boolean);
  const detail = [partition, account && `account ${account}`].filter(Boolean).join(', ');
  const value = (
    <>
      {first}
      {rest.length > 0 && <small>, {rest.join(', ')}</small>}
    </>
  );
  return [{ label: 'Requested', value, detail }];
}

function heardFigure({ phase, heardAt }: AwayState, now: number): Figure {
  const value = heardAt === null ? 'Nothing yet' : `${timeSince(heardAt, now)} ago`;
  const detail = phase === 'unreachable' ? 'asked every few seconds' : undefined;
  return { label: 'Last contact', value, detail };
}
