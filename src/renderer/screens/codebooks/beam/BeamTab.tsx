import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { z } from 'zod';
import type { BeamNode, BeamTree } from '../../../../core/api/beam-tree.ts';
import type { Action } from '../../../actions/action.ts';
import { useRegisteredActions } from '../../../actions/registry.ts';
import type { ChartColours } from '../../../charts/colours.ts';
import type { Size } from '../../../charts/painter.ts';
import { SceneFigure } from '../../../charts/SceneFigure.tsx';
import { ActionButton, Button } from '../../../components/Button.tsx';
import { CopyMenu } from '../../../components/CopyMenu.tsx';
import { type Column, column } from '../../../components/columns.ts';
import { EmptyState, Missing } from '../../../components/Screen.tsx';
import { Segments } from '../../../components/Segments.tsx';
import { Select } from '../../../components/Select.tsx';
import { countText, idText } from '../../../format/format.ts';
import { openNewRun } from '../../../new-run/new-run.ts';
import { Decoding } from '../../../runs/decoding/Decoding.tsx';
import type { TrieMoves } from '../../../runs/decoding/TrieView.tsx';
import { prefixOfNode } from '../../../runs/decoding/trie-path.ts';
import { api, client, useKeptQuery } from '../../../state/api.ts';
import { useDebounced } from '../../../state/debounced.ts';
import { useDraft } from '../../../state/drafts.ts';
import { useChoice } from '../../../state/navigation.ts';
import { attempt } from '../../../state/toasts.ts';
import { useWorkbench } from '../workbench.ts';
import { beamHeight, beamScene } from './beam-scene.ts';

const TYPING_MS = 200;
const USERS_OFFERED = 20;
const BEAMS = ['5', '10', '20', '50'] as const;

/** By codes: every code of a level in its place. By beams: what was kept alone. */
const LOOKS = [
  { value: 'codes', label: 'Codes' },
  { value: 'tree', label: 'Beams' },
] as const;

const userDraft = z.object({ user: z.string() });

/** How a generative model that uses these IDs decodes the next item of one user. */
export function BeamTab() {
  const { facts, place, change, select } = useWorkbench();
  const generators = useQuery(api.codebooks.generators.queryOptions({ input: { run: facts.run } }));
  const [beams, setBeams] = useChoice('beams', BEAMS, '10');
  const [look, setLook] = useChoice('as', ['codes', 'tree']);
  const asked = useDraft(`beam ${facts.run}`, userDraft, { user: place.user ?? '' });
  const typed = asked.draft.user.trim();
  const request = useDebounced(typed, TYPING_MS);
  const users = useKeptQuery({
    ...api.datasets.users.queryOptions({
      input: { dataset: facts.dataset.id ?? '', search: request, limit: USERS_OFFERED },
    }),
    enabled: facts.dataset.id !== null,
  });
  const canDecode = facts.dataset.id !== null && (generators.data ?? []).length > 0;
  const another = anotherUser(canDecode ? facts.dataset.id : null, (any) => change({ user: any }));
  useRegisteredActions([another]);
  if (!generators.data) return <Missing query={generators} />;
  if (generators.data.length === 0) {
    return (
      <EmptyState
        title="No generative model uses these IDs yet"
        text="TIGER writes the next item's Semantic ID code by code. Train it on this tokeniser: here you then see, user by user, which codes it kept and where decoding diverged from the next item."
      >
        <div className="row">
          <Button
            kind="primary"
            onClick={() =>
              openNewRun({
                model: 'tiger',
                dataset: facts.dataset.id ?? undefined,
                overrides: { tokeniser: facts.run },
              })
            }
          >
            Train TIGER
          </Button>
        </div>
      </EmptyState>
    );
  }
  const generator = generators.data.find(({ run }) => run === place.look.model) ?? generators.data[0];
  const user = place.user ?? users.data?.[0]?.id ?? null;
  return (
    <div className="codebook-flow flow">
      <form
        className="row wrap gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === '') return;
          change({ user: typed });
          asked.forget();
        }}
      >
        <Select
          aria-label="Generative model"
          value={generator.run}
          choices={generators.data.map(({ run, title }) => ({ value: run, label: title }))}
          onValue={(model) => change({ look: { ...place.look, model } })}
        />
        <input
          className="input"
          aria-label="User"
          placeholder="User id"
          list="codebook-users"
          value={asked.draft.user}
          onChange={({ target }) => asked.change({ user: target.value })}
        />
        <datalist id="codebook-users">
          {users.data?.map(({ id, interactions }) => (
            <option key={id} value={id}>
              {countText(interactions, 'interaction')}
            </option>
          ))}
        </datalist>
        <Button type="submit">Decode</Button>
        <ActionButton action={another} />
        <span className="toolbar-item middle gap-2 muted">
          Beams
          <Select
            aria-label="Beams"
            value={beams}
            choices={BEAMS.map((value) => ({ value, label: value }))}
            onValue={setBeams}
          />
        </span>
        <Segments label="Shown as" choices={LOOKS} value={look} onValue={setLook} className="push" />
      </form>
      {user !== null &&
        (look === 'tree' ? (
          <Beams run={generator.run} user={user} beams={Number(beams)} />
        ) : (
          <Decoding
            run={generator.run}
            user={user}
            beams={Number(beams)}
            name={facts.name}
            onOpen={select}
            keys={(moves) => <TrieKeys {...moves} />}
          />
        ))}
    </div>
  );
}

