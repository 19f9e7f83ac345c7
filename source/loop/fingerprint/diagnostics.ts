/** Compilers and linters, whose failures have a place and a rule instead of a name: tsc, eslint, biome, rustc. */
import type { Failure, Recogniser } from './failure.ts';

/** `a.ts(1,14): error TS2322: what`, or pretty: `a.ts:1:14 - error TS2322: what`. */
export const tsc: Recogniser = (lines) =>
  lines.flatMap((line) => {
    const [, file, code, what] = /^(\S.*?)(?:\(\d+,\d+\):|:\d+:\d+ -) error (TS\d+): (.+)$/.exec(line) ?? [];
    if (file !== undefined) return [diagnostic(file, code, what)];
    const [, alone, words] = /^error (TS\d+): (.+)$/.exec(line) ?? [];
    return alone === undefined ? [] : [diagnostic('tsc', alone, words)];
  });

/** A line with the file, then `  1:5  error  what it is  rule`. Warnings are left out: they do not fail a gate by default. */
export const eslint: Recogniser = (lines) => {
  let file = '';
  return lines.flatMap((line) => {
    if (/^\S.*\.\w{1,5}$/.test(line)) file = line;
    const [, what, rule] = /^\s+\d+:\d+ {2,}error {2,}(\S.*?)(?: {2,}(\S+))?$/.exec(line) ?? [];
    if (what === undefined || file === '') return [];
    return [diagnostic(lastPart(file), rule, what)];
  });
};

/** `a.ts:1:8 lint/group/rule ━━━`, then `  × what` (or `!` for a warning). */
export const biome: Recogniser = (lines) =>
  lines.flatMap((line, index) => {
    const [, file, rule] =
      /^(\S+?)(?::\d+:\d+)? ((?:lint|assist|parse|format|organizeImports|suppressions)\S*) .*━/.exec(line) ?? [];
    if (file === undefined) return [];
    const said = lines.slice(index + 1, index + 6).find((below) => /^\s+[×!] /.test(below));
    return [diagnostic(file, rule, said?.trim().slice(2))];
  });

/** `error[E0308]: what` with the place on the line below. */
export const rustc: Recogniser = (lines) =>
  lines.flatMap((line, index) => {
    const [, code, what] = /^error(\[E\d+\])?: (.+)$/.exec(line) ?? [];
    const file = /^\s*--> (\S+?):\d+:\d+$/.exec(lines[index + 1] ?? '')?.[1];
    if (what === undefined || file === undefined) return [];
    return [diagnostic(file, code?.slice(1, -1), what)];
  });

/** The file alone would be too little to tell two failures apart, and the line too much. */
const diagnostic = (file: string, rule: string | undefined, what: string | undefined): Failure => ({
  name: `${file}: ${what ?? 'failed'}${rule === undefined ? '' : ` (${rule})`}`,
  reason: '',
});

const lastPart = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;
