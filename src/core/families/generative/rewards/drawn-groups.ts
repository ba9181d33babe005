/** Groups of IDs as the policy drew them for the last step before a validation: some are kept in the run's folder, `drawn-groups/`. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../errors.ts';
import { writeDurably } from '../../../files/durable.ts';
import { readJson } from '../../../files/json.ts';
import { type Catalogue, itemsUnder } from '../code-tokens.ts';

const FOLDER = 'drawn-groups';
/** Groups of a validation, and IDs of a group: a file has some ten kilobytes. */
const MOST_GROUPS = 4;
const MOST_IDS = 64;

const whole = z.int().nonnegative();
const idSchema = z.object({
  codes: z.array(whole),
  /** Of the token that tells equal codes apart; 0 for none. */
  collisionToken: whole,
  /** The first item of the ID, dense, and how many more have it. */
  item: whole,
  others: whole,
});
const groupSchema = z.object({
  /** Dense. */
  user: whole,
  /** What came next in the training part. */
  next: idSchema,
  /** By falling probability under the policy that drew them. */
  ids: z.array(
    idSchema.extend({
      probability: z.number(),
      isNext: z.boolean(),
      reward: z.number(),
      advantage: z.number(),
    }),
  ),
});
const drawnSchema = z.object({
  format: z.literal(1),
  epoch: whole,
  step: whole,
  /** Groups of the step, of which those below are kept. */
  groupsDrawn: whole,
  groups: z.array(groupSchema),
});

export type DrawnGroups = z.output<typeof drawnSchema>;
type KeptId = z.output<typeof idSchema>;

/** A group as a step has it. */
export interface StepGroup {
  /** Dense. */
  user: number;
  /** Tokens of the ID that came next, and of those drawn. */
  target: Int32Array;
  ids: readonly Int32Array[];
  /** Of each ID: summed log-probability, rank by it from 1, reward, advantage. */
  sums: readonly number[];
  ranks: readonly number[];
  rewards: readonly number[];
  advantages: readonly number[];
  hits: readonly boolean[];
}

/** Keeps the first groups of the latest step, and in place of the last of them the first with a hit where none of them has one. */
export class GroupKeeper {
  readonly #catalogue: Catalogue;
  readonly #runDir: string;
  #step = 0;
  #count = 0;
  #groups: StepGroup[] = [];

  constructor(catalogue: Catalogue, runDir: string) {
    this.#catalogue = catalogue;
    this.#runDir = runDir;
  }

  begin(step: number): void {
    this.#step = step;
    this.#count = 0;
    this.#groups = [];
  }

  add(group: StepGroup): void {
    this.#count++;
    if (this.#groups.length < MOST_GROUPS) this.#groups.push(group);
    else if (group.hits.includes(true) && !this.#groups.some(({ hits }) => hits.includes(true)))
      this.#groups[MOST_GROUPS - 1] = group;
  }

  /** Those of an epoch that ended with the step. Nothing before the first step. */
  write(epoch: number): void {
    if (this.#count === 0) return;
    const drawn: DrawnGroups = {
      ...{ format: 1, epoch, step: this.#step, groupsDrawn: this.#count },
      groups: this.#groups.map((group) => this.#kept(group)),
    };
    mkdirSync(join(this.#runDir, FOLDER), { recursive: true });
    writeDurably(pathOf(this.#runDir, epoch), [Buffer.from(`${JSON.stringify(drawn)}\n`)]);
  }

  #kept({ user, target, ids, sums, ranks, rewards, advantages, hits }: StepGroup): DrawnGroups['groups'][0] {
    const order = [...ids.keys()].sort((a, b) => ranks[a] - ranks[b]).slice(0, MOST_IDS);
    return {
      user,
      next: this.#idOf(target),
      ids: order.map((at) => ({
        ...this.#idOf(ids[at]),
        ...{ probability: Math.exp(sums[at]), isNext: hits[at] },
        ...{ reward: rewards[at], advantage: advantages[at] },
      })),
    };
  }

  #idOf(tokens: Int32Array): KeptId {
    const {
      tokens: { levels },
      search,
    } = this.#catalogue;
    const codes = Array.from(tokens, (token, level) => token - levels.starts[level]);
    const [item, ...others] = itemsUnder(search, tokens.length, search.trie.find(tokens));
    return {
      codes: codes.slice(0, levels.semantic),
      collisionToken: codes[levels.semantic] ?? 0,
      ...{ item, others: others.length },
    };
  }
}

const pathOf = (runDir: string, epoch: number) => join(runDir, FOLDER, `epoch-${epoch}.json`);

/** Epochs of which groups are kept, in their order. */
export function epochsDrawn(runDir: string): number[] {
  const folder = join(runDir, FOLDER);
  if (!existsSync(folder)) return [];
  const found = readdirSync(folder).flatMap((name) => /^epoch-(\d+)\.json$/.exec(name)?.[1] ?? []);
  return found.map(Number).sort((a, b) => a - b);
}

/** Throws UserError where they are not there, or damaged. */
export function readDrawnGroups(runDir: string, epoch: number): DrawnGroups {
  const path = pathOf(runDir, epoch);
  const parsed = drawnSchema.safeParse(readJson(path));
  if (!parsed.success)
    throw new UserError(`${path}: not a list of drawn groups; the run itself is not affected`);
  return parsed.data;
}
