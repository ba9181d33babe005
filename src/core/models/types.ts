import type { z } from 'zod';

export interface PaperReference {
  title: string;
  authors: string;
  year: number;
  /** Venue and arXiv number or DOI. */
  where: string;
}

/** What every entry of the registry says of its model. */
export interface ModelDescription {
  /** As on the command line, for example "sasrec". */
  id: string;
  title: string;
  /** One sentence for a list. */
  summary: string;
  task: 'next-item';
  paper: PaperReference;
  /** Defaults included: parsing {} gives the default config. Descriptions become help and form labels. */
  configSchema: z.ZodObject;
  /** Named changes to the defaults, with the source of the values. */
  presets: Record<string, { description: string; config: Record<string, unknown> }>;
}
