export * from './additive-attention.ts';
export * from './attention.ts';
export * from './basics.ts';
export * from './gru.ts';
export * from './losses.ts';
export * from './parameters.ts';
export * from './random-inputs.ts';
