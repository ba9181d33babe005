import { Play } from 'lucide-react';
import type { DrawnGroup, DrawnId, KeptGroups } from '../../../core/api/drawn-groups.ts';
import { type OwnRun, phaseOf } from '../../../core/api/runs.ts';
import { Button } from '../../components/Button.tsx';
import { IdTiles } from '../../components/IdTiles.tsx';
import { Tiles } from '../../components/lists.tsx';
import { Missing } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { countText, fixed, grouped, signed } from '../../format/format.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';

/** Place, ID, title, reward, advantage as a bar and as a number. */
const LINE = { gridTemplateColumns: '16px auto minmax(0, 1fr) 44px 24px 40px', minHeight: 28 };
const BAR = 24;
/** Of a larger group besides what came next. */
const LISTED = 16;
/** Of every group, to choose one by. */
const PLACES = 10;

/** What the policy drew for one history, what that was worth, and what came next; from the last step before a validation. */
export function DrawnGroups({ run }: { run: OwnRun }) {
  const [kept, keepEpoch] = useKept('drawn');
  const [user, keepUser] = useKept('of');
  const isLive = phaseOf(run.status) !== 'ended';
  const chosen = /^\d{1,9}$/.test(kept ?? '') ? Number(kept) : null;
  const asked = chosen ?? (isLive ? null : run.selectedEpoch);
  const query = useKeptQuery(
    api.recommend.groups.queryOptions({
      input: { run: run.id, epoch: asked },
    }),
  );
  const { data } = query;
  const { epochs = [], shown = null } = data ?? {};
  const group =
    shown?.groups.find((one) => one.user === user) ?? shown?.groups.find(hasHit) ?? shown?.groups[0];
  return (
    <section className="stack gap-1" aria-label="A group of IDs">
      <div className="row">
        <h2>A group of IDs {shown && <span className="muted">step {grouped(shown.step)}</span>}</h2>
        {isLive && shown && (
          <Button
            className="drawn-follow push"
            icon={Play}
            aria-pressed={chosen === null}
            title="Shows the newest groups while the run trains"
            onClick={() => keepEpoch(chosen === null ? String(shown.epoch) : null)}
          >
            Follow
          </Button>
        )}
      </div>
      {data === undefined ? (
        <Missing query={query} />
      ) : !shown || !group ? (
        <p className="muted">{nothingOf(run)}</p>
      ) : (
        <>
          <div className="row">
            <Select
              aria-label="Epoch"
              value={String(shown.epoch)}
              choices={epochs.map((one) => ({ value: String(one), label: `Epoch ${one}` }))}
              onValue={keepEpoch}
            />
          </div>
          <ul aria-label="Groups">
            {shown.groups.map((one) => (
              <li key={one.user} className="line-below">
                <GroupLine group={one} isShown={one === group} onChoose={() => keepUser(one.user)} />
              </li>
            ))}
          </ul>
          <Group group={group} />
          <p className="small muted">{notesOf(group, shown)}</p>
        </>
      )}
    </section>
  );
}

const hasHit = ({ ids }: DrawnGroup) => ids.some(({ isNext }) => isNext);

function nothingOf({ status, place }: OwnRun): string {
  if (phaseOf(status) === 'ended') return 'None was kept.';
  return `Some are kept at every validation${place === null ? '' : ', and come home when the run has ended'}.`;
}

/** A group at a glance: its likeliest places, and where in it the item that came next is. */
function GroupLine({
  group: { user, ids },
  isShown,
  onChoose,
}: {
  group: DrawnGroup;
  isShown: boolean;
  onChoose(): void;
}) {
  const place = ids.findIndex(({ isNext }) => isNext) + 1;
  return (
    <button
      type="button"
      className="bare drawn-group row text-start"
      aria-pressed={isShown}
      onClick={onChoose}
    >
      <span className="clip fill">User {user}</span>
      <Tiles
        className="drawn-places"
        filled={Math.min(ids.length, PLACES)}
        marked={place - 1}
        colour="var(--line-strong)"
      />
      <span className="drawn-place small muted text-end">{place === 0 ? 'not drawn' : `place ${place}`}</span>
    </button>
  );
}

function Group({ group: { next, ids } }: { group: DrawnGroup }) {
  const listed = ids.map((id, at) => ({ id, at })).filter(({ id, at }) => at < LISTED || id.isNext);
  const most = Math.max(...ids.map(({ advantage }) => Math.abs(advantage)), Number.MIN_VALUE);
  return (
    <>
      <p className="row small">
        <span className="muted rigid">Came next:</span>
        <span className="clip" title={titleOf(next)}>
          {titleOf(next)}
        </span>
        <IdTiles codes={next.codes} collisionToken={next.collisionToken} />
      </p>
      <div className="grid middle gap-2 small muted line-below" style={LINE} aria-hidden="true">
        <span style={{ gridColumn: '1 / 4' }}>{countText(ids.length, 'ID')}, likeliest first</span>
        <span className="text-end">Reward</span>
        <span className="text-end" style={{ gridColumn: '5 / 7' }}>
          Advantage
        </span>
      </div>
      <ol aria-label="IDs">
        {listed.map(({ id, at }) => (
          <li
            key={at}
            className="drawn-id grid middle gap-2 line-below"
            style={LINE}
            data-next={id.isNext || undefined}
            title={`${titleOf(id)}: probability ${fixed(id.probability, 4)}`}
          >
            <span className="small muted">{at + 1}</span>
            <IdTiles codes={id.codes} collisionToken={id.collisionToken} />
            <span className="clip small">{titleOf(id)}</span>
            <span className="text-end">{fixed(id.reward, 2)}</span>
            <span className="row end" aria-hidden="true">
              {id.advantage !== 0 && (
                <i
                  className="drawn-bar"
                  data-ahead={id.advantage > 0 || undefined}
                  style={{ width: Math.max(2, (BAR * Math.abs(id.advantage)) / most) }}
                />
              )}
            </span>
            <span className="text-end">{signed(id.advantage, 1)}</span>
          </li>
        ))}
      </ol>
      {listed.length < ids.length && (
        <p className="small muted">{grouped(ids.length - listed.length)} less likely ones are not listed.</p>
      )}
    </>
  );
}

function titleOf({ item: { title, id }, others }: DrawnId): string {
  return others === 0 ? (title ?? id) : `${title ?? id} and ${countText(others, 'other')}`;
}

/** How to read a group, and which of all it is. */
function notesOf(group: DrawnGroup, { groups, groupsDrawn }: NonNullable<KeptGroups['shown']>): string {
  const learnt = hasHit(group)
    ? 'Advantage: reward less the mean of the group, by its deviation.'
    : 'None is that of the item that came next: nothing is learnt from this group.';
  return `${learnt} Squares are its ten likeliest IDs, the accent one that of the item that came next. Kept are ${groups.length} of the ${countText(groupsDrawn, 'group')} of that step.`;
}
