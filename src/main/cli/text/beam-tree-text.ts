import type { BeamNode, BeamTree } from '../../../core/api/beam-tree.ts';

/** The tree as indented lines: code, probability given the prefix, place in the beam, and the items of whole IDs. */
export function beamTreeText({ user, beams, levels, nodes, target }: BeamTree): string {
  const children = new Map<number | null, number[]>();
  nodes.forEach(({ parent }, i) => {
    children.set(parent, [...(children.get(parent) ?? []), i]);
  });
  const lines: string[] = [];
  const write = (parent: number | null) => {
    for (const i of children.get(parent) ?? []) {
      lines.push(nodeText(nodes[i], levels));
      write(i);
    }
  };
  write(null);
  return [
    `Decoding for user ${user}, ${beams} sequences kept at a level; * marks the path of the held-out item`,
    ...lines,
    '',
    targetText(target),
  ].join('\n');
}

function nodeText(
  { level, code, probability, place, onTargetPath, items }: BeamNode,
  levels: number,
): string {
  const mark = onTargetPath ? '*' : ' ';
  const kept = place === null ? 'not kept' : `place ${place}`;
  const names = items.map(({ id, title }) => title ?? id).join('; ');
  const leaf = level === levels && names !== '' ? `  ${names}` : '';
  return `${mark}${'  '.repeat(level)}${code}  ${probability.toFixed(4)}  ${kept}${leaf}`;
}

function targetText(target: BeamTree['target']): string {
  if (!target) return 'The user has no held-out item.';
  const name = `${target.title ?? target.id} (item ${target.id})`;
  if (!target.codes) return `Held out: ${name}, which has no ID that can be generated`;
  const end =
    target.firstDivergence === null
      ? 'generated'
      : `left by every sequence at level ${target.firstDivergence}`;
  return `Held out: ${name}, ID ${target.codes.join(' ')}: ${end}`;
}
