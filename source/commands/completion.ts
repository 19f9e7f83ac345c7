/** completion: a script for the operator's shell that knows the verbs, their options, and the names of this repository. */
import { Argument, type Command } from 'commander';
import { bash } from './completion/bash.ts';
import { fish } from './completion/fish.ts';
import { grammarOf } from './completion/grammar.ts';
import { zsh } from './completion/zsh.ts';
import { print } from './print.ts';

const SHELLS = { bash, zsh, fish } as const;

export function completion(program: Command): void {
  program
    .command('completion')
    .description('print a completion for bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'your shell').choices(Object.keys(SHELLS)))
    .addHelpText(
      'after',
      `
Examples, in the file that your shell reads when it starts:
  bash  source <(looptop completion bash)
  zsh   source <(looptop completion zsh)
  fish  looptop completion fish | source`,
    )
    .action((shell: keyof typeof SHELLS) => print(SHELLS[shell](grammarOf(program))));
}
