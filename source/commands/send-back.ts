/** send-back: green work goes to its maker once more, with the operator's note. */
import type { Command } from 'commander';
import { command } from './command.ts';

export function sendBack(program: Command): void {
  program
    .command('send-back')
    .description('give green work back to its maker with a note; the next pass begins')
    .argument('<run>', 'id of the run')
    .argument('<note...>', 'what is to be changed')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample:\n  looptop send-back ci-fix-12 "keep the old name of the export"')
    .action((run: string, note: string[], { json }: { json?: true }) =>
      command({ do: 'send-back', run, note: note.join(' ') }, json),
    );
}
