import { type } from '@orpc/contract';
import { z } from 'zod';
import { type Change, wantedChange } from '../store/home/change-types.ts';
import { does } from './asking.ts';

export {
  type Change,
  coming,
  deleting,
  reversed,
  type WantedChange,
  wantedChange,
} from '../store/home/change-types.ts';

/** What a user can take back. */
export const changes = {
  /**
   * All or, where something is by now not as a change expects it, none: the error's code is "changed". The answer says what there was:
   * what it says is made the other way round to take them back. What is so already is left out.
   */
  make: does
    .input(
      z.object({
        /** `homeKey` of the data folder that they are meant for. */
        home: z.string().max(10_000),
        changes: z.array(wantedChange).min(1).max(10_000),
      }),
    )
    .output(type<Change[]>()),
};
