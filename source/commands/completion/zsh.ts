/** The completion for zsh: the same table as bash's, with what each word means beside it. */
import { type Value, type VerbGrammar, valueFlags } from './grammar.ts';

export function zsh(grammar: readonly VerbGrammar[]): string {
  const parents = grammar.filter(({ path, verbs }) => path !== '' && verbs.length > 0).map(({ path }) => path);
  return `#compdef looptop
# looptop for zsh: source <(looptop completion zsh), or this file as _looptop in your fpath
_looptop() {
  local verb="" prev="\${words[CURRENT - 1]}" word i
  local -a offered
  # --by=model is one word here.
  if [[ $PREFIX == --*=* ]]; then prev="\${PREFIX%%=*}"; compset -P '*='; fi
  for ((i = 2; i < CURRENT; i++)); do
    word="\${words[i]}"
    case "$word" in
      (${valueFlags(grammar).join('|')}) ((i++)) ;;
      (-*) ;;
      (*) case "$verb" in ("") verb="$word" ;; (${parents.map((path) => `'${path}'`).join('|') || "'-'"}) verb="$verb $word" ;; esac ;;
    esac
  done
  case "$verb $prev" in
${grammar.flatMap(valuesOf).join('\n')}
  esac
  if [[ $PREFIX == -* ]]; then
    case "$verb" in
${grammar.map(({ path, options }) => `      ('${path}') offered=(${described(options.flatMap(({ flags, about }) => flags.map((name) => ({ name, about }))))}) ;;`).join('\n')}
    esac
    _describe option offered
    return
  fi
  case "$verb" in
${grammar.flatMap(operandsOf).join('\n')}
  esac
}
if [[ $funcstack[1] == _looptop ]]; then _looptop "$@"; else (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }; compdef _looptop looptop; fi`;
}

const valuesOf = ({ path, options }: VerbGrammar): string[] =>
  options.flatMap(({ flags, value }) =>
    value === null ? [] : flags.map((flag) => `    ('${path} ${flag}') ${offer(value)}; return ;;`),
  );

function operandsOf({ path, verbs, operand }: VerbGrammar): string[] {
  if (verbs.length > 0) return [`    ('${path}') offered=(${described(verbs)}); _describe verb offered ;;`];
  return operand === null || operand.is === 'text' ? [] : [`    ('${path}') ${offer(operand)} ;;`];
}

function offer(value: Value): string {
  switch (value.is) {
    case 'names':
      return `offered=("\${(@f)$(looptop names ${value.of} 2>/dev/null)}"); compadd -a offered`;
    case 'words':
      return `compadd ${value.words.join(' ')}`;
    case 'file':
      return '_files';
    case 'text':
      return ':';
  }
}

const described = (list: readonly { readonly name: string; readonly about: string }[]): string =>
  list.map(({ name, about }) => `'${name}:${about}'`).join(' ');
