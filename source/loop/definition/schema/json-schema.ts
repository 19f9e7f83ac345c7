/** The front matter's schema as JSON Schema 2020-12 for editors, made from the zod schema. */
import * as z from 'zod';
import { frontMatter } from './front-matter.ts';

/** The text of `loops/schema.json`. */
export function jsonSchemaText(): string {
  const { $schema, ...schema } = z.toJSONSchema(frontMatter, { target: 'draft-2020-12', io: 'input', override: tidy });
  const whole = {
    $schema,
    title: 'Front matter of a looptop loop file (loops/*.md)',
    ...schema,
    patternProperties: { '^x-': true },
    // Beyond what types say: an exploration needs a budget, everything else a gate.
    if: { properties: { kind: { const: 'open' } }, required: ['kind'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['budget'] },
    else: { required: ['gates'] },
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

/** Leaves out the bounds that only say "a safe integer". */
function tidy({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
