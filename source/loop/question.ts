/** Questions that an agent asks through a tool of ours: the answer goes back the same way, and never into the agent's stdin. */
import type { Hold } from './state.ts';

const BY_TOOL = 'tool:';

/** The id of such a question in events and holds. @param ask the agent's own id for it */
export const askByTool = (ask: string): string => `${BY_TOOL}${ask}`;

export const isByTool = (
  hold: Hold | null,
): hold is Extract<Hold, { kind: 'waiting' }> & { readonly ask: `${typeof BY_TOOL}${string}` } =>
  hold?.kind === 'waiting' && hold.ask.startsWith(BY_TOOL);
