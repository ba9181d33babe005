import { useQuery } from '@tanstack/react-query';
import { spanText } from '../../../core/api/clock.ts';
import type { Host } from '../../../core/api/hosts.ts';
import {
  type AwayState,
  awayNumbers,
  awayStatement,
  lossText,
  savedEpoch,
  timeSince,
} from '../../../core/api/machines.ts';
import type { PlaceState } from '../../../core/api/queue.ts';
import type { OwnRun, RunPage } from '../../../core/api/runs.ts';
import { type Figure, Figures } from '../../components/Figures.tsx';
import { Statement } from '../../components/Statement.tsx';
import { untilText } from '../../format/format.ts';
import { EpochTiles } from '../../runs/EpochTiles.tsx';
import { api } from '../../state/api.ts';
import { schedulerOf, useHosts } from '../../state/hosts.ts';
import { useNow } from '../../state/now.ts';

/** Why a run on another machine does not train yet, and what there is to know meanwhile. */
export function AwayHeadline({ run, page, place }: { run: OwnRun; page: RunPage; place: AwayState }) {
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
    ...contactFigures(place, now),
  ];
  return (
    <div className="run-headline">
      <EpochTiles hollow label={fact} fraction={0} epochs={Number(overrides.epochs ?? 1)} colour="" />
      <Statement large fact={fact} limit={limit && `: ${limit}`}>
        {awayNumbers(place, { name, scheduler }, training, now)}
        {place.phase === 'unreachable' &&
          ` ${lossText(name, savedEpoch(page), page.progress?.epoch ?? null)}`}
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

/** When its machine was heard of last, and when a checkpoint came here. */
export function contactFigures({ phase, heardAt, saved }: PlaceState, now: number): Figure[] {
  const ago = (time: number) => `${timeSince(time, now)} ago`;
  const value = heardAt === null ? 'Nothing yet' : ago(heardAt);
  const detail = phase === 'unreachable' ? 'asked every few seconds' : undefined;
  const [epoch, at] = saved?.at(-1) ?? [];
  return [
    { label: 'Last contact', value, detail },
    ...(at === undefined
      ? []
      : [{ label: 'Checkpoint here', value: ago(at), detail: `epoch ${epoch}, at least every 5 min` }]),
  ];
}
