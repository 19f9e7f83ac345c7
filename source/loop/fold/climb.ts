/** What it makes of a run that somebody else makes its next pass: a stronger rung of the ladder. */
import { resolveModel } from '../crew/crew.ts';
import type { AgentDefinition } from '../definition/definition.ts';
import type { RunState, Settings } from '../state.ts';
import { climbed as onNewRung } from './stuck.ts';

export function climb(
  run: RunState,
  rung: number,
  maker: AgentDefinition,
  because: string,
  settings: Settings,
): RunState {
  // Whoever begins a pass in the place of another is told what that one tried.
  const takesOver = run.agent === null && run.passes.some((pass) => pass.endedAt !== null);
  return {
    ...onNewRung(run, because),
    rung,
    maker,
    model: resolveModel(maker, settings),
    passes: run.agent === null || run.agent.fact.is === 'dead' ? relabelled(run, maker, rung, settings) : run.passes,
    next: takesOver ? { how: 'hand-over', because: 'escalate' } : run.next,
  };
}

/** The ledger names the model that will make the pass, when none has begun on it. */
const relabelled = (run: RunState, maker: AgentDefinition, rung: number, settings: Settings): RunState['passes'] =>
  run.passes.map((pass) =>
    pass.n === run.pass && pass.endedAt === null
      ? { ...pass, rung, engine: maker.engine, model: resolveModel(maker, settings) }
      : pass,
  );