function TrieKeys({ step, next, before }: TrieMoves) {
  const away = () => !document.activeElement?.closest('button, a, input, select, [tabindex="0"]');
  const common = { group: 'View', enabled: away } as const;
  useRegisteredActions([
    { ...common, id: 'codebooks.step', label: 'Next code of the decoding', shortcut: ' ', perform: step },
    { ...common, id: 'codebooks.next-beam', label: 'Next beam', shortcut: 'j', perform: next },
    { ...common, id: 'codebooks.beam-before', label: 'Beam before', shortcut: 'k', perform: before },
  ]);
  return null;
}

/** Any of all users of a data set, and not of those that are offered; of none, where it is null. */
function anotherUser(dataset: string | null, choose: (user: string) => void): Action {
  return {
    ...{ id: 'codebooks.user', label: 'Another user', group: 'Go', shortcut: 'u' },
    enabled: () => dataset !== null,
    perform: () =>
      void attempt('Could not pick a user', async () => {
        const [any] = await client.datasets.users({ dataset: dataset ?? '', order: 'random', limit: 1 });
        if (any) choose(any.id);
      }),
  };
}

interface BeamsProps {
  run: string;
  user: string;
  beams: number;
}

/** What was kept alone. */
function Beams({ run, user, beams }: BeamsProps) {
  const tree = useKeptQuery(api.recommend.tree.queryOptions({ input: { run, user, beams } }));
  const { data, isFetching } = tree;
  return data ? <Tree tree={data} stale={isFetching} /> : <Missing query={tree}>Decoding</Missing>;
}

function Tree({ tree, stale }: { tree: BeamTree; stale: boolean }) {
  const { facts, select } = useWorkbench();
  const scene = useCallback((size: Size, colours: ChartColours) => beamScene(tree, size, colours), [tree]);
  return (
    <div>
      <SceneFigure
        title={`Decoding of user ${tree.user}`}
        fileName={`${facts.name}-beam-${tree.user}`}
        label={`Codes kept for user ${tree.user}, level by level`}
        height={beamHeight(tree)}
        scene={scene}
        stale={stale}
        // The last token may be the extra one of a collision, which is no code of the tokeniser.
        onChoose={(mark) => select(prefixOfNode(tree, mark).slice(0, facts.levels))}
        controls={<CopyMenu what="decoding" columns={columnsOf(tree)} rows={() => tree.nodes} />}
      />
      <p className="muted">{targetText(tree)}</p>
    </div>
  );
}

function targetText({ target, beams }: BeamTree): string {
  const drawn = `Lines are as wide as a prefix is probable; each number is a code's probability after its prefix.`;
  if (!target) return `${drawn} This user has no held-out item.`;
  const name = target.title ?? target.id;
  if (target.codes === null) return `${drawn} The held-out item “${name}” has no Semantic ID.`;
  const way = `The held-out item “${name}” is ${idText(target.codes)}, in green.`;
  const end =
    target.firstDivergence === null
      ? `It was among the ${beams} IDs generated.`
      : `First divergence at level ${target.firstDivergence}, ringed: no surviving beam continues to it.`;
  return `${drawn} ${way} ${end}`;
}

function columnsOf(tree: BeamTree): Column<BeamNode>[] {
  const places = new Map(tree.nodes.map((node, at) => [node, at]));
  return [
    column('level', 'Level', 'number', ({ level }) => level),
    column('prefix', 'Prefix', 'text', (node) => idText(prefixOfNode(tree, places.get(node) ?? 0))),
    column('probability', 'Probability', 'number', ({ probability }) => probability),
    column('whole', 'Of the prefix', 'number', ({ prefixProbability }) => prefixProbability),
    column('place', 'Place', 'number', ({ place }) => place),
    column('target', 'Target', 'text', ({ onTargetPath }) => (onTargetPath ? 'yes' : '')),
    column('items', 'Items', 'text', ({ items }) => items.map(({ title, id }) => title ?? id).join(' · ')),
  ];
}
