/** Who plays which role, and whose turn it is. One agent process at a time works for a run. */
import type { AgentDefinition, Role } from '../definition/definition.ts';
import type { RunState, Settings } from '../state.ts';

/** The role that the run's phase calls for next; a triage loop's maker is its triage agent. */
export function nextRole(run: RunState): Role {
  if (run.status.tag !== 'open') return 'maker';
  switch (run.status.phase) {
    case 'checking':
      return 'checker';
    case 'reflecting':
      return 'reflector';
    default:
      return run.definition.leads;
  }
}

/** Its work is judged, and goes on where it was; the others only say something. */
export const isMaker = (role: Role): boolean => role === 'maker' || role === 'triage';

/** Who plays it. The maker is whoever the ladder says; the others stay the same all along. */
export function playerOf(run: RunState, role: Role): AgentDefinition {
  switch (role) {
    case 'checker':
      return run.definition.checker?.agent ?? run.maker;
    case 'reflector':
      return run.definition.reflector ?? run.maker;
    case 'maker':
    case 'triage':
      return run.maker;
  }
}

/** Tier -> model by the operator's settings; what is no tier is already a model. */
export const resolveModel = (agent: AgentDefinition, settings: Settings): string =>
  settings.tiers[agent.engine]?.[agent.model] ?? agent.model;
