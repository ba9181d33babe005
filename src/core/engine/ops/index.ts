/**
 * Ops with hand-written gradients: cheaper graphs than tfjs's own gradients give, and fused ONNX
 * operators where ONNX Runtime has them. Each runs eagerly too, composed of plain tfjs ops.
 */
export * from './along-rows.ts';
export * from './count-below.ts';
export * from './custom-gradient.ts';
export * from './dropout.ts';
export * from './gather-rows.ts';
export * from './gelu.ts';
export * from './l2-normalize.ts';
export * from './layer-normalize.ts';
export * from './ordered.ts';
export * from './real-rows.ts';
export * from './recomputed.ts';
export * from './rms-normalize.ts';
export { gatheredSoftmaxLoss } from './sampled-softmax.ts';
export * from './silu.ts';
export { type SoftmaxLossInputs, tracedSoftmaxLoss } from './softmax-loss.ts';
