/** What runs are written as. */
export const RUN_FORMATS = ['csv', 'parquet', 'jsonl', 'tensorboard'] as const;
export type RunFormat = (typeof RUN_FORMATS)[number];
