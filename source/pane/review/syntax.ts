/**
 * What the pieces of a line of code are: comments, strings, keywords, numbers. By the look of the line alone, so a line in the middle
 * of a long comment may be taken for code; colour is a help here and nothing rests on it.
 */

export type Piece = 'plain' | 'comment' | 'string' | 'keyword' | 'number';

/** Half-open range of UTF-16 units. */
export interface Token {
  readonly from: number;
  readonly to: number;
  readonly piece: Piece;
}

interface Grammar {
  readonly pattern: RegExp;
  readonly keywords: ReadonlySet<string>;
}

/** Longer lines are data. */
const LONGEST = 2000;

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const STRINGS = String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|${'`'}(?:[^${'`'}\\]|\\.)*${'`'}?`;
const REST = String.raw`(?<number>\b(?:0[xob][\da-f_]+|\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)n?\b)|(?<word>[\p{L}_$][\p{L}\p{N}_$]*)`;

const grammar = (comment: string, keywords: string, strings = STRINGS): Grammar => ({
  pattern: new RegExp(`(?<comment>${comment})|(?<string>${strings})|${REST}`, 'giu'),
  keywords: words(keywords),
});

const C_LIKE = String.raw`\/\/.*|\/\*.*?(?:\*\/|$)|^\s*\*(?:\s.*|\/.*|$)`;
const HASH = String.raw`(?:^|(?<=\s))#.*`;

const SCRIPT = grammar(
  C_LIKE,
  'abstract as async await break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in infer instanceof interface is keyof let namespace new null of override private protected public readonly return satisfies set static super switch this throw true try type typeof undefined unknown never using var void while with yield string number boolean any',
);
const C = grammar(
  C_LIKE,
  'abstract actual alignas as assert async auto base bool boolean break byte case catch chan char class companion const constexpr continue crate data decimal def default defer delegate delete do double else enum event explicit extends extern fallthrough false final finally float fn for foreach friend func fun go goto guard if impl implements import in init inline instanceof int interface internal is lateinit let lock long loop map match mod module mut namespace native new nil noexcept null nullptr object open operator out override package params private protected protocol pub public range readonly record ref register return sbyte sealed select self short signed sizeof static strictfp string struct super suspend switch synchronized template this throw throws trait transient true try type typedef typename uint union unsafe unsigned use using val var virtual void volatile when where while yield',
  String.raw`"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)'|${'`'}[^${'`'}]*${'`'}?`,
);
const PYTHON = grammar(
  HASH,
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return self try while with yield',
  String.raw`[rbfu]{0,2}(?:"""(?:.*?"""|.*)|'''(?:.*?'''|.*)|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?)`,
);
const RUBY = grammar(
  HASH,
  'alias and begin break case class def defined do else elsif end ensure false for if in module next nil not or redo rescue retry return self super then true undef unless until when while yield require attr_reader attr_accessor',
);
const SHELL = grammar(
  HASH,
  'if then else elif fi for while until do done case esac in function return local export readonly set unset shift exit trap source eval exec echo test',
);
const DATA = grammar(HASH, 'true false null yes no on off');
const SQL = grammar(
  String.raw`--.*|\/\*.*?(?:\*\/|$)`,
  'select from where insert into values update set delete create alter drop table index view and or not null primary key foreign references join left right inner outer on group by order having limit offset union all distinct as case when then else end default unique constraint begin commit rollback',
);
const STYLE = grammar(
  String.raw`\/\*.*?(?:\*\/|$)|\/\/.*`,
  'important inherit none auto block flex grid absolute relative fixed',
);
const MARKUP = grammar('<!--.*?(?:-->|$)', '', '"[^"]*"');
const PROSE = grammar(String.raw`^(?:#{1,6}\s.*|>.*)`, '', '`[^`]*`');

const BY_ENDING: Readonly<Record<string, Grammar>> = Object.fromEntries(
  (
    [
      [SCRIPT, 'ts tsx js jsx mjs cjs mts cts vue svelte'],
      [C, 'c h cc cpp cxx hpp cs java kt kts scala go rs swift dart php zig groovy proto'],
      [PYTHON, 'py pyi'],
      [RUBY, 'rb ex exs cr'],
      [SHELL, 'sh bash zsh fish bats'],
      [DATA, 'yaml yml toml ini conf env json jsonc json5 tf hcl properties'],
      [SQL, 'sql'],
      [STYLE, 'css scss less sass'],
      [MARKUP, 'html htm xml svg'],
      [PROSE, 'md mdx'],
    ] as const
  ).flatMap(([of, endings]) => endings.split(' ').map((ending) => [ending, of])),
);

/** The pieces of a line that are not plain, in order and apart from each other. */
export function tokens(path: string, line: string): Token[] {
  const ending = /(?:^|[/.])([^/.]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const known = /^(?:dockerfile|makefile|justfile)$/.test(ending)
    ? SHELL
    : Object.hasOwn(BY_ENDING, ending)
      ? BY_ENDING[ending]
      : undefined;
  if (known === undefined || line.length > LONGEST) return [];
  const found: Token[] = [];
  for (const match of line.matchAll(known.pattern)) {
    const { comment, string, number, word } = match.groups ?? {};
    const piece: Piece =
      comment !== undefined
        ? 'comment'
        : string !== undefined
          ? 'string'
          : number !== undefined
            ? 'number'
            : word !== undefined && known.keywords.has(known === SQL ? word.toLowerCase() : word)
              ? 'keyword'
              : 'plain';
    if (piece !== 'plain') found.push({ from: match.index, to: match.index + match[0].length, piece });
  }
  return found;
}
