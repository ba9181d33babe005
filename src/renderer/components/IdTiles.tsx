interface IdTilesProps {
  codes: readonly number[];
  /** 0 where no other item has these codes. */
  collisionToken?: number;
  /** Of the first code. */
  level?: number;
  /** Codes that are underlined where they are others than these. */
  before?: readonly number[];
}

/** A Semantic ID as abutting tiles, from coarse to fine; the token of a collision is hollow. */
export function IdTiles({ codes, collisionToken = 0, level = 0, before }: IdTilesProps) {
  return (
    <span className="id-tiles small">
      {codes.map((code, at) => (
        <Tile
          // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
          key={at}
          text={String(code)}
          kind={`${Math.min(3, level + at + 1)}`}
          changed={before !== undefined && before[at] !== code}
        />
      ))}
      {collisionToken > 0 && <Tile text={`+${collisionToken}`} kind="collision" />}
    </span>
  );
}

/** With the brackets that part codes where there are no colours, as in a copy. */
function Tile({ text, kind, changed }: { text: string; kind: string; changed?: boolean }) {
  return (
    <span data-kind={kind} data-changed={changed || undefined}>
      <span>⟨</span>
      {text}
      <span>⟩</span>
    </span>
  );
}

const TILE = 30;
/** Pixels of a column of a table that shows IDs of so many codes, and a collision's token. */
export function idWidth(levels: number): number {
  return TILE * levels + 48;
}
