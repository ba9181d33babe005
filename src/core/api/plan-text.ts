/** A plan as text, changed by a form. Not in the contract: the hub has no use for YAML. */
export { changeText, linesOfModel } from '../plans/edit-plan.ts';
export { leaveOut, partsLeftOut } from '../plans/leave-out.ts';
export { type AskedModel, planOfRequests } from '../plans/plan-of-requests.ts';
