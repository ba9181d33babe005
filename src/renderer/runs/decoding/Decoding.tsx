import type { ReactNode } from 'react';
import { Missing } from '../../components/Screen.tsx';
import { api, useKeptQuery } from '../../state/api.ts';
import { type TrieMoves, TrieView } from './TrieView.tsx';

interface DecodingProps {
  run: string;
  user: string;
  /** Default: as many as the list has places, twice. */
  beams?: number;
  /** Of the file that its picture is saved in. */
  name: string;
  /** Shows codes of the tokeniser where they stand among all. */
  onOpen(codes: number[]): void;
  /** As of `TrieView`. */
  keys?(moves: TrieMoves): ReactNode;
}

/** How the list of one user is decoded along the trie. */
export function Decoding({ run, user, beams = 20, name, onOpen, keys }: DecodingProps) {
  const tree = useKeptQuery(api.recommend.tree.queryOptions({ input: { run, user, beams } }));
  const { data, isFetching } = tree;
  if (!data) return <Missing query={tree}>Decoding</Missing>;
  const key = `${data.run} ${data.user} ${data.beams}`;
  return <TrieView key={key} trie={data} stale={isFetching} name={name} onOpen={onOpen} keys={keys} />;
}
