export { ChunkedMatrix } from './matrix.ts';
export { RowSlots } from './slots.ts';
export { checkTableOptimiser, HostTable, type IdBags, type Placement } from './table.ts';
export { type HostLookup, type HostTableSize, type HostTableSizes, HostTables } from './tables.ts';
