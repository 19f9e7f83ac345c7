/** What a red pass teaches, before the next one begins: a reflection by a cheap model, or by a template. */
import { dueReflection, readReflection, templateReflection } from '../crew/reflection.ts';
import type { AgentState, Reflection, RunState } from '../state.ts';
import { beginPass, inPhase, traced } from './steps.ts';

/** Reflections that are remembered; a prompt shows three. */
const REFLECTIONS_KEPT = 20;

/** The next pass begins with what the failure taught, by the reflector's words or, where they cannot be read, by the template. */
export function withReflectorEnded(run: RunState, agent: AgentState, at: number): RunState {
  const due = dueReflection(run);
  const read = due && readReflection(agent.said, { ...due, model: agent.model });
  if (!due || !read) return withoutReflector(run, 'the reflector said nothing that can be read', at);
  const { fingerprint, id: gate } = due.gate;
  const known = fingerprint === null || run.ruled.includes(fingerprint) || run.draft !== null;
  const draft = read.rule === null || known ? run.draft : { ...read.rule, gate, fingerprint, pass: due.pass.n };
  return nextPass(reflected({ ...run, draft }, read.reflection, at), at);
}

/** Nobody was asked, or nobody answered: the template says what can be said. */
export function withoutReflector(run: RunState, because: string, at: number): RunState {
  return nextPass(traced(withTemplate(run, at), at, 'system', because), at);
}

export function withTemplate(run: RunState, at: number): RunState {
  const reflection = templateReflection(run);
  return reflection === null ? run : reflected(run, reflection, at);
}

function reflected(run: RunState, reflection: Reflection, at: number): RunState {
  const reflections = [...run.reflections.slice(1 - REFLECTIONS_KEPT), reflection];
  const words = `${reflection.diagnosis} ${reflection.hypothesis}`.trim();
  return reflection.by === 'template' ? { ...run, reflections } : traced({ ...run, reflections }, at, 'system', words);
}

const nextPass = (run: RunState, at: number): RunState => beginPass(inPhase({ ...run, retry: null }, 'making'), at);
