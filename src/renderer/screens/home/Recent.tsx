import { useQuery } from '@tanstack/react-query';
import {
  ChartSpline,
  Database,
  type LucideIcon,
  Scale,
  SlidersHorizontal,
  SquareStack,
  TriangleAlert,
} from 'lucide-react';
import type { DatasetSummary } from '../../../core/api/datasets.ts';
import { metricDecimals, metricLabel } from '../../../core/api/metrics.ts';
import { labelText, UNFINISHED } from '../../../core/api/runs.ts';
import { Icon } from '../../components/Button.tsx';
import { Missing } from '../../components/Screen.tsx';
import { agoText, countText, metricText, timeText } from '../../format/format.ts';
import { comparisonQuery } from '../../runs/comparison-query.ts';
import { MAIN_RESULTS } from '../../runs/main-metrics.ts';
import { statusText } from '../../runs/RunStatus.tsx';
import { useSavedComparisons } from '../../runs/saved-comparisons.ts';
import { api, together } from '../../state/api.ts';
import { useMedia } from '../../state/media.ts';
import { routeLink } from '../../state/navigation.ts';
import { useNow } from '../../state/now.ts';

interface Entry {
  key: string;
  icon: LucideIcon;
  title: string;
  detail: string;
  href: string;
  /** Unix milliseconds. */
  time: number;
}

/** What ended, was measured or came in last, whatever it is. */
export function Recent({ datasets }: { datasets: readonly DatasetSummary[] }) {
  const now = useNow(60_000);
  const most = useRoomy() ? 20 : 8;
  const runs = useQuery(
    api.runs.table.queryOptions({
      input: {
        sort: [{ field: 'endedAt', descending: true }],
        metrics: [...MAIN_RESULTS],
        statuses: ['completed', ...UNFINISHED],
        fold: true,
        foldStudies: true,
        limit: most,
      },
    }),
  );
  const studies = useQuery(api.studies.list.queryOptions({ input: {} }));
  const all = together([runs, studies]);
  const saved = useSavedComparisons();
  const rows = runs.data?.rows ?? [];
  const entries: Entry[] = [
    ...rows.flatMap((run): Entry[] => {
      if (run.endedAt === null || run.study !== null) return [];
      const failed = run.status === 'failed' || run.status === 'diverged';
      const metric = MAIN_RESULTS.find((name) => name in run.metrics);
      const result = metric
        ? `${metricLabel(metric)} ${metricText(run.metrics[metric], metricDecimals(metric))}${run.metrics[metric].stated ? ' reported' : ''}`
        : statusText(run.status);
      return [
        {
          key: run.id,
          icon: failed ? TriangleAlert : SquareStack,
          title: [labelText(run.label), ...(run.dataset ? [`on ${run.dataset.name}`] : [])].join(' '),
          detail: UNFINISHED.includes(run.status) ? (run.message ?? statusText(run.status)) : result,
          href: routeLink('run', [run.id]),
          time: run.endedAt,
        },
      ];
    }),
    ...(studies.data ?? []).map(({ id, name, createdAt, spec, done, cells }): Entry => {
      const isSweep = spec.kind === 'sweep';
      return {
        key: id,
        icon: isSweep ? SlidersHorizontal : ChartSpline,
        title: name,
        detail: `${done} of ${countText(cells, isSweep ? 'trial' : 'run')} completed`,
        href: routeLink(isSweep ? 'sweeps' : 'scaling', [id]),
        time: rows.find(({ study }) => study?.id === id)?.endedAt ?? createdAt,
      };
    }),
    ...saved.map(
      (one): Entry => ({
        key: `comparison ${one.id}`,
        icon: Scale,
        title: one.name,
        detail: one.notes || countText(one.runs.length, 'run'),
        href: routeLink('compare', [], comparisonQuery(one)),
        time: one.savedAt,
      }),
    ),
    ...datasets.map(
      ({ id, name, statistics, clicks, createdAt }): Entry => ({
        key: id,
        icon: Database,
        title: `${name} imported`,
        detail: clicks
          ? countText(clicks.rows, 'labelled row')
          : countText(statistics.interactions, 'interaction'),
        href: routeLink('datasets', [name]),
        time: Date.parse(createdAt),
      }),
    ),
  ];
  const newest = entries.sort((a, b) => b.time - a.time).slice(0, most);
  return (
    <section aria-label="Recent">
      <div className="home-heading flex baseline gap-2">
        <h2>Recent</h2>
      </div>
      {!all.data && <Missing query={all} />}
      <ul className="home-recent">
        {newest.map(({ key, icon, title, detail, href, time }) => (
          <li key={key} className="grid middle line-above">
            <span className={icon === TriangleAlert ? 'bad flex' : 'muted flex'}>
              <Icon of={icon} />
            </span>
            <a className="row-link clip" href={href} title={title}>
              {title}
            </a>
            <span className="muted" title={timeText(time)}>
              {agoText(time, now)}
            </span>
            <span className="muted small clip" title={detail}>
              {detail}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Whether the window has room for more than the usual: a chart is higher there, and a list longer. */
export const useRoomy = () => useMedia('(min-width: 1920px) and (min-height: 1000px)');
