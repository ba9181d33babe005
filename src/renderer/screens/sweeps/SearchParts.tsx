import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { metricDecimals } from '../../../core/api/metrics.ts';
import { modelTitle, settingTitle } from '../../../core/api/models.ts';
import {
  FEWEST_TRIALS,
  furtherText,
  METHOD,
  rungsReached,
  type SweepPage,
  type TuningBudget,
  whatMattered,
} from '../../../core/api/studies.ts';
import { useModelColour } from '../../charts/use-chart-colours.ts';
import { Button, Icon } from '../../components/Button.tsx';
import { Tiles } from '../../components/lists.tsx';
import { countText, fixed, shortTime } from '../../format/format.ts';
import { RunTile } from '../../runs/RunTile.tsx';
import { api, client } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';
import { attempt } from '../../state/toasts.ts';

interface PartProps {
  title: string;
  /** Behind the title. */
  about?: string;
  /** At the pointer. */
  method?: string;
  children: ReactNode;
}

/** A part beside the figure of a search. */
function Part({ title, about, method, children }: PartProps) {
  return (
    <section className="stack" title={method}>
      <div className="chart-head">
        <h2>
          {title} {about && <span className="muted">{about}</span>}
        </h2>
      </div>
      {children}
    </section>
  );
}

type Row = { key: string; name: ReactNode; tiles: ReactNode; values: readonly ReactNode[] };

/** Lines of tiles between a name and what they come to. */
function TileRows({ rows }: { rows: readonly Row[] }) {
  return (
    <ul style={{ maxWidth: 460 }}>
      {rows.map(({ key, name, tiles, values }) => (
        <li
          key={key}
          className="grid middle gap-2 line-below"
          style={{
            minHeight: 28,
            gridTemplateColumns: `112px minmax(0, 1fr) repeat(${values.length}, 64px)`,
          }}
        >
          <span className="clip">{name}</span>
          {tiles}
          {values.map((value, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a value is its place
            <span key={at} className="text-end">
              {value}
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** What further trials are likely to bring; nothing where none are left. */
export function WorthContinuing({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const text = furtherText(spec, trials);
  if (text === null) return null;
  return (
    <Part
      title="Worth continuing?"
      method="As if the trials could have come in any order: the best of n + k is among the last k with probability k / (n + k)"
    >
      <p>{text}</p>
    </Part>
  );
}

const TILES = 25;

/** How much of the differences between trials goes with each setting; nothing where the trials cannot be compared. */
export function WhatMattered({ sweep: { spec, trials, problem } }: { sweep: SweepPage }) {
  const shares = useMemo(
    () =>
      whatMattered(
        trials,
        spec.sweep.vary.map(({ key }) => key),
      ),
    [spec, trials],
  );
  const measured = trials.filter(({ value }) => value !== null).length;
  if (problem !== null) return null;
  const about = shares ? `share of the variance, each by itself, ${countText(measured, 'trial')}` : undefined;
  const rows = shares?.map(({ key, share }) => ({
    ...{ key, name: settingTitle(key), values: [`${fixed(100 * share, 0)} %`] },
    tiles: (
      <Tiles className="large gap-tile" filled={Math.round(TILES * share)} of={TILES} colour={undefined} />
    ),
  }));
  return (
    <Part title="What mattered" about={about} method={rows && METHOD}>
      {rows ? (
        <TileRows rows={rows} />
      ) : (
        <p className="muted">
          Needs {FEWEST_TRIALS} completed trials ({measured} so far).
        </p>
      )}
    </Part>
  );
}

/** How many trials reached each rung, and from which value on they were promoted; nothing without early stops. */
export function Rungs({ sweep: { spec, trials } }: { sweep: SweepPage }) {
  const colour = useModelColour(spec.model);
  const rungs = rungsReached(spec, trials);
  if (rungs.length === 0) return null;
  const most = rungs[0].trials;
  const text = (value: number) => fixed(value, metricDecimals(spec.sweep.metric));
  return (
    <Part title="Rungs" about="epochs, filled promoted, from which value on">
      <TileRows
        rows={rungs.map(({ epochs, trials: reached, promoted, from }) => ({
          ...{ key: String(epochs), name: countText(epochs, 'epoch') },
          tiles: (
            <Tiles
              className="gap-tile outlined"
              filled={Math.round((TILES * promoted) / Math.max(TILES, most))}
              of={Math.max(1, Math.round((TILES * reached) / Math.max(TILES, most)))}
              colour={colour}
            />
          ),
          values: [`${promoted} of ${reached}`, from === null ? '–' : text(from)],
        }))}
      />
    </Part>
  );
}

const BUDGET_TILES = 10;

/** What was spent on the settings of every model of this data; nothing where this is the only one. */
export function Budgets({ sweep: { id } }: { sweep: SweepPage }) {
  const { data = [] } = useQuery(api.studies.budgets.queryOptions({ input: { study: id } }));
  if (data.length < 2) return null;
  const most = data[0].trials;
  const least = data.findLast(({ trials }) => trials < most);
  return (
    <Part title="Budget on this data" about="is it fair?">
      <TileRows rows={data.map((budget) => budgetRow(budget, id, most))} />
      {least && <Less budget={least} most={most} />}
    </Part>
  );
}

function budgetRow({ study, model, trials, seconds }: TuningBudget, own: string, most: number): Row {
  const title = modelTitle(model);
  return {
    key: study,
    name: (
      <>
        <RunTile model={model} />
        {study === own ? title : <a href={routeLink('sweeps', [study])}>{title}</a>}
      </>
    ),
    tiles: <Tiles filled={Math.round((BUDGET_TILES * trials) / most)} of={BUDGET_TILES} colour={undefined} />,
    values: [trials, shortTime(seconds)],
  };
}

/** The one that had the least, and what would make it even. */
function Less({
  budget: { study, model, trials, seconds, canExtend },
  most,
}: {
  budget: TuningBudget;
  most: number;
}) {
  const more = most - trials;
  const time = seconds === null || trials === 0 ? '' : `, ${shortTime((seconds / trials) * more)}`;
  const extend = () =>
    attempt('Could not extend the sweep', () => client.studies.extend({ study, trials: more }));
  return (
    <p className="row wrap">
      <span className="row gap-sign warning">
        <Icon of={TriangleAlert} />
        {modelTitle(model)} had {trials} of {most}.
      </span>
      {canExtend && (
        <Button data-size="small" onClick={() => void extend()}>
          Extend by {more}
          {time}
        </Button>
      )}
    </p>
  );
}
