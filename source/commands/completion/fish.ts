/** The completion for fish: one `complete` a word. */
import { type Value, type VerbGrammar, valueFlags } from './grammar.ts';

export function fish(grammar: readonly VerbGrammar[]): string {
  const parents = grammar.filter(({ path, verbs }) => path !== '' && verbs.length > 0).map(({ path }) => path);
  return `# looptop for fish: looptop completion fish | source
function __looptop_verb
    set -l verb ''
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case ${valueFlags(grammar).join(' ')}
                set skip 1
            case '-*'
            case '*'
                switch "$verb"
                    case ''
                        set verb $word
                    case ${parents.map((path) => `'${path}'`).join(' ') || "'-'"}
                        set verb "$verb $word"
                end
        end
    end
    test "$verb" = "$argv[1]"
end
complete -c looptop -f
${grammar.flatMap(linesOf).join('\n')}`;
}

function linesOf({ path, verbs, options, operand }: VerbGrammar): string[] {
  const here = `complete -c looptop -n "__looptop_verb '${path}'"`;
  return [
    ...verbs.map(({ name, about }) => `${here} -a ${name} -d '${about}'`),
    ...(verbs.length === 0 && operand !== null && operand.is !== 'text' ? [`${here} ${offer(operand)}`] : []),
    ...options.map(({ flags, about, value }) => {
      const spelled = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
      return `${here} ${spelled.join(' ')}${value === null ? '' : ` -x ${offer(value)}`} -d '${about}'`;
    }),
  ];
}

function offer(value: Value): string {
  switch (value.is) {
    case 'names':
      return `-a '(looptop names ${value.of} 2>/dev/null)'`;
    case 'words':
      return `-a '${value.words.join(' ')}'`;
    case 'file':
      return '-F';
    case 'text':
      return '';
  }
}
