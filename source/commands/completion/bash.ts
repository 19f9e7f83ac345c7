/** The completion for bash. What a repository is called never goes through `compgen -W`, which would expand it. */
import { type Value, type VerbGrammar, valueFlags } from './grammar.ts';

export function bash(grammar: readonly VerbGrammar[]): string {
  const parents = grammar.filter(({ path, verbs }) => path !== '' && verbs.length > 0).map(({ path }) => path);
  return `# looptop for bash: source <(looptop completion bash)
_looptop_offer() {
  local word
  while IFS= read -r word; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}
_looptop() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="" verb="" word i
  COMPREPLY=()
  ((COMP_CWORD > 0)) && prev="\${COMP_WORDS[COMP_CWORD - 1]}"
  # bash takes --by=model for three words.
  if [[ $cur == "=" ]]; then cur=""; elif [[ $prev == "=" ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in
      ${valueFlags(grammar).join(' | ')})
        ((i++))
        [[ \${COMP_WORDS[i]} == "=" ]] && ((i++))
        ;;
      -* | =) ;;
      *) case "$verb" in "") verb="$word" ;; ${parents.map((path) => `'${path}'`).join(' | ') || "'-'"}) verb="$verb $word" ;; esac ;;
    esac
  done
  case "$verb $prev" in
${grammar.flatMap(valuesOf).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case "$verb" in
${grammar.map(({ path, options }) => `      '${path}') _looptop_offer <<<${words(options.flatMap(({ flags }) => flags))} ;;`).join('\n')}
    esac
    return
  fi
  case "$verb" in
${grammar.flatMap(operandsOf).join('\n')}
  esac
}
complete -F _looptop looptop`;
}

const valuesOf = ({ path, options }: VerbGrammar): string[] =>
  options.flatMap(({ flags, value }) =>
    value === null ? [] : flags.map((flag) => `    '${path} ${flag}') ${offer(value)}; return ;;`),
  );

function operandsOf({ path, verbs, operand }: VerbGrammar): string[] {
  if (verbs.length > 0) return [`    '${path}') _looptop_offer <<<${words(verbs.map(({ name }) => name))} ;;`];
  return operand === null || operand.is === 'text' ? [] : [`    '${path}') ${offer(operand)} ;;`];
}

function offer(value: Value): string {
  switch (value.is) {
    case 'names':
      return `_looptop_offer < <(looptop names ${value.of} 2>/dev/null)`;
    case 'words':
      return `_looptop_offer <<<${words(value.words)}`;
    case 'file':
      return 'compopt -o default 2>/dev/null; COMPREPLY=()';
    case 'text':
      return ':';
  }
}

/** As a literal of bash, one word a line. They are the program's own, and plain. */
const words = (list: readonly string[]): string => `$'${list.join('\\n')}'`;
