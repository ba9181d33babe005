import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ComparisonView } from '../../../core/api/compare.ts';
import { Button } from '../../components/Button.tsx';
import { countText, shortTime } from '../../format/format.ts';
import { api, client } from '../../state/api.ts';
import { attempt } from '../../state/toasts.ts';
import { useCompareRoute } from './compare-route.ts';
import { seedOffer } from './more-seeds.ts';
import { isPending } from './Warnings.tsx';

/** Queues the seeds that the verdict lacks; they join the comparison as they complete. */
export function MoreSeeds({ view, shown }: { view: ComparisonView; shown: readonly number[] }) {
  const [, change] = useCompareRoute();
  const [busy, setBusy] = useState(false);
  const offer = view.withoutResults.some(isPending) ? null : seedOffer(view, shown);
  const [first] = offer?.row.runs ?? [];
  const { data } = useQuery({
    ...api.runs.show.queryOptions({ input: { run: first?.id ?? '' } }),
    enabled: first !== undefined,
  });
  // An evaluation of another run's checkpoint has no seeds of its own.
  if (!offer || data?.run.kind !== 'own' || data.run.evaluates) return null;
  const { row, seeds, seconds } = offer;
  const { run, annotations } = data;
  const dataset = run.dataset.id;
  if (dataset === null) return null;
  const add = async () => {
    setBusy(true);
    await attempt('Could not queue the seeds', async () => {
      const { model, config, requestedDevice: device } = run;
      const project = annotations.project ?? undefined;
      // Where the others were trained.
      const [on, job] = [run.place ?? undefined, run.job ?? undefined];
      const request = { dataset, model, overrides: config, seeds, device, on, job, project };
      const { runs } = await client.queue.enqueue({ requests: [request] });
      change({ runs: [...view.rows.flatMap((one) => one.runs.map(({ id }) => id)), ...runs] });
    });
    setBusy(false);
  };
  return (
    <>
      {row.label.title} has {countText(row.seeds.length, 'seed')}:{' '}
      <Button kind="quiet" disabled={busy} onClick={() => void add()}>
        add {seeds.length}
        {seconds !== null && `, ${shortTime(seconds)}`}
      </Button>
    </>
  );
}
