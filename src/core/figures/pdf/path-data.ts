/** The path of an SVG as a PDF draws it: lines and cubic curves alone. */
import { pdfNumber } from './pdf-file.ts';

type Point = readonly [x: number, y: number];

const NUMBERS = /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi;
/** Numbers that each command takes. */
const TAKES: Record<string, number> = { m: 2, l: 2, h: 1, v: 1, c: 6, s: 4, q: 4, t: 2, a: 7, z: 0 };

/** The operators of a path, without the one that fills or strokes it. Throws for what is no path. */
export function pathOperators(data: string): string {
  const made: string[] = [];
  const write = (operator: string, ...points: readonly Point[]) =>
    made.push(`${points.flat().map(pdfNumber).join(' ')} ${operator}`);
  let [at, start, control]: Point[] = [
    [0, 0],
    [0, 0],
    [0, 0],
  ];
  let before = '';
  const curve = (a: Point, b: Point, end: Point) => {
    write('c', a, b, end);
    [control, at] = [b, end];
  };
  const mirrored = (...kinds: string[]): Point =>
    kinds.includes(before) ? [2 * at[0] - control[0], 2 * at[1] - control[1]] : at;
  const quadratic = (middle: Point, end: Point) => {
    const toward = (from: Point): Point => [
      from[0] + (2 / 3) * (middle[0] - from[0]),
      from[1] + (2 / 3) * (middle[1] - from[1]),
    ];
    write('c', toward(at), toward(end), end);
    [control, at] = [middle, end];
  };
  for (const { command, numbers } of commandsOf(data)) {
    const kind = command.toLowerCase();
    const isRelative = command === kind;
    const point = (x: number, y: number): Point =>
      isRelative ? [at[0] + numbers[x], at[1] + numbers[y]] : [numbers[x], numbers[y]];
    const line = (end: Point) => {
      write('l', end);
      at = end;
    };
    if (kind === 'm') {
      at = point(0, 1);
      start = at;
      write('m', at);
    } else if (kind === 'l') line(point(0, 1));
    else if (kind === 'h') line([isRelative ? at[0] + numbers[0] : numbers[0], at[1]]);
    else if (kind === 'v') line([at[0], isRelative ? at[1] + numbers[0] : numbers[0]]);
    else if (kind === 'c') curve(point(0, 1), point(2, 3), point(4, 5));
    else if (kind === 's') curve(mirrored('c', 's'), point(0, 1), point(2, 3));
    else if (kind === 'q') quadratic(point(0, 1), point(2, 3));
    else if (kind === 't') quadratic(mirrored('q', 't'), point(0, 1));
    else if (kind === 'a') for (const [a, b, end] of arc(at, numbers, point(5, 6))) curve(a, b, end);
    else {
      made.push('h');
      at = start;
    }
    before = kind;
  }
  return made.join('\n');
}

/** One after the other, each with its numbers; more pairs after a move are lines. */
function commandsOf(data: string): { command: string; numbers: number[] }[] {
  return [...data.matchAll(/([a-z])([^a-df-z]*)/gi)].flatMap(([, letter, rest]) => {
    const count = TAKES[letter.toLowerCase()];
    if (count === undefined) throw new Error(`a path has the command "${letter}"`);
    const numbers = letter.toLowerCase() === 'a' ? arcNumbers(rest) : [...rest.matchAll(NUMBERS)].map(Number);
    if (count === 0) return [{ command: letter, numbers }];
    const follows = letter === 'm' ? 'l' : letter === 'M' ? 'L' : letter;
    return Array.from({ length: Math.floor(numbers.length / count) }, (_, at) => ({
      command: at === 0 ? letter : follows,
      numbers: numbers.slice(at * count, (at + 1) * count),
    }));
  });
}

/** The two flags of an arc may stand without a space. */
const arcNumbers = (text: string) =>
  [
    ...text.matchAll(
      new RegExp(
        `(${NUMBERS.source})[\\s,]*(${NUMBERS.source})[\\s,]*(${NUMBERS.source})[\\s,]*([01])[\\s,]*([01])[\\s,]*(${NUMBERS.source})[\\s,]*(${NUMBERS.source})`,
        'gi',
      ),
    ),
  ].flatMap(([, ...parts]) => parts.map(Number));

/** An arc of an ellipse as curves of a quarter at most (SVG 2, appendix B.2.4). */
function arc(from: Point, numbers: readonly number[], to: Point): [Point, Point, Point][] {
  const [turn, isLarge, isSweep] = [(numbers[2] * Math.PI) / 180, numbers[3] === 1, numbers[4] === 1];
  let [rx, ry] = [Math.abs(numbers[0]), Math.abs(numbers[1])];
  if (rx === 0 || ry === 0 || (from[0] === to[0] && from[1] === to[1])) return [[from, to, to]];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const half: Point = [(from[0] - to[0]) / 2, (from[1] - to[1]) / 2];
  const [x, y] = [cos * half[0] + sin * half[1], cos * half[1] - sin * half[0]];
  // Radii that do not reach are made larger.
  const reach = Math.max(1, Math.sqrt((x / rx) ** 2 + (y / ry) ** 2));
  [rx, ry] = [rx * reach, ry * reach];
  const share = (rx * ry) ** 2 / ((rx * y) ** 2 + (ry * x) ** 2) - 1;
  const side = (isLarge === isSweep ? -1 : 1) * Math.sqrt(Math.max(0, share));
  const [cx, cy] = [(side * rx * y) / ry, (-side * ry * x) / rx];
  const middle: Point = [
    cos * cx - sin * cy + (from[0] + to[0]) / 2,
    sin * cx + cos * cy + (from[1] + to[1]) / 2,
  ];
  const first = Math.atan2((y - cy) / ry, (x - cx) / rx);
  const last = Math.atan2((-y - cy) / ry, (-x - cx) / rx);
  const whole = 2 * Math.PI;
  const wrapped = (((last - first) % whole) + whole) % whole;
  const angle = isSweep ? wrapped : wrapped - whole;
  const count = Math.ceil(Math.abs(angle) / (Math.PI / 2) - 1e-9);
  const step = angle / count;
  const handle = (4 / 3) * Math.tan(step / 4);
  const place = (u: number, v: number): Point => [
    middle[0] + cos * rx * u - sin * ry * v,
    middle[1] + sin * rx * u + cos * ry * v,
  ];
  return Array.from({ length: count }, (_, at) => {
    const [a, b] = [first + at * step, first + (at + 1) * step];
    return [
      place(Math.cos(a) - handle * Math.sin(a), Math.sin(a) + handle * Math.cos(a)),
      place(Math.cos(b) + handle * Math.sin(b), Math.sin(b) - handle * Math.cos(b)),
      place(Math.cos(b), Math.sin(b)),
    ];
  });
}
