import { Play } from 'lucide-react';
import { type CSSProperties, type ReactNode, useCallback, useMemo, useState } from 'react';
import type { BeamNode, DecodingTrie } from '../../../core/api/beam-tree.ts';
import type { ChartColours } from '../../charts/colours.ts';
import type { Size } from '../../charts/painter.ts';
import { SceneFigure } from '../../charts/SceneFigure.tsx';
import { useWidth } from '../../charts/use-width.ts';
import { Button } from '../../components/Button.tsx';
import { IdTiles } from '../../components/IdTiles.tsx';
import { Statement } from '../../components/Statement.tsx';
import { countText, grouped, idText } from '../../format/format.ts';
import { firstLeaf, followingAt, leavesOf, pathThrough, percentText, prefixOfNode } from './trie-path.ts';
import { beamOfMark, trieHeight, trieScene } from './trie-scene.ts';
import './decoding.css';

const LISTED = 10;

/** Ways through a decoding. */
export interface TrieMoves {
  step(): void;
  next(): void;
  before(): void;
}

interface TrieViewProps {
  trie: DecodingTrie;
  /** Another one is on its way. */
  stale: boolean;
  /** Of the file that its picture is saved in. */
  name: string;
  /** Shows codes of the tokeniser where they stand in its other views. */
  onOpen(codes: number[]): void;
  /** Gives the moves keys, on a screen that has these to spare. */
  keys?(moves: TrieMoves): ReactNode;
}

/** How a list is decoded, a code at a time: each level as the grid of its codes. */
export function TrieView({ trie, stale, name, onOpen, keys }: TrieViewProps) {
  const { semantic } = trie;
  const [focused, setFocused] = useState<number | null>(null);
  const [shown, setShown] = useState(trie.levels);
  const leaves = leavesOf(trie);
  const path = useMemo(() => {
    const start = focused ?? firstLeaf(trie);
    return start === null ? [] : pathThrough(trie, start);
  }, [trie, focused]);
  const at = leaves.indexOf(path[path.length - 1]);
  const step = () => setShown(shown >= trie.levels ? 1 : shown + 1);
  const go = (to: number) => to >= 0 && to < leaves.length && setFocused(leaves[to]);
  const scene = useCallback(
    (size: Size, colours: ChartColours) => trieScene(trie, { path, shown }, size, colours),
    [trie, path, shown],
  );
  const [box, width] = useWidth<HTMLDivElement>(900);
  return (
    <div className="stack gap-4">
      {keys?.({ step, next: () => void go(at + 1), before: () => void go(at - 1) })}
      <Statement {...statementOf(trie, path, semantic)}>{ofUser(trie)}</Statement>
      <History trie={trie} levels={semantic} />
      <div className="trie-view grid">
        <div ref={box} className="holds">
          <SceneFigure
            title={`Decoding of user ${trie.user}`}
            fileName={`${name}-trie-${trie.user}`}
            label={`Codes of each level for user ${trie.user}`}
            height={trieHeight(trie, width)}
            scene={scene}
            stale={stale}
            onChoose={(mark) => {
              const beam = beamOfMark(trie, path, shown, mark);
              if (beam !== null) setFocused(beam);
            }}
          />
        </div>
        <Legend trie={trie} path={path} shown={shown}>
          <Button icon={Play} onClick={step}>
            Step {keys && <kbd>Space</kbd>}
          </Button>
          <Button disabled={shown >= trie.levels} onClick={() => setShown(trie.levels)}>
            Whole list
          </Button>
        </Legend>
      </div>
      <Kept
        trie={trie}
        leaves={leaves}
        chosen={path[path.length - 1]}
        levels={semantic}
        onChoose={setFocused}
        onOpen={(codes) => onOpen(codes.slice(0, semantic))}
      />
    </div>
  );
}

function statementOf(
  trie: DecodingTrie,
  path: readonly number[],
  levels: number,
): { fact: string; limit: string } {
  const end = path[path.length - 1];
  if (end === undefined) return { fact: 'No ID was kept', limit: ': every item is known to the user' };
  const codes = prefixOfNode(trie, end);
  const before = codes.length - 1;
  const following = followingAt(trie, path, before)?.codes.length ?? 0;
  const { place } = trie.nodes[end];
  return {
    fact: `${idText(codes.slice(0, levels), codes[levels])} ${place === 1 ? 'leads' : `is number ${place}`}`,
    limit:
      before === 0
        ? ''
        : `: after ${countText(before, 'code')}, ${grouped(following)} of ${grouped(trie.sizes[before])} may follow`,
  };
}

