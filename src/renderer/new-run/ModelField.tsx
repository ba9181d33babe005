import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { type ExpectedTime, spanText } from '../../core/api/clock.ts';
import { LEADERBOARD_METRIC } from '../../core/api/compare.ts';
import { metricLabel } from '../../core/api/metrics.ts';
import { MODEL_GROUPS, type ModelInfo, modelTitle } from '../../core/api/models.ts';
import { Icon } from '../components/Button.tsx';
import { PickField } from '../components/PickField.tsx';
import { fixed } from '../format/format.ts';
import { RunTile } from '../runs/RunTile.tsx';
import { api, useKeptQuery } from '../state/api.ts';

const GROUPS = Object.keys(MODEL_GROUPS) as (keyof typeof MODEL_GROUPS)[];
/** As many models that lack something are named. */
const MOST_NAMED = 3;

export interface ModelFieldProps {
  models: readonly ModelInfo[];
  /** Name of the data set. */
  dataset: string;
  chosen: readonly string[];
  onChosen(chosen: string[]): void;
}

/** Models to train, from one list by group: what each is, how good its best run on the data set is, and its time. */
export function ModelField({ models, dataset, chosen, onChosen }: ModelFieldProps) {
  const input = { dataset };
  const enabled = dataset !== '';
  const { data: obstacles = {} } = useKeptQuery({ ...api.models.obstacles.queryOptions({ input }), enabled });
  const { data: times = {} } = useKeptQuery({ ...api.models.times.queryOptions({ input }), enabled });
  const { data: board } = useQuery({ ...api.compare.leaderboard.queryOptions({ input }), enabled });
  const metric = board?.metrics[0] ?? LEADERBOARD_METRIC;
  const best = new Map(board?.best.map(({ model, metrics }) => [model, metrics[metric].mean]));
  const fitting = models.filter(({ id }) => !obstacles[id] || chosen.includes(id));
  const lacking = models.filter((model) => !fitting.includes(model));
  return (
    <PickField
      label="Models"
      aside={<span className="muted">{chosen.length}</span>}
      several
      placeholder={chosen.length > 0 ? 'Add a model' : 'Search models'}
      chosen={chosen}
      groups={GROUPS.map((group) => ({
        ...MODEL_GROUPS[group],
        rows: fitting
          .filter((model) => model.group === group)
          .map(({ id, title, summary }) => ({
            id,
            name: title,
            keywords: `${id} ${summary} ${MODEL_GROUPS[group].title}`,
            content: (
              <>
                <RunTile model={id} />
                <strong className="clip">{title}</strong>
                <span className="clip">{summary.replace(/\.$/, '')}</span>
                <span className="pick-number rigid text-end">{fixed(best.get(id), 4)}</span>
                <span className="pick-number muted rigid text-end">{timeText(times[id])}</span>
              </>
            ),
          })),
      }))}
      head={
        <>
          <span>
            {fitting.length} models, {chosen.length} chosen
          </span>
          <span
            className="pick-number rigid text-end"
            title={`Test ${metricLabel(metric)} on this data set, chosen by validation`}
          >
            Best {metricLabel(metric)}
          </span>
          <span className="pick-number rigid text-end">Time</span>
        </>
      }
      foot={
        <>
          <span className="rigid row">
            <span>
              <kbd>Space</kbd> Choose
            </span>
            <span>
              <kbd>↵</kbd> Choose and close
            </span>
          </span>
          <span className="clip">{lackingText(lacking, obstacles)}</span>
        </>
      }
      onChosen={onChosen}
    >
      {chosen.map((id) => (
        <span key={id} className="chip">
          <RunTile model={id} />
          {modelTitle(id)}
          <button
            type="button"
            className="bare grid muted"
            aria-label={`Remove ${modelTitle(id)}`}
            onClick={() => onChosen(chosen.filter((other) => other !== id))}
          >
            <Icon of={X} />
          </button>
        </span>
      ))}
    </PickField>
  );
}

const timeText = (time: ExpectedTime | null | undefined) => (time ? spanText(time) : 'no run yet');

/** "DLRM needs labelled rows", of the models that the data set does not suffice for. */
function lackingText(
  models: readonly ModelInfo[],
  obstacles: Readonly<Record<string, string | null>>,
): string {
  const titles = models.map(({ title }) => title);
  if (titles.length > MOST_NAMED)
    return `${titles.length} models do not fit this data set: ${titles.join(', ')}`;
  return models.map(({ id, title }) => `${title} ${obstacles[id]}`).join('; ');
}
