/** note: the operator's words into a running pass, or the answer to what an agent asks. */
import type { Command } from 'commander';
import { command } from './command.ts';

export function note(program: Command): void {
  program
    .command('note')
    .description("your words into a run's running pass, or the answer to its question")
    .argument('<run>', 'id of the run')
    .argument('<text...>', 'what to tell it')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  looptop note ci-fix-12 "the retry test wants fake timers"')
    .action((run: string, text: string[], { json }: { json?: true }) =>
      command({ do: 'note', run, text: text.join(' ') }, json),
    );
}
