import { oc, type } from '@orpc/contract';
import type { PublishedSection } from '../documents/types.ts';

export interface PublishedPage {
  /** Data sets that at least one source has results for. */
  datasets: { id: string; title: string; users: number | null; interactions: number | null }[];
  sources: {
    id: string;
    title: string;
    where: string;
    protocol: string;
    sections: { dataset: string; section: PublishedSection }[];
  }[];
}

export const published = {
  /** Published results that ship with the program. */
  list: oc.output(type<PublishedPage>()),
};
