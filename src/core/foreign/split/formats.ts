/** What a split is exported as. */
export const EXPORT_FORMATS = ['csv', 'parquet', 'recbole', 'sequences'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
