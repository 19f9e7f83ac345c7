/** What a commit of a run's work says: the loop's words, and which gates were green on it. */
import { demandOf } from '../../loop/definition/gates.ts';
import type { RunState } from '../../loop/state.ts';

/** One line. */
export function subjectOf(run: RunState): string {
  const summary = run.definition.goal.split('\n')[0]?.slice(0, 72) ?? run.loop;
  return (run.definition.commit.replaceAll('{{summary}}', summary).split('\n')[0] ?? run.loop).trim();
}

export function messageOf(run: RunState): string {
  const summary = run.definition.goal.split('\n')[0]?.slice(0, 72) ?? run.loop;
  const subject = run.definition.commit.replaceAll('{{summary}}', summary);
  const gates = run.definition.gates.map((gate) => `- ${gate.id}: ${demandOf(gate)}`).join('\n');
  return `${subject}\n\nRun ${run.id}, pass ${run.pass} of ${run.budget.passes}, ${run.model}. Green:\n${gates}\n`;
}