function ofUser({ user, target, read, history, beams, nodes, levels }: DecodingTrie): string {
  const reads = `User ${user}, ${history.length < read ? `the last ${history.length} of ${countText(read, 'item')}` : countText(read, 'item')}.`;
  if (!target) return `${reads} Nothing of this user's is held out.`;
  const kept = nodes.find((node) => node.level === levels && node.onTargetPath && node.place !== null);
  const end =
    target.codes === null
      ? 'it has no ID'
      : kept
        ? `at place ${kept.place} of the list`
        : `not among the ${beams} beams: lost at code ${target.firstDivergence}`;
  return `${reads} Came next: ${target.title ?? target.id}, ${end}.`;
}

/** Codes of a tokeniser, then the token that tells equal ones apart. */
const tilesOf = (codes: readonly number[], levels: number) => ({
  ...{ codes: codes.slice(0, levels), collisionToken: codes[levels] ?? 0 },
});

function History({ trie: { history }, levels }: { trie: DecodingTrie; levels: number }) {
  if (history.length === 0) return null;
  return (
    <ol className="trie-history row wrap" aria-label="History, oldest first">
      <li className="small muted" aria-hidden="true">
        History
      </li>
      {history.map(({ item, title, id, codes }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item may come twice
        <li key={`${item} ${at}`} className="row">
          <IdTiles {...tilesOf(codes, levels)} />
          <span className="clip small muted" title={title ?? id}>
            {title ?? id}
          </span>
        </li>
      ))}
    </ol>
  );
}

interface LegendProps {
  trie: DecodingTrie;
  path: readonly number[];
  shown: number;
  children: ReactNode;
}

/** How to read a grid, and what the model would have spent on codes that no item has. */
function Legend({ trie, path, shown, children }: LegendProps) {
  const level = Math.min(shown, path.length) - 1;
  const following = level < 0 ? null : followingAt(trie, path, level);
  return (
    <div className="trie-legend flex">
      <section className="stack gap-1">
        <h2>One step</h2>
        <p className="small muted">
          A tile is a code. Strength is probability; ringed ones are kept as beams, in green on the way to
          what came next. Small: no item begins so, its probability is shared among the rest.
        </p>
      </section>
      {following && (
        <section className="stack gap-1">
          <h2>Left out by the trie</h2>
          <p className="verdict">
            <strong>{percentText(following.leftOut)}</strong>
          </p>
          <p className="small muted">of the probability at code {level + 1}</p>
        </section>
      )}
      <div className="row wrap">{children}</div>
    </div>
  );
}

interface KeptProps {
  trie: DecodingTrie;
  leaves: readonly number[];
  chosen: number | undefined;
  levels: number;
  onChoose(node: number): void;
  onOpen(codes: number[]): void;
}

/** The list that the beams come to. */
function Kept({ trie, leaves, chosen, levels, onChoose, onOpen }: KeptProps) {
  const listed = leaves.slice(0, LISTED);
  return (
    <section className="stack gap-1" aria-label="The list">
      <h2>
        The list{' '}
        <span className="muted">
          {listed.length} of {countText(leaves.length, 'beam')}, by probability of the whole ID
        </span>
      </h2>
      <ol className="trie-list grid" style={{ '--rows': Math.ceil(listed.length / 2) } as CSSProperties}>
        {listed.map((at) => (
          <Leaf
            key={at}
            node={trie.nodes[at]}
            codes={prefixOfNode(trie, at)}
            levels={levels}
            isChosen={at === chosen}
            onChoose={() => onChoose(at)}
            onOpen={onOpen}
          />
        ))}
      </ol>
    </section>
  );
}

interface LeafProps extends Pick<KeptProps, 'levels' | 'onOpen'> {
  node: BeamNode;
  codes: number[];
  isChosen: boolean;
  onChoose(): void;
}

function Leaf({ node, codes, levels, isChosen, onChoose, onOpen }: LeafProps) {
  const { place, items, onTargetPath, prefixProbability } = node;
  const [first, ...others] = items;
  const name = first ? (first.title ?? first.id) : 'no item left to recommend';
  return (
    <li
      className="trie-leaf row line-below"
      data-next={onTargetPath || undefined}
      data-chosen={isChosen || undefined}
    >
      <span className="trie-place muted text-end">{place}</span>
      <button
        type="button"
        className="bare row shrinks"
        aria-pressed={isChosen}
        title={`${name}. Double click: its codes in the other views`}
        onClick={onChoose}
        onDoubleClick={() => onOpen(codes)}
      >
        <IdTiles {...tilesOf(codes, levels)} />
        <span className="clip">
          {name}
          {others.length > 0 && ` and ${countText(others.length, 'other')}`}
        </span>
      </button>
      {onTargetPath && <span className="small rigid trie-next">came next</span>}
      <span className="push rigid muted">{percentText(prefixProbability)}</span>
    </li>
  );
}
